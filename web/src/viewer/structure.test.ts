import { describe, expect, it } from "vitest";
import { hiding, NONE, Structure } from "./structure";

// Two boxes that touch in face 3, and a face of no solid.
const part = new Structure(
  [
    { tag: 1, faces: [1, 2, 3] },
    { tag: 2, faces: [3, 4, 5] },
  ],
  [1, 2, 3, 4, 5, 9],
);
const shown = (hidden: typeof NONE) => part.faces.filter((f) => part.isShown(f, hiding(hidden)));

describe("what is hidden", () => {
  it("of a solid is what no other solid needs", () => {
    expect(shown(part.hide(NONE, { solids: [1], faces: [] }))).toEqual([3, 4, 5, 9]);
    expect(shown(part.hide(NONE, { solids: [1, 2], faces: [] }))).toEqual([9]);
  });

  it("is a face alone where only the face is", () => {
    const hidden = part.hide(NONE, { solids: [], faces: [3] });
    expect(shown(hidden)).toEqual([1, 2, 4, 5, 9]);
    expect(part.isSolidShown(1, hiding(hidden))).toBe(true);
  });

  it("is a solid too, once all its faces are", () => {
    expect(part.isSolidShown(1, hiding({ solids: [], faces: [1, 2, 3] }))).toBe(false);
  });

  it("comes back face by face, or whole", () => {
    const hidden = { solids: [1, 2], faces: [] };
    const one = part.show(hidden, { solids: [], faces: [2] });
    expect(shown(one)).toEqual([2, 9]);
    expect(shown(part.show(one, { solids: [1], faces: [] }))).toEqual([1, 2, 3, 9]);
    expect(shown(part.show(part.hide(NONE, { solids: [1], faces: [] }), { solids: [], faces: [1] }))).toEqual([1, 3, 4, 5, 9]);
  });
});

describe("what is isolated", () => {
  it("stands alone", () => {
    expect(shown(part.isolate({ solids: [2], faces: [] }))).toEqual([3, 4, 5]);
    expect(shown(part.isolate({ solids: [], faces: [4] }))).toEqual([4]);
    expect(shown(part.isolate({ solids: [], faces: [1, 3, 4] }))).toEqual([1, 3, 4]);
    expect(shown(part.isolate({ solids: [1], faces: [5] }))).toEqual([1, 2, 3, 5]);
    expect(shown(part.isolate({ solids: [], faces: [9] }))).toEqual([9]);
  });
});
