import { describe, expect, it } from "vitest";
import { Lock, type Session } from "./session";

const by = (tenant: string) => ({ by: "cookie", tenant, tenant_name: tenant, scope: "write", actor: "key_1" }) as Session;

describe("the lock of the page", () => {
  it("lets go those who wait when it is known who asks", async () => {
    const lock = new Lock();
    await lock.open();
    lock.shut();
    expect(lock.get()).toBe(true);
    const opened = lock.open();
    let times = 0;
    lock.onOpen(() => times++);
    expect(lock.opened(by("acme"))).toBe(false);
    await opened;
    expect(lock.get()).toBe(false);
    lock.opened(by("acme"));
    expect(times).toBe(1);
  });

  it("stays shut over what is shown of another tenant", () => {
    const lock = new Lock();
    lock.opened(by("acme"));
    lock.shut();
    lock.onOpen(() => expect.unreachable());
    expect(lock.opened(by("other"))).toBe(true);
    expect(lock.get()).toBe(true);
  });

  it("stays open where somebody is answered late who had asked before it was opened", () => {
    const lock = new Lock();
    const { turn } = lock;
    lock.shut(turn);
    lock.opened(by("acme"));
    lock.shut(turn);
    expect(lock.get()).toBe(false);
    lock.shut(lock.turn);
    expect(lock.get()).toBe(true);
  });

  it("does not keep whoever gave up", async () => {
    const lock = new Lock();
    lock.shut();
    const left = new AbortController();
    const opened = lock.open(left.signal);
    left.abort(new Error("left"));
    await expect(opened).rejects.toThrow("left");
  });
});
