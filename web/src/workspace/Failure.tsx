/** A failure as a person can act on it: what, where, what was tried, and what to do. */
import type { ReactNode } from "react";
import type { Diagnosis } from "../api/client";
import { number, seconds } from "../format";
import { Button, Note } from "../ui/controls";
import styles from "./Failure.module.css";

const KINDS = ["Point", "Edge", "Face", "Solid"];

interface Props {
  diagnosis: Diagnosis;
  title: string;
  /** warn where the work can go on. */
  kind?: "bad" | "warn";
  /** Leads to a place; absent where there is no picture to show it in. */
  onPlace?: (point: [number, number, number]) => void;
  /** What can be done about it. */
  children?: ReactNode;
}

export function Failure({ diagnosis: d, title, kind = "bad", onPlace, children }: Props) {
  return (
    <Note kind={kind}>
      <h2 className={styles.title} data-kind={kind}>
        {title}
      </h2>
      <p>{d.message}</p>
      {d.hint && <p className={styles.hint}>{d.hint}</p>}
      {children && <div className={styles.actions}>{children}</div>}
      {d.entities && d.entities.length > 0 && (
        <ul className={styles.places} aria-label="Places">
          {d.entities.map((e) => {
            const label = e.name || `${KINDS[e.dim]} ${e.tag}`;
            const point = e.point as [number, number, number] | undefined;
            return (
              <li key={`${e.dim}-${e.tag}-${point?.join()}`}>
                {point && onPlace ? (
                  <Button kind="quiet" onClick={() => onPlace(point)} title={point.map(number).join(", ")}>
                    Show {label.toLowerCase().startsWith(KINDS[e.dim].toLowerCase()) ? label.toLowerCase() : label}
                  </Button>
                ) : (
                  label
                )}
              </li>
            );
          })}
        </ul>
      )}
      {d.tried && d.tried.length > 1 && (
        <details>
          <summary>What was tried</summary>
          <ol>
            {d.tried.map((t, i) => (
              <li key={i}>
                {t.strategy}, {seconds(t.seconds)}: {t.error}
              </li>
            ))}
          </ol>
        </details>
      )}
      {d.detail && (
        <details>
          <summary>In the mesher's words</summary>
          <pre className={styles.detail}>{d.detail}</pre>
        </details>
      )}
    </Note>
  );
}
