/** The container of the files that Meshgen writes for viewing: GLB, compressed with meshopt (docs/viewer-format.md). */
import { MeshoptDecoder } from "three/examples/jsm/libs/meshopt_decoder.module.js";
import { room } from "./texels";

/** A measure of every triangle or element: 0 stands for low and 255 for high. */
export interface Measure {
  name: string;
  low: number;
  high: number;
  /** The scale between them is one of ratios. */
  log?: boolean;
  values: Uint8Array;
}

/** Scale is what the numbers of a measure stand for. */
export type Scale = Pick<Measure, "low" | "high" | "log">;

/** valueOf returns what a number from 0 to 255 stands for. */
export function valueOf({ low, high, log }: Scale, byte: number): number {
  return log ? low * (high / low) ** (byte / 255) : low + ((high - low) * byte) / 255;
}

/** byteOf returns the number from 0 to 255 that stands for a value. */
export function byteOf({ low, high, log }: Scale, value: number): number {
  const share = log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return Math.round(255 * Math.min(Math.max(share, 0), 1));
}

/** hull returns the scale that holds two of the same kind. */
export const hull = (a: Scale, b: Scale): Scale => ({ ...a, low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) });

/** onto returns what brings numbers of one scale to another of the same kind: they are multiplied by the first, and the second is added. */
export function onto(own: Scale, other: Scale): [number, number] {
  const place = (value: number) => (other.log ? Math.log(value) : value);
  const range = place(other.high) - place(other.low);
  return [(place(own.high) - place(own.low)) / range, (255 * (place(own.low) - place(other.low))) / range];
}

/** A measure as it stands in the file. */
export interface ValueExtras {
  name: string;
  accessor: number;
  low: number;
  high: number;
}

interface GLTF<Extras> {
  accessors: { bufferView: number; count: number }[];
  bufferViews: {
    extensions: {
      EXT_meshopt_compression: { byteOffset: number; byteLength: number; byteStride: number; count: number; mode: string };
    };
  }[];
  meshes: { primitives: { attributes: { POSITION: number }; indices: number; extras?: { meshgen?: Extras } }[] }[];
  nodes: { scale: [number, number, number]; translation: [number, number, number] }[];
}

const MAGIC = 0x46546c67;
const VERSION = 1;

export class GLB<Extras extends { version: number }> {
  readonly extras: Extras;
  private readonly json: GLTF<Extras>;
  private readonly binary: Uint8Array;

  private constructor(file: ArrayBuffer) {
    const head = new DataView(file);
    if (file.byteLength < 28 || head.getUint32(0, true) !== MAGIC) throw new Error("The file is not a GLB.");
    if (head.getUint32(8, true) !== file.byteLength) throw new Error("The file is cut off.");
    const length = head.getUint32(12, true);
    this.json = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 20, length)));
    this.binary = new Uint8Array(file, 28 + length, head.getUint32(20 + length, true));
    const extras = this.primitive.extras?.meshgen;
    if (!extras) throw new Error("The file is a GLB, but not one of Meshgen's.");
    if (extras.version > VERSION) throw new Error("The file is newer than this page. Reload the page.");
    this.extras = extras;
  }

  /** read takes a file apart, or throws an Error that says what is wrong with it. */
  static async read<Extras extends { version: number }>(file: ArrayBuffer): Promise<GLB<Extras>> {
    await MeshoptDecoder.ready;
    return new GLB<Extras>(file);
  }

  /** Length of one step of a position, in the geometry's units. */
  get quantum(): number {
    return this.json.nodes[0].scale[0];
  }

  get origin(): [number, number, number] {
    return this.json.nodes[0].translation;
  }

  get indices(): Uint32Array {
    return this.numbers(this.primitive.indices);
  }

  /** positions returns x y z of each vertex. In the file they are padded to eight bytes. */
  positions(): Uint16Array {
    const { buffer, length } = this.bytes(this.primitive.attributes.POSITION, 8);
    const padded = new Uint16Array(buffer, 0, length / 2);
    const out = new Uint16Array((padded.length / 4) * 3);
    for (let from = 0, to = 0; from < padded.length; from += 4, to += 3) {
      out[to] = padded[from];
      out[to + 1] = padded[from + 1];
      out[to + 2] = padded[from + 2];
    }
    return out;
  }

  /** numbers returns 32-bit numbers, with room behind them (see texels). */
  numbers(accessor: number): Uint32Array {
    const { buffer, length } = this.bytes(accessor, 4);
    return new Uint32Array(buffer, 0, length / 4);
  }

  measures(values: ValueExtras[]): Measure[] {
    return values.map(({ name, low, high, accessor }) => ({
      name,
      low,
      high,
      values: this.bytes(accessor, 1).subarray(0, this.json.accessors[accessor].count),
    }));
  }

  private get primitive() {
    return this.json.meshes[0].primitives[0];
  }

  /** bytes returns what an accessor holds, with room behind it for texels of so many bytes. */
  private bytes(accessor: number, texel: number): Uint8Array {
    const view = this.json.bufferViews[this.json.accessors[accessor].bufferView];
    const c = view.extensions.EXT_meshopt_compression;
    const length = c.count * c.byteStride;
    const out = new Uint8Array(texel * room(length / texel)).subarray(0, length);
    const from = this.binary.subarray(c.byteOffset, c.byteOffset + c.byteLength);
    MeshoptDecoder.decodeGltfBuffer(out, c.count, c.byteStride, from, c.mode, "NONE");
    return out;
  }
}
