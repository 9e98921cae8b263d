import { lazy, Suspense, useSyncExternalStore } from "react";
import { Link, Route, Switch, useLocation } from "wouter";
import { IconButton, Spinner } from "../ui/controls";
import { Icon } from "../ui/icons";
import { useTitle } from "../ui/useTitle";
import styles from "./App.module.css";
import { Dropping } from "./Dropping";
import { Home } from "./Home";
import { Keys } from "./Keys";
import { Login, useLocked } from "./Login";
import { Menu } from "./Menu";
import { Outage } from "./Outage";
import { AdminLinks, Person, To } from "./Person";
import { type ThemeName, useTheme } from "./theme";
import { UploadsProvider } from "./uploads";
import { useKeptFocus } from "./useKeptFocus";

// The scene is a chunk of its own: the first page does without it.
const Workspace = lazy(() => import("../workspace/Workspace"));
const ComparePage = lazy(() => import("../compare/ComparePage"));
const NewBatch = lazy(() => import("../batches/NewBatch"));
const BatchPage = lazy(() => import("../batches/BatchPage"));
const KeysPage = lazy(() => import("../keys/KeysPage"));
const PoolPage = lazy(() => import("../pool/PoolPage"));
const WebhooksPage = lazy(() => import("../webhooks/WebhooksPage"));
const SharedPage = lazy(() => import("../share/SharedPage"));

export function App() {
  const [path] = useLocation();
  useKeptFocus();
  return path === "/shared" ? <Shared /> : <Own />;
}

/** Shared is the page of somebody who has a link to one mesh, and may have no key: there is no way to anything else. */
function Shared() {
  const [theme, toggleTheme] = useTheme();
  const word = useSyncExternalStore(followHash, () => window.location.hash.slice(1));
  return (
    <>
      <Outage />
      <div className={styles.app}>
        <header className={styles.bar}>
          <span className={styles.brand}>
            <img src="/icon.svg" alt="" width="22" height="22" />
            <span className={styles.word}>Meshgen</span>
          </span>
          <div id="bar-middle" className={styles.middle} />
          <ThemeButton theme={theme} onToggle={toggleTheme} />
        </header>
        <main className={styles.main}>
          <Suspense fallback={<Waiting />}>
            <SharedPage key={word} word={word} theme={theme} />
          </Suspense>
        </main>
      </div>
    </>
  );
}

function followHash(changed: () => void): () => void {
  window.addEventListener("hashchange", changed);
  return () => window.removeEventListener("hashchange", changed);
}

function ThemeButton({ theme, onToggle }: { theme: ThemeName; onToggle: () => void }) {
  return (
    <IconButton kind="quiet" label={theme === "light" ? "Dark colours" : "Light colours"} onClick={onToggle}>
      <Icon name={theme === "light" ? "moon" : "sun"} />
    </IconButton>
  );
}

/** Own is the page of somebody's own parts. */
function Own() {
  const [theme, toggleTheme] = useTheme();
  const locked = useLocked();
  return (
    <UploadsProvider>
      {!locked && <Dropping />}
      <Outage />
      {locked && <Login />}
      <div className={styles.app} inert={locked}>
        <header className={styles.bar}>
          <Link href="/" className={styles.brand}>
            <img src="/icon.svg" alt="" width="22" height="22" />
            <span className={styles.word}>Meshgen</span>
          </Link>
          <div id="bar-middle" className={styles.middle} />
          <Menu>
            <AdminLinks />
            <To href="/queue">Queue</To>
            <a href="/docs">API</a>
            <Person />
          </Menu>
          <Keys />
          <ThemeButton theme={theme} onToggle={toggleTheme} />
        </header>
        <main className={styles.main}>
          <Switch>
            <Route path="/" component={Home} />
            <Route path="/parts/:geometry">
              {(p) => (
                <Suspense fallback={<Waiting />}>
                  <Workspace key={p.geometry} geometry={p.geometry} theme={theme} />
                </Suspense>
              )}
            </Route>
            <Route path="/parts/:geometry/:mesh">
              {(p) => (
                <Suspense fallback={<Waiting />}>
                  <Workspace key={p.geometry} geometry={p.geometry} mesh={p.mesh} theme={theme} />
                </Suspense>
              )}
            </Route>
            <Route path="/compare/:geometry/:left/:right">
              {(p) => (
                <Suspense fallback={<Waiting />}>
                  <ComparePage key={p.geometry} geometry={p.geometry} left={p.left} right={p.right} theme={theme} />
                </Suspense>
              )}
            </Route>
            <Route path="/batches/new">
              <Suspense fallback={<Waiting />}>
                <NewBatch />
              </Suspense>
            </Route>
            <Route path="/batches/:batch">
              {(p) => (
                <Suspense fallback={<Waiting />}>
                  <BatchPage key={p.batch} id={p.batch} />
                </Suspense>
              )}
            </Route>
            <Route path="/keys">
              <Suspense fallback={<Waiting />}>
                <KeysPage />
              </Suspense>
            </Route>
            <Route path="/webhooks">
              <Suspense fallback={<Waiting />}>
                <WebhooksPage />
              </Suspense>
            </Route>
            <Route path="/queue">
              <Suspense fallback={<Waiting />}>
                <PoolPage />
              </Suspense>
            </Route>
            <Route component={NoPage} />
          </Switch>
        </main>
      </div>
    </UploadsProvider>
  );
}

function NoPage() {
  useTitle("No such page");
  return (
    <div className={styles.empty}>
      <h1>There is no such page</h1>
      <Link href="/">Your parts</Link>
    </div>
  );
}

function Waiting() {
  return (
    <div className={styles.empty}>
      <Spinner label="Loading" />
    </div>
  );
}
