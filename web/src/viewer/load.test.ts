import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { expectSurface, SurfaceLoader } from "./load";
import type { Answer } from "./surface.worker";

/** A worker that answers what a test says: memory that runs out in a real one ends the test, too. */
class FakeWorker {
  static all: FakeWorker[] = [];
  ended = false;
  onmessage: (e: { data: Answer }) => void = () => {};
  onerror: (e: { message: string }) => void = () => {};
  constructor() {
    FakeWorker.all.push(this);
  }
  postMessage(): void {}
  terminate(): void {
    this.ended = true;
  }
}

beforeEach(() => {
  FakeWorker.all = [];
  vi.stubGlobal("Worker", FakeWorker);
});

afterEach(() => vi.unstubAllGlobals());

const shaped = (units: string, triangles = 1) =>
  ({ shaped: { surface: { units, corners: { length: 3 * triangles } } } }) as never;
const facts = { facts: { measures: [] } } as never;

/** answers has a worker tell of a surface. */
function answers(worker: FakeWorker, units: string): void {
  worker.onmessage({ data: shaped(units) });
  worker.onmessage({ data: facts });
}

it("ends the worker with its surface, and starts another for what comes next", async () => {
  const loader = new SurfaceLoader();
  const loading = loader.load("a");
  answers(FakeWorker.all[0], "mm");
  expect((await loading)?.surface.units).toBe("mm");
  expect(FakeWorker.all.map((w) => w.ended)).toEqual([true]);
  const again = loader.load("b");
  FakeWorker.all[1].onmessage({ data: { error: "Array buffer allocation failed" } });
  await expect(again).rejects.toThrow("Array buffer allocation failed");
  expect(FakeWorker.all.map((w) => w.ended)).toEqual([true, true]);
});

it("tells when a worker dies, and starts another for what comes next", async () => {
  const loader = new SurfaceLoader();
  const loading = loader.load("a");
  FakeWorker.all[0].onerror({ message: "no script" });
  await expect(loading).rejects.toThrow("no script");
  const again = loader.load("b");
  answers(FakeWorker.all[1], "mm");
  expect(await again).not.toBeNull();
});

it("gives what was asked for last, and lets the one before go on no longer", async () => {
  const loader = new SurfaceLoader();
  const [first, second] = [loader.load("a"), loader.load("b")];
  const [one, other] = FakeWorker.all;
  expect(await first).toBeNull();
  expect([one.ended, other.ended]).toEqual([true, false]);
  answers(other, "m");
  expect((await second)?.surface.units).toBe("m");
});

it("answers nothing more once it is disposed of", async () => {
  const loader = new SurfaceLoader();
  const loading = loader.load("a");
  loader.dispose();
  expect(await loading).toBeNull();
  expect(FakeWorker.all[0].ended).toBe(true);
});

it("lets go of what is wanted no longer, and loads what comes next", async () => {
  const loader = new SurfaceLoader();
  loader.drop(); // nothing is under way: the worker that is ready stays
  expect(FakeWorker.all.map((w) => w.ended)).toEqual([false]);
  const first = loader.load("a");
  loader.drop();
  expect(await first).toBeNull();
  expect(FakeWorker.all.map((w) => w.ended)).toEqual([true]);
  const second = loader.load("b");
  answers(FakeWorker.all[1], "mm");
  expect((await second)?.surface.units).toBe("mm");
});

it("tells of a large surface as soon as it can be drawn, and gives the same one once all of it is known", async () => {
  const loader = new SurfaceLoader();
  const drawable = vi.fn();
  const loading = loader.load("a", drawable);
  const [worker] = FakeWorker.all;
  worker.onmessage({ data: shaped("mm", 1e6) });
  expect(drawable).toHaveBeenCalledOnce();
  const [[begun]] = drawable.mock.calls;
  expect([begun.known, worker.ended]).toEqual([false, false]);
  worker.onmessage({ data: facts });
  expect(await loading).toBe(begun);
  expect([begun.known, worker.ended]).toEqual([true, true]);

  const small = loader.load("b", drawable);
  answers(FakeWorker.all[1], "mm");
  expect((await small)?.known).toBe(true);
  expect(drawable).toHaveBeenCalledOnce();
});

it("has a worker ready where a surface is expected, for a while", async () => {
  vi.useFakeTimers();
  try {
    const loader = new SurfaceLoader();
    void loader.load("a");
    answers(FakeWorker.all[0], "mm");
    expectSurface();
    expectSurface();
    expect(FakeWorker.all).toHaveLength(2);
    const loading = loader.load("b");
    expect(FakeWorker.all).toHaveLength(2);
    vi.runAllTimers();
    expect(FakeWorker.all[1].ended, "it is at work").toBe(false);
    answers(FakeWorker.all[1], "m");
    expect((await loading)?.surface.units).toBe("m");
    expectSurface();
    vi.runAllTimers();
    expect(FakeWorker.all.map((w) => w.ended)).toEqual([true, true, true]);
  } finally {
    vi.useRealTimers();
  }
});

it("starts another where one that was ready has died before it was wanted", async () => {
  vi.useFakeTimers();
  try {
    const loader = new SurfaceLoader();
    FakeWorker.all[0].onerror({ message: "no script" });
    const first = loader.load("a");
    answers(FakeWorker.all[1], "mm");
    expect((await first)?.surface.units).toBe("mm");
    expectSurface();
    FakeWorker.all[2].onerror({ message: "no script" });
    expect(vi.getTimerCount(), "nothing is kept for a while").toBe(0);
    const second = loader.load("b");
    answers(FakeWorker.all[3], "m");
    expect((await second)?.surface.units).toBe("m");
  } finally {
    vi.useRealTimers();
  }
});
