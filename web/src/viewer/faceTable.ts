/**
 * What a shader knows of each face: its colour, whether it is picked or hidden, and where it is moved to. Shaders that draw the
 * same faces share a table, so that a change is one write.
 */
import { DataTexture, FloatType, NearestFilter, RGBAFormat, type Vector3 } from "three";
import { rowsOf, WIDTH } from "./texels";

/** What a shader does with a face, as bits. */
export const HOVERED = 1;
export const SELECTED = 2;
export const HIDDEN = 4;

export class FaceTable {
  /** Red, green, blue and the bits above. */
  readonly looks: DataTexture;
  /** How far a face is moved where solids are drawn one length apart. */
  readonly moves: DataTexture;
  private readonly lookData: Uint8Array;
  private readonly moveData: Float32Array;

  constructor(readonly count: number) {
    const rows = rowsOf(count);
    this.lookData = new Uint8Array(4 * WIDTH * rows);
    this.moveData = new Float32Array(4 * WIDTH * rows);
    this.looks = nearest(new DataTexture(this.lookData, WIDTH, rows, RGBAFormat));
    this.moves = nearest(new DataTexture(this.moveData, WIDTH, rows, RGBAFormat, FloatType));
  }

  color(face: number, rgb: readonly [number, number, number]): void {
    this.lookData.set(rgb, 4 * face);
    this.looks.needsUpdate = true;
  }

  /** mark sets or clears bits of a face's state. */
  mark(face: number, bits: number, on: boolean): void {
    const at = 4 * face + 3;
    this.lookData[at] = on ? this.lookData[at] | bits : this.lookData[at] & ~bits;
    this.looks.needsUpdate = true;
  }

  is(face: number, bit: number): boolean {
    return (this.lookData[4 * face + 3] & bit) !== 0;
  }

  move(face: number, by: Vector3): void {
    by.toArray(this.moveData, 4 * face);
    this.moves.needsUpdate = true;
  }

  dispose(): void {
    this.looks.dispose();
    this.moves.dispose();
  }
}

/** lookUp is how shaders read a table. */
export const lookUp = /* glsl */ `
  uniform sampler2D looks;
  uniform sampler2D moves;
  uniform float apart;
  ivec2 texel(int i) { return ivec2(i & ${WIDTH - 1}, i >> ${Math.log2(WIDTH)}); }
  vec4 lookOf(int face) { return texelFetch(looks, texel(face), 0); }
  int stateOf(vec4 look) { return int(look.a * 255.0 + 0.5); }
  vec3 moveOf(int face) { return apart * texelFetch(moves, texel(face), 0).xyz; }
`;

/** nearest has a shader read texels as they are. */
export function nearest(t: DataTexture): DataTexture {
  t.minFilter = NearestFilter;
  t.magFilter = NearestFilter;
  t.needsUpdate = true;
  return t;
}
