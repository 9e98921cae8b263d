/** The meshes of a part, newest first. */
import type { MeshSummary } from "../api/client";
import { ago, count } from "../format";
import { Icon } from "../ui/icons";
import styles from "./Runs.module.css";

export function Runs({
  meshes,
  selected,
  onSelect,
}: {
  meshes: MeshSummary[];
  selected?: string;
  onSelect: (mesh: string) => void;
}) {
  if (meshes.length === 0) return null;
  return (
    <section aria-label="Meshes">
      <h2 className={styles.title}>Meshes</h2>
      <ul className={styles.list}>
        {meshes.map((m) => (
          <li key={m.id}>
            <button
              type="button"
              className={styles.run}
              aria-current={m.id === selected || undefined}
              onClick={() => onSelect(m.id)}
            >
              <span className={styles[m.status]}>
                <Icon
                  name={
                    m.status === "succeeded"
                      ? "check"
                      : m.status === "failed"
                        ? "alert"
                        : m.status === "canceled"
                          ? "close"
                          : "edges"
                  }
                  size={16}
                />
                <span className="visually-hidden">{m.status}</span>
              </span>
              <span className={styles.what}>{outcome(m)}</span>
              <span className={styles.when}>{ago(m.created_at)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** outcome says in a few words what a mesh is. */
function outcome(m: MeshSummary): string {
  const volume = ["tetrahedron", "hexahedron", "prism", "pyramid"];
  switch (m.status) {
    case "succeeded":
      return `${count(volume.reduce((n, k) => n + (m.counts?.elements[k] ?? 0), 0))} elements`;
    case "failed":
      return m.error?.message ?? "failed";
    case "canceled":
      return "canceled";
    case "running":
      return `${Math.round(100 * m.progress)} %`;
  }
  return "waiting";
}
