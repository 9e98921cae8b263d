import { expect, it } from "vitest";
import { deviceOf, type Engine, type Pool, type Worker, wallsOf, whyWait, yours } from "./words";

const worker = (states: Engine["state"][], capacity = 2, more: object = {}) =>
  ({
    device: "cpu",
    cpus: 4,
    engine: { walls: { landlock: 7, seccomp: true } },
    pool: { capacity, engines: states.map((state) => ({ state })), ...more },
  }) as unknown as Worker;

const pool = (workers: Worker[], queue: object = {}) =>
  ({
    workers,
    queue: {
      running: 0,
      queued: 0,
      interactive: { waiting: 0 },
      batch: { waiting: 0 },
      yours: { running: 0, waiting: 0 },
      ...queue,
    },
  }) as unknown as Pool;

it("says why one waits", () => {
  expect(whyWait(pool([]))).toContain("No worker");
  expect(whyWait(pool([worker(["starting"])]))).toContain("starting");
  expect(whyWait(pool([worker([], 1, { last_start_error: "no memory" })]))).toBe("No engine starts: no memory");
  expect(whyWait(pool([worker(["warm", "busy"])], { running: 1 }))).toBe("An engine is free: a mesh begins at once.");
  expect(whyWait(pool([worker(["speculating"], 1)]))).toBe("An engine is free: a mesh begins at once.");
  const busy = { running: 2, interactive: { waiting: 3, wait_seconds: 20 } };
  expect(whyWait(pool([worker(["busy", "busy"])], busy))).toMatch(
    /^All 2 engines are busy, and 3 meshes wait. One that comes now waits about 20\Ws.$/,
  );
  expect(whyWait(pool([worker(["busy"], 1)], { running: 1 }))).toBe("The one engine is busy, and nothing waits before you.");
  expect(whyWait(pool([worker(["warm", "warm"])], { interactive: { waiting: 1 } }))).toContain("waits is for an import");
});

it("says what is yours, what an engine computes on and what is around it", () => {
  expect(yours(pool([], { yours: { running: 1, waiting: 2 } }))).toBe("Yours: 1 running, 2 waiting.");
  expect(yours(pool([]))).toBe("");
  expect(deviceOf(worker([]))).toBe("4 processors, no GPU");
  expect(wallsOf(worker([]))).toBe("its own files alone (Landlock), few system calls (seccomp)");
  expect(wallsOf({ ...worker([]), engine: { walls: { landlock: 0, seccomp: false } } } as Worker)).toBe("none");
});
