import { expect, it } from "vitest";
import { numberAt, numbersOf, packNumbers } from "./numbers";

const bytes = (n: ReturnType<typeof packNumbers>) => n.blocks.byteLength + n.offsets.byteLength + n.whole.byteLength;

it("keeps numbers that lie beside each other in two bytes each", () => {
  const rows = Uint32Array.from({ length: 20_000 }, (_, i) => 70_000 * Math.floor(i / 5_000) + 578 * (i % 3) + i); // as a mesh has them
  const packed = packNumbers(rows);
  expect(numbersOf(packed)).toEqual(rows);
  expect(bytes(packed)).toBeLessThan(2.2 * rows.length);
});

it("keeps any others as they are, in hardly more than four", () => {
  let dice = 1;
  const any = Uint32Array.from({ length: 10_001 }, () => {
    dice = (dice * 48271) % 2147483647;
    return 2 * dice;
  });
  const packed = packNumbers(any);
  expect(numbersOf(packed)).toEqual(any);
  expect(bytes(packed)).toBeLessThan(4.1 * any.length);
});

it("keeps the largest number that there is, and none at all", () => {
  const largest = new Uint32Array([0xffffffff, 0xffffffff]);
  expect(numbersOf(packNumbers(largest))).toEqual(largest);
  const edge = new Uint32Array([5, 65540, 0, 65535]);
  expect(numbersOf(packNumbers(edge))).toEqual(edge);
  expect(numberAt(packNumbers(edge), 1)).toBe(65540);
  expect(packNumbers(new Uint32Array())).toHaveLength(0);
});
