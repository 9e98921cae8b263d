/** How arrays lie in textures, which are rows of texels. An array that fills whole rows goes to the card as it is, without a copy. */

export const WIDTH = 4096; // texels in a row: what every card has that people draw with

/** rowsOf is how many rows of texels hold so many. */
export const rowsOf = (count: number): number => Math.max(1, Math.ceil(count / WIDTH));

/** room is how many texels there are in the rows that hold so many. */
export const room = (count: number): number => WIDTH * rowsOf(count);

/** mostTriangles is how many triangles a card draws whose textures have so many rows at most: each corner is a texel. */
export const mostTriangles = (rows: number): number => Math.floor((WIDTH * rows) / 3);

/** bytesWithRoom returns so many zeros, with room behind them to fill their rows. */
export const bytesWithRoom = (count: number): Uint8Array => new Uint8Array(room(count)).subarray(0, count);

/** filled returns an array of numbers, a texel each, with what lies behind it in its last row. */
export function filled(a: Uint8Array): Uint8Array {
  const length = room(a.length);
  if (a.byteOffset + length <= a.buffer.byteLength) return new Uint8Array(a.buffer, a.byteOffset, length);
  const out = new Uint8Array(length);
  out.set(a);
  return out;
}
