/** The batches that there are, on the first page. */
import { Link } from "wouter";
import type { BatchSummary } from "../api/client";
import { ago, count } from "../format";
import styles from "./Batches.module.css";
import { useBatches } from "./queries";

/** BatchList waits until what stands above it is there, or fails: it would be pushed down. */
export function BatchList({ ready }: { ready: boolean }) {
  const batches = useBatches();
  const items = batches.data?.items ?? [];
  if (items.length === 0 || !ready) return null;
  return (
    <section aria-labelledby="batches-title">
      <div className={styles.head}>
        <h2 id="batches-title" className={styles.title}>
          Batches
        </h2>
        <Link href="/batches/new" className={styles.open}>
          New batch
        </Link>
      </div>
      <ul className={styles.list}>
        {items.map((b) => (
          <li key={b.id}>
            <Link href={`/batches/${b.id}`} className={`${styles.row} ${styles.link}`}>
              <span className={styles.name}>{b.name || "Batch"}</span>
              <span className={styles.quiet}>{outcome(b)}</span>
              <span className={styles.quiet}>{ago(b.created_at)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function outcome({ counts: n, done }: BatchSummary): string {
  const meshes = n.total === 1 ? "1 mesh" : `${count(n.total)} meshes`;
  if (!done) return `${meshes}, ${count(n.queued + n.running)} to make`;
  return [meshes, n.failed > 0 && `${count(n.failed)} failed`, n.canceled > 0 && `${count(n.canceled)} canceled`]
    .filter(Boolean)
    .join(", ");
}
