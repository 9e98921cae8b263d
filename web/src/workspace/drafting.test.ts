import { expect, it, vi } from "vitest";
import type { Geometry, Mesh, Spec } from "../api/client";
import { Drafting, draftSpec } from "./drafting";

const spec = (max: number): Spec => ({ draft: true, size: { max } });

/** scene answers when a test says so. */
function scene() {
  const shown: (string | null)[] = [];
  const removed: string[] = [];
  const lose: (() => void)[] = []; // of those that are waited for
  const asked: { spec: Spec; answer: (status: string, code?: string) => void; fail: () => void }[] = [];
  const drafting = new Drafting(
    "geo_1",
    {
      make: (_, spec) =>
        new Promise((resolve, reject) => {
          const id = `msh_${asked.length + 1}`;
          asked.push({
            spec,
            answer: (status, code) => resolve({ id, status, error: code && { code } } as Mesh),
            fail: () => reject(new Error("422")),
          });
        }),
      ended: (id, signal) =>
        new Promise((resolve, reject) => {
          signal.addEventListener("abort", () => resolve({ id, status: "running" } as Mesh));
          lose.push(() => reject(new Error("502")));
        }),
      remove: async (id) => removed.push(id),
    },
    (m) => shown.push(m?.id ?? null),
  );
  return { drafting, shown, removed, asked, lose };
}

it("makes one at a time, and next what was wished for last", async () => {
  const { drafting, shown, removed, asked } = scene();
  for (const max of [5, 4, 3, 3]) drafting.want(spec(max));
  expect(asked.map((a) => a.spec.size?.max)).toEqual([5]);
  asked[0].answer("succeeded");
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  expect(asked[1].spec.size?.max).toBe(3);
  asked[1].answer("succeeded");
  await vi.waitFor(() => expect(shown).toEqual(["msh_1", "msh_2"]));
  expect(removed, "the one before is let go of").toEqual(["msh_1"]);
  drafting.drop();
  expect([shown.at(-1), removed]).toEqual([null, ["msh_1", "msh_2"]]);
});

it("waits for none that nobody wishes for any more", async () => {
  const { drafting, shown, removed, asked } = scene();
  drafting.want(spec(5));
  asked[0].answer("queued");
  await Promise.resolve();
  drafting.want(spec(4));
  await vi.waitFor(() => expect(removed).toEqual(["msh_1"]));
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  drafting.drop();
  asked[1].answer("succeeded");
  await vi.waitFor(() => expect(removed).toEqual(["msh_1", "msh_2"]));
  expect(shown).toEqual([]);
});

it("keeps what is shown where another is refused, and goes on", async () => {
  const { drafting, shown, asked } = scene();
  drafting.want(spec(5));
  asked[0].answer("succeeded");
  await vi.waitFor(() => expect(shown).toEqual(["msh_1"]));
  drafting.want(spec(4));
  asked[1].fail();
  drafting.want(spec(3));
  await vi.waitFor(() => expect(asked).toHaveLength(3));
  expect(shown).toEqual(["msh_1"]);
});

it("asks for none any more of a part that takes too long", async () => {
  const { drafting, shown, removed, asked } = scene();
  drafting.want(spec(5));
  drafting.want(spec(4));
  asked[0].answer("failed", "unfit_spec");
  await vi.waitFor(() => expect(asked, "another size may do").toHaveLength(2));
  drafting.want(spec(3));
  asked[1].answer("failed", "time_limit");
  await vi.waitFor(() => expect(removed).toEqual(["msh_1", "msh_2"]));
  drafting.want(spec(2));
  expect(asked).toHaveLength(2);
  expect(shown).toEqual([]);
});

it("deletes one that it loses sight of", async () => {
  const { drafting, shown, removed, asked, lose } = scene();
  drafting.want(spec(5));
  asked[0].answer("running");
  await vi.waitFor(() => expect(lose).toHaveLength(1));
  lose[0]();
  await vi.waitFor(() => expect(removed).toEqual(["msh_1"]));
  expect(shown).toEqual([]);
});

it("is as fine as the mesh would be, as far as a draft may", () => {
  const box = { min: [0, 0, 0], max: [30, 40, 120] };
  const part = { bounding_box: box, volume: 20_000 } as Geometry;
  expect(draftSpec(part, 7)?.size?.max).toBe(3.25);
  expect(draftSpec(part, 1)?.size?.max).toBe(4.932);
  expect(draftSpec(part, 10)?.size?.max).toBe(1.587);
  expect(draftSpec(part, 5)?.time_limit, "it would keep an engine busy for nothing").toBe("10s");
  expect(draftSpec({} as Geometry, 5)).toBeNull();
});
