/** What a person who waits wants to know of the workers and the queue, in words. */
import type { components } from "../api/schema";
import { count, plural, seconds } from "../format";

export type Pool = components["schemas"]["Pool"];
export type Worker = components["schemas"]["Worker"];
export type Engine = components["schemas"]["Engine"];

const all = (pool: Pool) => pool.workers.flatMap((w) => w.pool.engines);
const sum = (pool: Pool, of: (w: Worker) => number) => pool.workers.reduce((n, w) => n + of(w), 0);

/** whyWait answers why a mesh waits, or would. */
export function whyWait(pool: Pool): string {
  const { queue } = pool;
  const capacity = sum(pool, (w) => w.pool.capacity);
  if (pool.workers.length === 0) return "No worker is there. What waits is kept, and begins when one comes.";
  const failing = pool.workers.find((w) => w.pool.last_start_error);
  const ready = all(pool).filter((e) => ["warm", "speculating", "busy"].includes(e.state));
  if (ready.length === 0)
    return failing
      ? `No engine starts: ${failing.pool.last_start_error}`
      : "The engines are starting, which takes a second or two.";
  const ahead = queue.interactive.waiting + queue.batch.waiting;
  if (queue.running < capacity)
    return ahead === 0
      ? `${free(capacity - queue.running)}: a mesh begins at once.`
      : `${free(capacity - queue.running)}. What waits is for an import, the time of a retry, or a worker that has its part already.`;
  const wait = queue.interactive.wait_seconds;
  const busy = capacity === 1 ? "The one engine is busy" : `All ${count(capacity)} engines are busy`;
  const before = ahead === 0 ? "nothing waits before you" : `${plural(ahead, "mesh")} ${ahead === 1 ? "waits" : "wait"}`;
  return `${busy}, and ${before}.${wait === undefined ? "" : ` One that comes now waits about ${seconds(wait)}.`}`;
}

const free = (n: number) => (n === 1 ? "An engine is free" : `${count(n)} engines are free`);

/** yours says what of the asking tenant there is; empty where there is nothing. */
export function yours({ queue }: Pool): string {
  const { running, waiting } = queue.yours;
  const said = [running > 0 && `${count(running)} running`, waiting > 0 && `${count(waiting)} waiting`].filter(Boolean);
  return said.length ? `Yours: ${said.join(", ")}.` : "";
}

/** wallsOf says what keeps an engine apart from everything else. */
export function wallsOf({ engine: { walls } }: Worker): string {
  const said = [walls.landlock > 0 && "its own files alone (Landlock)", walls.seccomp && "few system calls (seccomp)"].filter(
    Boolean,
  );
  return said.length ? said.join(", ") : "none";
}

/** deviceOf says what an engine computes on. */
export const deviceOf = ({ device, cpus }: Worker): string =>
  device === "cpu" ? `${plural(cpus, "processor")}, no GPU` : `${plural(cpus, "processor")}, ${device}`;
