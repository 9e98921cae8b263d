/**
 * The numbers of a million elements in two bytes each. Triangles that follow each other lie beside each other, and so, mostly, do the
 * numbers of their elements: what is kept of each in a block is by how much it is above the least. Where they lie too far apart for that,
 * a block keeps them as they are: never do they take more than four bytes.
 */
const BLOCK = 128; // numbers

export interface Numbers {
  /** How many there are. */
  length: number;
  /** Of each block: its least number, AS_THEY_ARE where it keeps them so; and where it begins in the array that it is kept in. */
  blocks: Uint32Array;
  offsets: Uint16Array;
  whole: Uint32Array;
}

const AS_THEY_ARE = 0xffffffff;

/** packNumbers keeps numbers. */
export function packNumbers(numbers: Uint32Array): Numbers {
  const blocks = new Uint32Array(2 * Math.ceil(numbers.length / BLOCK));
  let [near, far] = [0, 0];
  for (let from = 0, at = 0; from < numbers.length; from += BLOCK, at += 2) {
    const end = Math.min(from + BLOCK, numbers.length);
    let [least, most] = [numbers[from], numbers[from]];
    for (let i = from + 1; i < end; i++) {
      if (numbers[i] < least) least = numbers[i];
      if (numbers[i] > most) most = numbers[i];
    }
    const close = most - least <= 65535 && least !== AS_THEY_ARE;
    blocks[at] = close ? least : AS_THEY_ARE;
    blocks[at + 1] = close ? near : far;
    if (close) near += end - from;
    else far += end - from;
  }
  const packed = { length: numbers.length, blocks, offsets: new Uint16Array(near), whole: new Uint32Array(far) };
  each(packed, (least, at, from, end) => {
    if (least === AS_THEY_ARE) packed.whole.set(numbers.subarray(from, end), at);
    else for (let i = from; i < end; i++) packed.offsets[at + i - from] = numbers[i] - least;
  });
  return packed;
}

/** numberAt returns one of them. */
export function numberAt({ blocks, offsets, whole }: Numbers, i: number): number {
  const block = 2 * Math.floor(i / BLOCK);
  const at = blocks[block + 1] + (i % BLOCK);
  return blocks[block] === AS_THEY_ARE ? whole[at] : blocks[block] + offsets[at];
}

/** numbersOf returns all of them. */
export function numbersOf(n: Numbers): Uint32Array {
  const out = new Uint32Array(n.length);
  each(n, (least, at, from, end) => {
    if (least === AS_THEY_ARE) out.set(n.whole.subarray(at, at + end - from), from);
    else for (let i = from; i < end; i++) out[i] = least + n.offsets[at + i - from];
  });
  return out;
}

/** each calls f for each block: its least number, where it is kept, and which numbers are in it. */
function each({ length, blocks }: Numbers, f: (least: number, at: number, from: number, end: number) => void): void {
  for (let from = 0, block = 0; from < length; from += BLOCK, block += 2)
    f(blocks[block], blocks[block + 1], from, Math.min(from + BLOCK, length));
}
