/** The worst elements of a mesh, worst first. Choosing one leads to it. */
import { useState } from "react";
import type { Mesh } from "../api/client";
import { number } from "../format";
import { Note, Spinner } from "../ui/controls";
import { measureLabel } from "./measures";
import styles from "./Quality.module.css";
import { useWorst, type WorstElement } from "./report";

export function Worst({ mesh, onShow }: { mesh: Mesh; onShow: (place: [number, number, number], volume: number) => void }) {
  const worst = useWorst(mesh);
  const [chosen, setChosen] = useState<number>();
  const [open, setOpen] = useState(false); // a hundred rows are made for whoever looks at them, and not with each move of a slider
  const elements = worst.data ?? [];
  const volume = (mesh.volume ?? 0) / Math.max(mesh.measured?.volume.elements ?? 1, 1);
  if (worst.isError) return <Note kind="warn">The worst elements could not be loaded: {worst.error.message}</Note>;
  if (worst.isPending) return <Spinner label="Loading the worst elements" />;
  if (elements.length === 0) return null;
  const alike = (of: (e: WorstElement) => unknown) => elements.every((e) => of(e) === of(elements[0]));
  const [solids, shapes] = [!alike((e) => e.solid), !alike((e) => e.shape)];
  const what = (e: WorstElement) => `${shapes ? e.shape : "element"} ${e.number}${solids ? `, solid ${e.solid}` : ""}`;
  return (
    <details className={styles.worst} onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>The {elements.length === 1 ? "worst element" : `${elements.length} worst elements`}</summary>
      {open && (
        <ol className={styles.table} aria-label="Worst elements">
          {elements.map((e) => (
            <li key={e.number}>
              <button
                type="button"
                className={styles.row}
                aria-current={chosen === e.number || undefined}
                title={Object.entries(e.values)
                  .map(([n, v]) => `${measureLabel(n)} ${number(v)}`)
                  .join("\n")}
                onClick={() => {
                  setChosen(e.number);
                  onShow(e.place, volume);
                }}
              >
                <strong>{number(Number(e.score.toPrecision(3)))}</strong>
                <span className={styles.number}>{what(e)}</span>
                <span className={styles.quiet}>{e.place.map((x) => number(Number(x.toPrecision(3)))).join(", ")}</span>
              </button>
            </li>
          ))}
        </ol>
      )}
    </details>
  );
}
