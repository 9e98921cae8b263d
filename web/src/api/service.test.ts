import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { gateway, Service } from "./service";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a service that cannot be reached", () => {
  it("is asked less and less often, and who waits is told once when it is back", async () => {
    let up = false;
    const asked: number[] = [];
    const began = Date.now();
    const service = new Service(async () => {
      asked.push((Date.now() - began) / 1000);
      return up;
    });
    const back = vi.fn();
    service.onReturn(back);
    service.away();
    service.away(); // many requests fail at once
    expect(service.get().reachable).toBe(false);
    await vi.advanceTimersByTimeAsync(50_000);
    expect(asked).toEqual([1, 3, 7, 15, 30, 45]);
    up = true;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(service.get().reachable).toBe(true);
    expect(back).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked, "nothing is asked while it is there").toHaveLength(7);
  });

  it("is back as soon as anything is answered, and begins anew with its patience", async () => {
    const probe = vi.fn(async () => false);
    const service = new Service(probe);
    service.away();
    await vi.advanceTimersByTimeAsync(8000);
    service.here();
    service.away();
    expect(service.get().next - Date.now()).toBe(1000);
  });
});

it("tells a gateway's answer from one of the service", () => {
  expect(gateway(502, "text/html")).toBe(true);
  expect(gateway(503, null)).toBe(true);
  expect(gateway(503, "application/problem+json")).toBe(false);
  expect(gateway(500, "text/html")).toBe(false);
});
