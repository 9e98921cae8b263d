import { expect, it } from "vitest";
import { hull, onto, type Scale, valueOf } from "./glb";

it.each<[Scale, Scale]>([
  [
    { low: 2, high: 8, log: true },
    { low: 1, high: 32, log: true },
  ],
  [
    { low: 0, high: 1 },
    { low: -1, high: 3 },
  ],
])("brings numbers to a scale that holds another one, too", (own, other) => {
  const both = hull(own, other);
  expect([both.low, both.high]).toEqual([other.low, other.high]);
  const [times, plus] = onto(own, both);
  for (const byte of [0, 100, 255]) expect(valueOf(both, times * byte + plus)).toBeCloseTo(valueOf(own, byte), 10);
});
