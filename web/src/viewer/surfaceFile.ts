/**
 * Reads the surface files that Meshgen writes (docs/viewer-format.md): GLB with one primitive, compressed with meshopt, whose
 * extras say which triangles belong to which face of the model and what they are worth.
 *
 * It runs where it is called: call it in a worker, since a million triangles take some tens of milliseconds.
 */
import { MeshoptDecoder } from "three/examples/jsm/libs/meshopt_decoder.module.js";

/** A face of the model: a range of triangles. */
export interface Face {
  tag: number;
  name?: string;
  color?: string;
  first: number;
  count: number;
}

/** A measure of every triangle: 0 stands for low and 255 for high. */
export interface Measure {
  name: string;
  low: number;
  high: number;
  values: Uint8Array;
}

export interface Surface {
  /** x y z of each vertex as multiples of quantum from origin. */
  positions: Uint16Array;
  /** Three vertices of each triangle. */
  corners: Uint32Array;
  faces: Face[];
  /** Numbers of the elements in the mesh file; absent for a tessellation. */
  elements?: Uint32Array;
  measures: Measure[];
  units?: string;
  /** Length of one step of a position, in the geometry's units. */
  quantum: number;
  origin: [number, number, number];
}

interface GLTF {
  accessors: { bufferView: number; componentType: number; count: number; type: string }[];
  bufferViews: {
    byteLength: number;
    extensions: {
      EXT_meshopt_compression: { byteOffset: number; byteLength: number; byteStride: number; count: number; mode: string };
    };
  }[];
  meshes: { primitives: { attributes: { POSITION: number }; indices: number; extras: { meshgen: Extras } }[] }[];
  nodes: { scale: [number, number, number]; translation: [number, number, number] }[];
}

interface Extras {
  version: number;
  units?: string;
  faces: Face[];
  elements?: number;
  values: { name: string; accessor: number; low: number; high: number }[];
}

const MAGIC = 0x46546c67;
const VERSION = 1;

/** readSurface returns what a surface file holds, or throws an Error that says what is wrong with it. */
export async function readSurface(file: ArrayBuffer): Promise<Surface> {
  await MeshoptDecoder.ready;
  const { json, binary } = chunks(file);
  const primitive = json.meshes[0].primitives[0];
  const extras = primitive.extras?.meshgen;
  if (!extras) throw new Error("The file is a GLB, but not one of Meshgen's.");
  if (extras.version > VERSION) throw new Error("The file is newer than this page. Reload the page.");

  const decode = (index: number): Uint8Array => {
    const view = json.bufferViews[json.accessors[index].bufferView];
    const c = view.extensions.EXT_meshopt_compression;
    const out = new Uint8Array(c.count * c.byteStride);
    MeshoptDecoder.decodeGltfBuffer(
      out,
      c.count,
      c.byteStride,
      binary.subarray(c.byteOffset, c.byteOffset + c.byteLength),
      c.mode,
      "NONE",
    );
    return out;
  };

  // Positions come padded to eight bytes a vertex.
  const padded = new Uint16Array(decode(primitive.attributes.POSITION).buffer);
  const positions = new Uint16Array((padded.length / 4) * 3);
  for (let from = 0, to = 0; from < padded.length; from += 4, to += 3) {
    positions[to] = padded[from];
    positions[to + 1] = padded[from + 1];
    positions[to + 2] = padded[from + 2];
  }
  const node = json.nodes[0];
  return {
    positions,
    corners: new Uint32Array(decode(primitive.indices).buffer),
    faces: extras.faces,
    elements: extras.elements === undefined ? undefined : new Uint32Array(decode(extras.elements).buffer),
    measures: extras.values.map((v) => ({
      name: v.name,
      low: v.low,
      high: v.high,
      values: decode(v.accessor).subarray(0, json.accessors[v.accessor].count),
    })),
    units: extras.units,
    quantum: node.scale[0],
    origin: node.translation,
  };
}

function chunks(file: ArrayBuffer): { json: GLTF; binary: Uint8Array } {
  const head = new DataView(file);
  if (file.byteLength < 28 || head.getUint32(0, true) !== MAGIC) throw new Error("The file is not a GLB.");
  if (head.getUint32(8, true) !== file.byteLength) throw new Error("The file is cut off.");
  const length = head.getUint32(12, true);
  const json = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 20, length))) as GLTF;
  return { json, binary: new Uint8Array(file, 28 + length, head.getUint32(20 + length, true)) };
}
