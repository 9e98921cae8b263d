import { Box3, Vector3 } from "three";
import { expect, it } from "vitest";
import { partingOf } from "./parting";

const box = (x: number, half: number) => new Box3(new Vector3(x - half, -half, -half), new Vector3(x + half, half, half));

it("solids move away from the middle, in the order in which they lie", () => {
  const [a, b, c] = partingOf([box(-10, 1), box(0, 1), box(5, 1)], 12);
  expect(a.x).toBeLessThan(0);
  expect(b.length()).toBe(0);
  expect(c.x).toBeGreaterThan(0);
  expect(Math.abs(a.x)).toBeCloseTo(2 * c.x, 9);
});

it("solids that lie in each other come out of each other", () => {
  const boxes = [box(0, 5), box(0, 2), box(0, 1)];
  const moved = partingOf(boxes, 8).map((m, i) => boxes[i].clone().translate(m));
  expect(moved[0].intersectsBox(moved[1])).toBe(false);
  expect(moved[1].intersectsBox(moved[2])).toBe(false);
  expect(moved[0].intersectsBox(moved[2])).toBe(false);
});
