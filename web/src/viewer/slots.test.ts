import { Matrix4 } from "three";
import { expect, it } from "vitest";
import { FaceTable, HIDDEN, HOVERED } from "./faceTable";
import type { Prepared } from "./prepare";
import { Slots } from "./slots";
import { Structure } from "./structure";

// Two boxes whose faces 3 and 4 lie on each other: cut, they share the face of the mesh that has number 20 there.
const structure = new Structure(
  [
    { tag: 1, faces: [1, 2, 3] },
    { tag: 2, faces: [4, 5] },
  ],
  [1, 2, 3, 4, 5],
);
const faces = [
  { tag: 1, first: 0, count: 1 },
  { tag: 3, of: [3, 4], first: 1, count: 1 },
  { tag: 5, of: [5], first: 2, count: 1 },
  { tag: 0, of: [], first: 3, count: 1 },
];
const boxes = Uint16Array.from(faces.flatMap((_, i) => [i, 0, 0, i + 1, 1, 1]));
const slots = () => new Slots({ surface: { faces }, boxes } as unknown as Prepared, structure, new Matrix4(), 1);

it("draws a face for all solids whose faces it lies on, and what is of none for none", () => {
  expect(slots().all).toEqual([
    { face: 0, tag: 1, tags: [1], solid: 1 },
    { face: 1, tag: 3, tags: [3], solid: 1 },
    { face: 2, tag: 5, tags: [5], solid: 2 },
    { face: 3, tag: 0, tags: [0], solid: undefined },
    { face: 1, tag: 4, tags: [4], solid: 2 },
  ]);
});

it("draws a face while one of those that it lies on is shown", () => {
  const drawn = (hidden: { solids: number[]; faces: number[] }) => {
    const table = new FaceTable(5);
    const all = slots();
    all.hide(table, hidden, false);
    return faces.map((_, i) => !table.is(i, HIDDEN));
  };
  expect(drawn({ solids: [1], faces: [] })).toEqual([false, true, true, true]);
  expect(drawn({ solids: [2], faces: [] })).toEqual([true, true, false, true]);
  expect(drawn({ solids: [1, 2], faces: [] }), "what nobody can name goes with the last").toEqual([false, false, false, false]);
  expect(drawn({ solids: [], faces: [3, 4] })).toEqual([true, false, true, true]);
  expect(drawn({ solids: [1], faces: [4] }), "of the other solid").toEqual([false, false, true, true]);
});

it("hides each of two alone where they are apart", () => {
  const table = new FaceTable(5);
  const all = slots();
  all.hide(table, { solids: [], faces: [3] }, true);
  expect([1, 4].map((i) => table.is(i, HIDDEN))).toEqual([true, false]);
  expect([1, 4].map((i) => all.seen(i).tag)).toEqual([3, 4]);
});

it("has a face stand for the solid that is shown", () => {
  const stands = (hidden: { solids: number[]; faces: number[] }) => {
    const all = slots();
    all.hide(new FaceTable(5), hidden, false);
    const { tag, solid } = all.seen(1);
    return [tag, solid];
  };
  expect(stands({ solids: [], faces: [] })).toEqual([3, 1]);
  expect(stands({ solids: [1], faces: [] })).toEqual([4, 2]);
  expect(stands({ solids: [], faces: [3] })).toEqual([4, 2]);
  expect(stands({ solids: [1], faces: [4] }), "neither is").toEqual([3, 1]);
});

it("has one of two that are apart stand out, and what is drawn of both where they are not", () => {
  const standsOut = (tag: number, apart: boolean, solid?: number) => {
    const table = new FaceTable(5);
    const all = slots();
    all.hide(table, { solids: [], faces: [] }, apart);
    all.mark(table, HOVERED, { tags: new Set([tag]), solid });
    return [0, 1, 2, 3, 4].filter((i) => table.is(i, HOVERED) && !table.is(i, HIDDEN));
  };
  expect(standsOut(3, true)).toEqual([1]);
  expect(standsOut(4, true)).toEqual([4]);
  expect(standsOut(3, false)).toEqual([1]);
  expect(standsOut(4, false), "the face that is there for both").toEqual([1]);
  expect(standsOut(5, true)).toEqual([2]);
});

it("has a face that two solids share stand out for the solid that is pointed at, for both where that is not said", () => {
  const one = new Structure(
    [
      { tag: 1, faces: [1, 3] },
      { tag: 2, faces: [3, 5] },
    ],
    [1, 3, 5],
  );
  const shared = [{ tag: 3, of: [3], first: 0, count: 1 }];
  const standsOut = (apart: boolean, solid?: number) => {
    const table = new FaceTable(2);
    const all = new Slots({ surface: { faces: shared }, boxes } as unknown as Prepared, one, new Matrix4(), 1);
    all.hide(table, { solids: [], faces: [] }, apart);
    all.mark(table, HOVERED, { tags: new Set([3]), solid });
    return [0, 1].filter((i) => table.is(i, HOVERED) && !table.is(i, HIDDEN));
  };
  expect(standsOut(true)).toEqual([0, 1]);
  expect(standsOut(true, 1)).toEqual([0]);
  expect(standsOut(true, 2)).toEqual([1]);
  expect(standsOut(false, 2)).toEqual([0]);
});
