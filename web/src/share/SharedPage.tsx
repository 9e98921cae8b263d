/** What a share link shows: one mesh, to be looked at and downloaded. Nothing can be changed here, and nothing leads elsewhere. */
import { useCallback, useMemo, useState } from "react";
import { createPortal } from "react-dom";
import { type ApiError, AWAY } from "../api/client";
import type { ThemeName } from "../app/theme";
import { groupsOf } from "../entities/rows";
import { useVisibility } from "../entities/useVisibility";
import { bytes, day } from "../format";
import { Quality } from "../inspect/Quality";
import { useInspection } from "../inspect/useInspection";
import { Note, Spinner } from "../ui/controls";
import { Icon } from "../ui/icons";
import { useTitle } from "../ui/useTitle";
import type { Entities } from "../viewer/structure";
import { filesOf } from "../workspace/artifacts";
import { FIRST_LOOK, type Look } from "../workspace/look";
import { Success } from "../workspace/Result";
import results from "../workspace/Result.module.css";
import { Scene } from "../workspace/Scene";
import { Warnings } from "../workspace/Warnings";
import styles from "../workspace/Workspace.module.css";
import { type Shared, useShared } from "./queries";
import own from "./Share.module.css";

export default function SharedPage({ word, theme }: { word: string; theme: ThemeName }) {
  const shared = useShared(word);
  // One that is seen stays, unless it was taken back.
  if (shared.data && shared.error?.status !== 404) {
    return <SharedMesh shared={shared.data} stale={shared.error} theme={theme} />;
  }
  return (
    <div className={own.nothing}>
      {word !== "" && (shared.isPending || shared.error?.status === AWAY) ? (
        <Spinner label="Loading the mesh" />
      ) : (
        <>
          <h1 className={styles.title}>This link shows nothing</h1>
          <Note kind="bad">{why(word, shared.error)}</Note>
        </>
      )}
    </div>
  );
}

function why(word: string, error: ApiError | null): string {
  if (word === "" || error?.status === 404) {
    return "It is not whole, has expired, or was taken back. Ask whoever sent it for another.";
  }
  return error?.message ?? "";
}

interface Props {
  shared: Shared;
  /** Why it may not be as it is any more. */
  stale: ApiError | null;
  theme: ThemeName;
}

function SharedMesh({ shared: { mesh: m, geometry, expires_at }, stale, theme }: Props) {
  const [look, setLook] = useState<Look>(FIRST_LOOK);
  const [picked, setPicked] = useState<readonly number[]>([]);
  const inspected = useInspection({ id: m.id, mesh: m, look, onLook: setLook });
  const setHidden = useCallback((hidden: Entities) => setLook((l) => ({ ...l, hidden })), []);
  const visibility = useVisibility(geometry, look.hidden, setHidden);
  const groups = useMemo(() => groupsOf(geometry, m.spec.groups), [geometry, m]);
  const surface = m.artifacts.find((a) => a.format === "surface" && !a.preview) ?? geometry.preview;
  const volume = m.artifacts.find((a) => a.format === "volume");
  const bar = document.getElementById("bar-middle");
  useTitle(geometry.filename);
  return (
    <div className={styles.workspace} data-nothing={!surface || undefined}>
      {bar && createPortal(<h1 className={styles.title}>{geometry.filename}</h1>, bar)}
      <Scene
        surface={surface}
        volume={volume}
        structure={visibility.structure}
        solids={geometry.solids}
        groups={groups}
        theme={theme}
        units={geometry.units}
        look={look}
        onLook={setLook}
        {...inspected.scene}
        picked={picked}
        onPicked={setPicked}
        camera={null}
      />
      <aside className={styles.panel} aria-label="The mesh">
        <p className={results.quiet}>Shared with you until {day(expires_at)}.</p>
        {stale && stale.status !== AWAY && (
          <Note kind="warn">This may be out of date, for it could not be asked for again: {stale.message}</Note>
        )}
        <section aria-label="Result" className={results.result} data-status={m.status}>
          {m.status === "succeeded" ? (
            <Success mesh={m} units={geometry.units}>
              <h2 className={results.title}>Files</h2>
              <ul className={results.files}>
                {filesOf(m).map((a) => (
                  <li key={a.id}>
                    <a href={a.url} download>
                      <Icon name="download" size={16} /> {a.name}
                    </a>
                    <span className={results.quiet}>{bytes(a.size)}</span>
                  </li>
                ))}
              </ul>
            </Success>
          ) : (
            <p>{UNDONE[m.status]}</p>
          )}
          <Warnings of={[...geometry.warnings, ...m.warnings]} />
        </section>
        {m.status === "succeeded" && <Quality mesh={m} {...inspected.quality} />}
      </aside>
    </div>
  );
}

const UNDONE = {
  queued: "The mesh is not made yet. It will be shown here.",
  running: "The mesh is being made. It will be shown here.",
  failed: "This could not be meshed.",
  canceled: "The mesh was canceled.",
  succeeded: "",
};
