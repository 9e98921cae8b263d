import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { SurfaceLoader } from "./load";
import type { Answer } from "./surface.worker";

/** A worker that answers what a test says: memory that runs out in a real one ends the test, too. */
class FakeWorker extends EventTarget {
  static all: FakeWorker[] = [];
  ended = false;
  constructor() {
    super();
    FakeWorker.all.push(this);
  }
  postMessage(): void {}
  terminate(): void {
    this.ended = true;
  }
  answer(data: Answer): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }
}

beforeEach(() => {
  FakeWorker.all = [];
  vi.stubGlobal("Worker", FakeWorker);
});

afterEach(() => vi.unstubAllGlobals());

const prepared = (triangles: number) => ({ surface: { corners: { length: 3 * triangles } } }) as never;

it("tells why a surface cannot be picked, and ends the worker of a large one", async () => {
  const loading = new SurfaceLoader().load("a");
  const [worker] = FakeWorker.all;
  worker.answer({ url: "a", prepared: prepared(300_000) });
  const loaded = await loading;
  expect(worker.ended).toBe(false);
  worker.answer({ url: "a", error: "Array buffer allocation failed" });
  await expect(loaded?.tree).rejects.toThrow("Array buffer allocation failed");
  expect(worker.ended).toBe(true);
});

it("tells when a worker dies, and starts another for what comes next", async () => {
  const loader = new SurfaceLoader();
  const loading = loader.load("a");
  FakeWorker.all[0].dispatchEvent(Object.assign(new Event("error"), { message: "no script" }));
  await expect(loading).rejects.toThrow("no script");
  const again = loader.load("b");
  FakeWorker.all[1].answer({ url: "b", prepared: prepared(1) });
  expect(await again).not.toBeNull();
});

it("gives what was asked for last", async () => {
  const loader = new SurfaceLoader();
  const [first, second] = [loader.load("a"), loader.load("b")];
  const [worker] = FakeWorker.all;
  worker.answer({ url: "a", prepared: prepared(300_000) });
  worker.answer({ url: "a", error: "too late to matter" });
  expect(await first).toBeNull();
  expect(worker.ended, "it works on the other one").toBe(false);
  worker.answer({ url: "b", prepared: prepared(1) });
  expect(await second).not.toBeNull();
});
