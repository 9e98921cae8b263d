/** What a mesh is: its making while it is made, then checks, figures and files. */
import { type ReactNode, useEffect, useState } from "react";
import { Link } from "wouter";
import type { Mesh, Spec } from "../api/client";
import { final } from "../api/client";
import { type Live, useCancelMesh } from "../api/queries";
import { exact, measure, number, percent, seconds } from "../format";
import { measureLabel } from "../inspect/measures";
import { remedies } from "../setup/remedies";
import { Share } from "../share/Share";
import { Button, Progress } from "../ui/controls";
import { Icon } from "../ui/icons";
import { Failure } from "./Failure";
import { Files } from "./Files";
import styles from "./Result.module.css";
import { STAGES } from "./stages";
import { Warnings } from "./Warnings";

const CHECKS: Record<string, string> = {
  solids_filled: "Every solid is filled",
  volume_enclosed: "The elements fill what the surface encloses",
  none_inverted: "No element is inside out",
  none_flat: "No element is flat",
  conforming: "Elements share their faces",
  reads_back: "The file reads back",
};

interface Props {
  mesh: Mesh;
  live: Live;
  units?: string;
  onFocus: (f: { point: [number, number, number]; radius: number }) => void;
  onAgain: (spec: Spec) => void;
  /** Meshes by another spec at once. */
  onTry: (spec: Spec) => void;
}

export function Result({ mesh: m, live, units, onFocus, onAgain, onTry }: Props) {
  const place = (point: [number, number, number]) =>
    onFocus({ point, radius: Math.cbrt((m.cad_volume || m.volume || 1) * 0.02) });
  return (
    <section id="result" aria-label="The mesh" tabIndex={-1} className={styles.result} data-status={m.status}>
      {!final(m.status) && <Working mesh={m} live={live} />}
      {m.status === "failed" && m.error && (
        <Failure diagnosis={m.error} title="This could not be meshed" onPlace={place}>
          <Remedies mesh={m} units={units} onTry={onTry} />
        </Failure>
      )}
      {m.status === "canceled" && <p className={styles.quiet}>Canceled.</p>}
      {m.status === "succeeded" && (
        <Success mesh={m} units={units}>
          <Files mesh={m} />
        </Success>
      )}
      <Warnings of={m.warnings} />
      {final(m.status) && (
        <div className={styles.next}>
          <Button onClick={() => onAgain(m.spec)}>Change and run again</Button>
          {m.status === "succeeded" && <Share key={m.id} mesh={m} />}
        </div>
      )}
    </section>
  );
}

/** Remedies are the next things to try: a press meshes again with that change. */
function Remedies({ mesh: m, units, onTry }: { mesh: Mesh; units?: string; onTry: (spec: Spec) => void }) {
  const tries = remedies(m.error?.code ?? "", m.spec, units, m.error?.no_inside);
  if (tries.length === 0) return null;
  return (
    <div className={styles.remedies}>
      {tries.map((r) => (
        <Button key={r.label} onClick={() => onTry(r.spec)}>
          {r.label}
        </Button>
      ))}
    </div>
  );
}

function Working({ mesh: m, live }: { mesh: Mesh; live: Live }) {
  const cancel = useCancelMesh();
  const since = useSeconds(m.started_at ?? m.created_at);
  return (
    <div className={styles.working}>
      <div className={styles.line}>
        <strong aria-live="polite">
          {m.status === "queued" ? "Waiting for a free engine" : (STAGES[m.stage ?? ""] ?? "Starting")}
        </strong>
        <span className={styles.quiet}>
          {m.status === "queued" && <Link href="/queue">Why?</Link>} {seconds(since)}
        </span>
      </div>
      <Progress value={m.progress} label="Progress of the mesh" />
      <p className={styles.detail}>
        {live.connected ? (live.detail ?? "\u00a0") : "The connection is being restored; the work goes on."}
      </p>
      <div className={styles.line}>
        <Button
          disabled={cancel.isPending}
          onClick={(e) => {
            e.currentTarget.closest("section")?.focus({ preventScroll: true }); // the button goes with the work
            cancel.mutate(m.id);
          }}
        >
          <Icon name="stop" /> Cancel
        </Button>
        <details className={styles.log}>
          <summary>Log</summary>
          <pre>{live.log.map((l) => l.text).join("\n")}</pre>
        </details>
      </div>
    </div>
  );
}

/** Success is what a mesh is: the checks it passed and its figures; below stand its files. */
export function Success({ mesh: m, units, children }: { mesh: Mesh; units?: string; children: ReactNode }) {
  const solidElements = Object.entries(m.counts?.elements ?? {}).filter(([k]) => k !== "point" && k !== "line");
  const deviation = m.cad_volume && m.volume ? m.volume / m.cad_volume - 1 : 0;
  const total = m.timings.reduce((n, t) => n + t.seconds, 0);
  return (
    <>
      <ul className={styles.checks} aria-label="Checks">
        {m.checks.map((c) => (
          <li key={c.name} className={c.passed ? styles.good : styles.bad}>
            <Icon name={c.passed ? "check" : "alert"} size={16} />
            {CHECKS[c.name] ?? c.name.replaceAll("_", " ")}
            {c.detail && <span className={styles.quiet}>{c.detail}</span>}
          </li>
        ))}
      </ul>
      <dl className={styles.facts}>
        {solidElements.map(([kind, n]) => (
          <div key={kind}>
            <dt>{plural(kind)}</dt>
            <dd>{exact(n)}</dd>
          </div>
        ))}
        <div>
          <dt>Nodes</dt>
          <dd>{exact(m.counts?.nodes ?? 0)}</dd>
        </div>
        <div>
          <dt>Volume</dt>
          <dd>
            {measure(m.volume ?? 0, units, 3)}
            {m.cad_volume ? (
              <span className={styles.quiet}>
                {" "}
                ({deviation >= 0 ? "+" : "−"}
                {percent(Math.abs(deviation), 2)} of the CAD)
              </span>
            ) : null}
          </dd>
        </div>
        {Object.entries(m.quality ?? {}).map(([name, b]) => (
          <div key={name}>
            <dt>{measureLabel(name)}, worst and mean</dt>
            <dd>
              {number(b.min)}, {number(b.mean)}
            </dd>
          </div>
        ))}
        <div>
          <dt>Made by</dt>
          <dd>{m.reused_from ? `${m.strategy}, made before` : `${m.strategy} in ${seconds(total)}`}</dd>
        </div>
      </dl>
      {children}
    </>
  );
}

function plural(kind: string): string {
  const known: Record<string, string> = { tetrahedron: "Tetrahedra", hexahedron: "Hexahedra" };
  return known[kind] ?? `${kind[0].toUpperCase()}${kind.slice(1)}s`;
}

/** useSeconds returns the seconds since a moment, and tells again each tenth of a second. */
function useSeconds(since: string): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 100);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, (now - Date.parse(since)) / 1000);
}
