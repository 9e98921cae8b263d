/** Why one waits: the queue in numbers, and the engines that work on it. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { type ApiError, AWAY, api, take } from "../api/client";
import { followAll } from "../api/follow";
import { PERSISTENT } from "../api/queries";
import { bytes, count, plural, seconds } from "../format";
import { Awaiting } from "../ui/Awaiting";
import { Button, Note } from "../ui/controls";
import { useTitle } from "../ui/useTitle";
import styles from "./PoolPage.module.css";
import { deviceOf, type Engine, type Pool, type Worker, wallsOf, whyWait, yours } from "./words";

const KEY = ["pool"] as const;
const AGAIN = 3000; // milliseconds until it is asked again while something is at work

function usePool() {
  const client = useQueryClient();
  const query = useQuery<Pool, ApiError>({
    ...PERSISTENT,
    queryKey: KEY,
    queryFn: () => take(api.GET("/v1/pool")),
    // Events tell of one's own work alone, and nothing of the engines.
    refetchInterval: ({ state: { data } }) => data !== undefined && atWork(data) && AGAIN,
    refetchOnWindowFocus: true,
  });
  useEffect(() => {
    const again = () => client.invalidateQueries({ queryKey: KEY });
    return followAll({ status: again, resumed: again });
  }, [client]);
  return query;
}

const atWork = ({ queue, workers }: Pool): boolean =>
  queue.running + queue.queued + queue.waiting > 0 || workers.some((w) => w.pool.engines.some((e) => e.state !== "warm"));

export default function PoolPage() {
  useTitle("The queue");
  const pool = usePool();
  if (!pool.data) {
    return (
      <div className={styles.centre}>
        <h1>The queue</h1>
        <Awaiting query={pool} queryKey={KEY} label="Asking the workers" />
      </div>
    );
  }
  const { queue, workers } = pool.data;
  const wrong = pool.error ?? pool.failureReason; // also while it is asked again by itself
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>The queue</h1>
        <p className={styles.why} aria-live="polite">
          {whyWait(pool.data)} {yours(pool.data)}
        </p>
      </header>
      <dl className={styles.figures} aria-label="The queue in numbers">
        <Figure name="At work" value={count(queue.running)} />
        <Figure
          name="Waiting"
          value={count(queue.interactive.waiting + queue.batch.waiting)}
          more={queue.batch.waiting > 0 ? `${count(queue.batch.waiting)} of them in batches, which go last` : undefined}
        />
        <Figure name="Waiting longest" value={queue.queued > 0 ? seconds(queue.oldest_seconds) : "none"} />
        <Figure name="A run takes" value={queue.median_seconds > 0 ? seconds(queue.median_seconds) : "not known yet"} />
        <Figure name="Ended last minute" value={count(Math.round(queue.per_minute))} />
        {queue.limit_of_tenant > 0 && <Figure name="May wait of yours" value={count(queue.limit_of_tenant)} />}
      </dl>
      <section aria-labelledby="engines-title" className={styles.workers}>
        <h2 id="engines-title">Engines</h2>
        {workers.length === 0 && <p className={styles.quiet}>There are none: they come with a worker.</p>}
        {workers.map((w) => (
          <WorkerCard key={w.id} worker={w} />
        ))}
      </section>
      {wrong && wrong.status !== AWAY && <Note kind="warn">These are the last numbers there are: {wrong.message}</Note>}
      <p className={styles.quiet}>
        As of {new Date(pool.dataUpdatedAt).toLocaleTimeString("en-GB")}.{" "}
        <Button onClick={() => pool.refetch()}>Look again</Button>
      </p>
    </div>
  );
}

function Figure({ name, value, more }: { name: string; value: string; more?: string }) {
  return (
    <div className={styles.figure}>
      <dt>{name}</dt>
      <dd>
        {value}
        {more && <small>{more}</small>}
      </dd>
    </div>
  );
}

const STATES: Record<Engine["state"], string> = {
  starting: "starting",
  warm: "warm, free",
  speculating: "free, guessing",
  busy: "at work",
  dying: "being replaced",
};

function WorkerCard({ worker: w }: { worker: Worker }) {
  const { engines, capacity, spares, crashes } = w.pool;
  return (
    <article className={styles.worker} aria-label={w.host}>
      <h3>
        {w.host} <span className={styles.quiet}>{deviceOf(w)}</span>
      </h3>
      <ul className={styles.engines}>
        {engines.map((e) => (
          <li key={`${e.pid}-${e.started}`} data-state={e.state}>
            <span className={styles.state}>{STATES[e.state]}</span>
            <span className={styles.quiet}>{since(e.since)}</span>
            <span>{e.kept > 0 ? `holds ${plural(e.kept, "part")} of yours, ${bytes(e.kept_bytes)}` : ""}</span>
            <span className={styles.quiet}>
              {plural(e.jobs, "job")} done{e.rss > 0 && `, ${bytes(e.rss)}`}
            </span>
          </li>
        ))}
      </ul>
      <dl className={styles.facts}>
        <div>
          <dt>At once</dt>
          <dd>
            {count(capacity)}, and {count(spares)} kept ready
          </dd>
        </div>
        <div>
          <dt>Walls around each</dt>
          <dd>{wallsOf(w)}</dd>
        </div>
        <div>
          <dt>Gmsh</dt>
          <dd>{w.engine.gmsh_version}</dd>
        </div>
        <div>
          <dt>Replaced after a crash</dt>
          <dd>{count(crashes)}</dd>
        </div>
      </dl>
    </article>
  );
}

/** since says how long something has been so. */
function since(iso: string): string {
  return `for ${seconds(Math.max(0, (Date.now() - Date.parse(iso)) / 1000))}`;
}
