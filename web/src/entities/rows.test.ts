import { describe, expect, it } from "vitest";
import type { Geometry } from "../api/client";
import { branches, groupsOf, rowsOf } from "./rows";

const geometry = {
  solids: [
    { tag: 1, name: "bolt", measure: 3, faces: [1, 2], color: "#ff0000" },
    { tag: 2, name: "nut", measure: 2, faces: [2, 12] },
  ],
  faces: [
    { tag: 1, measure: 1 },
    { tag: 2, measure: 1, name: "thread" },
    { tag: 12, measure: 1 },
    { tag: 30, measure: 4 },
  ],
  groups: [
    { name: "color_ff0000", dim: 3, entities: [1] },
    { name: "wall", dim: 2, entities: [1] },
  ],
} as unknown as Geometry;
const groups = groupsOf(geometry, [{ name: "wall", dim: 2, entities: [2, 12] }]);
const tree = branches(geometry, groups);
const names = (open: string[], filter = "") => rowsOf(tree, new Set(open), filter).map((r) => `${r.level} ${r.name}`);

describe("the tree", () => {
  it("holds solids with their faces, faces without one, and groups: those of the spec first", () => {
    expect(names(["solids", "faces", "groups", "solids/solid-2"])).toEqual([
      "1 Solids",
      "2 bolt",
      "2 nut",
      "3 thread",
      "3 Face 12",
      "1 Faces without a solid",
      "2 Face 30",
      "1 Groups",
      "2 wall",
      "2 color_ff0000",
    ]);
    expect(groups[0].entities).toEqual([2, 12]);
  });

  it("says where each row stands, and what it stands for", () => {
    const rows = rowsOf(tree, new Set(["solids", "solids/solid-1"]), "");
    const thread = rows.find((r) => r.key === "solids/solid-1/face-2");
    expect(thread).toMatchObject({ parent: "solids/solid-1", place: [2, 2], entities: { solids: [], faces: [2] } });
    expect(thread?.open).toBeUndefined();
    expect(rows.find((r) => r.name === "bolt")).toMatchObject({ count: 2, open: true, color: "#ff0000" });
  });

  it("says of which solid a face is that two share, where it is named under one", () => {
    const rows = rowsOf(tree, new Set(["solids", "solids/solid-1", "solids/solid-2", "faces", "groups", "groups/0"]), "");
    const solidOf = (key: string) => rows.find((r) => r.key === key)?.solid;
    expect(["solids/solid-1", "solids/solid-1/face-2", "solids/solid-2/face-2"].map(solidOf)).toEqual([1, 1, 2]);
    expect(["solids", "faces/face-30", "groups/0", "groups/0/face-2"].flatMap((key) => solidOf(key) ?? [])).toEqual([]);
  });

  it("is filtered by names and numbers; what holds a match is seen", () => {
    expect(names([], "nut")).toEqual(["1 Solids", "2 nut"]);
    expect(names([], "thr")).toEqual(["1 Solids", "2 bolt", "3 thread", "2 nut", "3 thread", "1 Groups", "2 wall", "3 thread"]);
    expect(names([], "12")).toEqual(["1 Solids", "2 nut", "3 Face 12", "1 Groups", "2 wall", "3 Face 12"]);
    expect(names([], "nothing like it")).toEqual([]);
  });

  it("opens what a filter found", () => {
    expect(names(["solids/solid-2"], "nut")).toEqual(["1 Solids", "2 nut", "3 thread", "3 Face 12"]);
  });
});
