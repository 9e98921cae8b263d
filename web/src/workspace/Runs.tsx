/** The meshes of a part, newest first: what each was asked for that the one before was not, and what came of it. */
import { useEffect, useRef, useState } from "react";
import type { MeshSummary } from "../api/client";
import { elementsOf } from "../api/elements";
import { useDeleteMesh } from "../api/queries";
import { ago, count, number, seconds } from "../format";
import { differences } from "../setup/differences";
import { IconButton } from "../ui/controls";
import { Icon, type IconName } from "../ui/icons";
import { Removing } from "../ui/Removing";
import styles from "./Runs.module.css";

const ICONS: Record<MeshSummary["status"], IconName> = {
  succeeded: "check",
  failed: "alert",
  canceled: "close",
  running: "edges",
  queued: "edges",
};

const STAYS = 60; // ms after which who is on a row does not only come past

interface Props {
  meshes: MeshSummary[];
  units?: string;
  selected?: string;
  onSelect: (mesh?: string) => void;
  /** One may be selected at any moment: the pointer or the focus is on it. */
  onNear: (mesh: string) => void;
  onCompare: (left: string, right: string) => void;
}

export function Runs({ meshes, units, selected, onSelect, onNear, onCompare }: Props) {
  const [marked, setMarked] = useState<string>(); // the first of two that are to be compared, where none is shown
  const [leaving, setLeaving] = useState<MeshSummary | null>(null);
  const gone = useRef(false); // one was deleted: the focus is here, also where no other is left
  const heading = useRef<HTMLHeadingElement>(null);
  const remove = useDeleteMesh();
  const coming = useRef<ReturnType<typeof setTimeout>>(undefined);
  const past = () => clearTimeout(coming.current);
  useEffect(() => past, []);
  if (meshes.length === 0 && !leaving && !gone.current) return null;
  const made = meshes.filter((m) => m.status === "succeeded").map((m) => m.id);
  const one = [selected, marked].find((m) => m !== undefined && made.includes(m));
  const near = (m: MeshSummary) => {
    past();
    if (m.status === "succeeded" && m.id !== selected) coming.current = setTimeout(() => onNear(m.id), STAYS);
  };
  const compare = (other: string) => {
    setMarked(undefined);
    if (one === undefined) setMarked(other);
    else if (one !== other) onCompare(one, other);
  };
  return (
    <section aria-label="Meshes">
      <h2 ref={heading} tabIndex={-1} className={styles.title}>
        Meshes
      </h2>
      {meshes.length === 0 && <p className={styles.none}>None is left.</p>}
      <ul className={styles.list}>
        {meshes.map((m, i) => (
          <li key={m.id} className={styles.item} data-selected={m.id === selected || undefined}>
            <button
              type="button"
              className={styles.run}
              aria-current={m.id === selected || undefined}
              onClick={() => {
                past();
                onSelect(m.id);
              }}
              onPointerEnter={() => near(m)}
              onPointerLeave={past}
              onFocus={() => near(m)}
              onBlur={past}
            >
              <span className={styles[m.status]}>
                <Icon name={ICONS[m.status]} size={16} />
                <span className="visually-hidden">{m.status}</span>
              </span>
              <span className={styles.what}>{outcome(m)}</span>
              <span className={styles.when}>{ago(m.created_at)}</span>
              <span className={styles.how}>{wishes(meshes[i + 1], m, units)}</span>
              <span className={styles.when} title="The worst quality of an element, and the time it took">
                {figures(m)}
              </span>
            </button>
            <span className={styles.tools}>
              {made.length > 1 && made.includes(m.id) && m.id !== selected && (
                <IconButton
                  kind="quiet"
                  label={`${one === undefined || one === m.id ? "Compare" : "Compare with the one chosen"}: ${outcome(m)}`}
                  pressed={marked === m.id && one === m.id}
                  onClick={() => compare(m.id)}
                >
                  <Icon name="compare" size={16} />
                </IconButton>
              )}
              <IconButton kind="quiet" label={`Delete this mesh: ${outcome(m)}`} onClick={() => setLeaving(m)}>
                <Icon name="trash" size={16} />
              </IconButton>
            </span>
          </li>
        ))}
      </ul>
      {leaving && (
        <Removing
          title="Delete this mesh?"
          action="Delete"
          remove={remove}
          what={leaving}
          onRemoved={() => {
            if (leaving.id === selected) onSelect();
            gone.current = true;
          }}
          onClose={() => setLeaving(null)}
          beside={heading}
        >
          <p>{outcome(leaving)}. Its files and figures are deleted with it. The part and its other meshes stay.</p>
        </Removing>
      )}
    </section>
  );
}

/** wishes says what was asked for that the mesh before was not. */
function wishes(before: MeshSummary | undefined, m: MeshSummary, units?: string): string {
  const words = differences(before?.spec, m.spec, units);
  if (words.length) return words.join(", ");
  return before ? "the same again" : "the defaults";
}

/** took is the time from start to end in seconds. */
function took(m: MeshSummary): number {
  return m.started_at && m.finished_at ? Math.max(0, (Date.parse(m.finished_at) - Date.parse(m.started_at)) / 1000) : 0;
}

/** figures are the worst quality and the time. */
function figures(m: MeshSummary): string {
  const gamma = m.quality?.gamma && `γ ≥ ${number(Number(m.quality.gamma.min.toPrecision(2)))}`;
  return m.status === "succeeded" ? [gamma, took(m) > 0 && seconds(took(m))].filter(Boolean).join(", ") : "";
}

/** outcome says in a few words what a mesh is. */
export function outcome(m: MeshSummary): string {
  switch (m.status) {
    case "succeeded":
      return `${count(elementsOf(m))} elements`;
    case "failed":
      return m.error?.message ?? "failed";
    case "canceled":
      return "canceled";
    case "running":
      return `${Math.round(100 * m.progress)} %`;
  }
  return "waiting";
}
