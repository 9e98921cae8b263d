import { expect, it } from "vitest";
import { numberAt, numbersOf, packNumbers } from "./numbers";

/** kept packs numbers, and looks that they are the same again, all of them and each by itself. */
function kept(numbers: Uint32Array) {
  const packed = packNumbers(numbers);
  expect(numbersOf(packed)).toEqual(numbers);
  expect(numbers.map((_, i) => numberAt(packed, i))).toEqual(numbers);
  return packed;
}

const bytes = (n: ReturnType<typeof packNumbers>) => n.blocks.byteLength + n.offsets.byteLength + n.whole.byteLength;

it("keeps numbers that lie beside each other in two bytes each", () => {
  const rows = Uint32Array.from({ length: 20_000 }, (_, i) => 70_000 * Math.floor(i / 5_000) + 578 * (i % 3) + i); // as a mesh has them
  const packed = kept(rows);
  expect(bytes(packed)).toBeLessThan(2.2 * rows.length);
});

it("keeps any others as they are, in hardly more than four", () => {
  let dice = 1;
  const any = Uint32Array.from({ length: 10_001 }, () => {
    dice = (dice * 48271) % 2147483647;
    return 2 * dice;
  });
  const packed = kept(any);
  expect(bytes(packed)).toBeLessThan(4.1 * any.length);
});

it("keeps blocks of either kind beside each other, and a last one that is not full", () => {
  const near = (i: number) => 1_000_000 + (i % 128);
  const far = (i: number) => 50_000_000 * (i % 64) + i;
  for (const last of [1, 37, 127, 128])
    for (const kinds of [
      [near, far, near, far],
      [far, near, far, near],
    ])
      kept(Uint32Array.from({ length: 3 * 128 + last }, (_, i) => kinds[Math.floor(i / 128)](i)));
});

it("keeps the largest number that there is, and none at all", () => {
  kept(new Uint32Array([0xffffffff, 0xffffffff]));
  kept(new Uint32Array([0xffffffff - 65535, 0xffffffff]));
  kept(new Uint32Array([5, 65540, 0, 65535]));
  kept(new Uint32Array([7, 65543])); // one more than two bytes hold
  expect(kept(new Uint32Array())).toHaveLength(0);
});
