import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { gathered } from "./queries";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("is called soon after the first of many calls, and then no more often than it may be", () => {
  const times: number[] = [];
  const begin = performance.now();
  const [call, end] = gathered(() => times.push(performance.now() - begin), 1000);
  for (let i = 0; i < 300; i++) {
    call();
    vi.advanceTimersByTime(10);
  }
  expect(times).toEqual([250, 1250, 2250]);
  end();
  vi.advanceTimersByTime(5000);
  expect(times).toHaveLength(3);
});
