/**
 * Triangles on the GPU, one draw for all of them.
 *
 * What is known of a triangle (its corners, face, value) and of a face (FaceTable) stands in textures: to colour by another measure or to
 * pick a face writes a texture and nothing else, and to brush a histogram not even that. The arrays of a surface are such textures as they
 * are; what the page does not need itself it lets go of once the card has it.
 */
import {
  BufferAttribute,
  BufferGeometry,
  Color,
  DataTexture,
  FloatType,
  type IUniform,
  Mesh,
  type PixelFormat,
  type RawShaderMaterial,
  RedFormat,
  RedIntegerFormat,
  RGBAFormat,
  RGBAIntegerFormat,
  RGIntegerFormat,
  Sphere,
  type TextureDataType,
  UnsignedByteType,
  UnsignedIntType,
  UnsignedShortType,
  Vector2,
  Vector4,
} from "three";
import { scaleTexture } from "./colors";
import { type FaceTable, nearest } from "./faceTable";
import { AS_IT_IS, typeTexture } from "./palette";
import { type ForCard, forCard, type Prepared } from "./prepare";
import { filled, room, rowsOf, WIDTH } from "./texels";
import { Coloring, type Colors, triangleMaterial } from "./triangleShader";

const EVERYTHING = [0, 255] as const; // the values that there are

/** Triangles by themselves. */
export interface Unshared {
  /** Four numbers a corner, three corners a triangle: x y z, and the edges to draw (bit k: the edge opposite to corner k). */
  corners: Uint16Array | Float32Array;
  /** Index of the face of each triangle. */
  faceOf: Uint16Array;
}

/** A surface, whose triangles share vertices. */
export type Shared = Pick<Prepared, "surface" | "card" | "edges">;

export class TriangleLayer {
  readonly object: Mesh<BufferGeometry, RawShaderMaterial>;
  readonly count: number;
  private readonly faces: DataTexture;
  private readonly positions: DataTexture | null = null;
  private readonly scale = nearest(new DataTexture(scaleTexture(), 256, 1, RGBAFormat));
  private readonly uniforms: Record<string, IUniform>;
  private readonly whole: RawShaderMaterial;
  private readonly parted: RawShaderMaterial;
  private brushed = false;
  private colored = "scale";
  private values = empty();
  private depth = empty();

  constructor(
    private readonly t: Unshared | Shared,
    table: FaceTable,
  ) {
    const geometry = new BufferGeometry();
    const own: Record<string, { value: unknown }> = {};
    if ("surface" in t) {
      const { length, offsets, blocks, listed } = t.surface.corners;
      this.count = length / 3;
      t.card ??= forCard(t.surface); // it was shown before
      this.positions = rows(t.card.positions, RGBAIntegerFormat, UnsignedShortType, 4);
      this.faces = facesTexture(t.card.faceOf);
      for (const once of [this.positions, this.faces]) once.onUpdate = () => this.letGo(once);
      own.positions = { value: this.positions };
      own.offsets = { value: rows(offsets, RedIntegerFormat, UnsignedShortType) };
      own.blocks = { value: rows(blocks, RGIntegerFormat, UnsignedIntType, 2) };
      own.listed = { value: rows(listed, RedIntegerFormat, UnsignedIntType) };
      own.drawn = { value: edgesTexture(t.edges) };
      own.someEdges = { value: t.edges !== undefined };
    } else {
      this.count = t.faceOf.length;
      geometry.setAttribute("position", new BufferAttribute(t.corners, 4));
      const faceOf = new Uint16Array(room(this.count));
      faceOf.set(t.faceOf);
      this.faces = facesTexture(faceOf);
    }
    geometry.setDrawRange(0, 3 * this.count);
    // By which three.js sorts what it draws. It would look at every corner for it: a tenth of a second for a million triangles.
    geometry.boundingSphere = new Sphere();

    this.uniforms = {
      ...own,
      faces: { value: this.faces },
      values: { value: this.values },
      valued: { value: false },
      stretch: { value: new Vector2(...AS_IT_IS) },
      looks: { value: table.looks },
      moves: { value: table.moves },
      apart: { value: 0 },
      scale: { value: this.scale },
      coloring: { value: Coloring.Face },
      brush: { value: new Vector2(-1, 256) },
      depths: { value: this.depth },
      crinkled: { value: false },
      crinkle: { value: 0 },
      plane: { value: new Vector4(0, 0, 1, 0) },
      clipped: { value: false },
      edgeColor: { value: new Color(0.1, 0.12, 0.15) },
      edgeOpacity: { value: 0 },
      edgeFade: { value: new Vector2(2, 9) }, // pixels that a triangle is high: none of its edges below, all above
      accent: { value: new Color(1, 0.55, 0.1) },
      opacity: { value: 1 },
      flatColors: { value: false },
      pixelRatio: { value: 1 },
    };
    const shared = "surface" in t;
    this.parted = triangleMaterial(this.uniforms, { shared });
    this.whole = shared ? triangleMaterial(this.uniforms, { shared, whole: true }) : this.parted;
    this.object = new Mesh(geometry, this.whole);
    this.object.frustumCulled = false; // there is one, and it is looked at
  }

  /** colors is how its triangles are coloured, now and later. */
  get colors(): Colors {
    const { values, scale, stretch, coloring } = this.uniforms;
    return { values, scale, stretch, coloring };
  }

  /** renew reads what is known of faces from another table, and what is known of the surface by now. */
  renew(table: FaceTable): void {
    this.set({ looks: table.looks, moves: table.moves });
    if (!("surface" in this.t) || !this.t.edges || this.uniforms.someEdges.value) return;
    this.uniforms.drawn.value.dispose();
    this.set({ drawn: edgesTexture(this.t.edges), someEdges: true });
  }

  /** refill makes again what was let go of, for a card that has lost it. */
  refill(): void {
    if (!("surface" in this.t) || !this.positions) return;
    const { positions, faceOf }: ForCard = forCard(this.t.surface);
    this.positions.image.data = positions;
    this.faces.image.data = faceOf;
    for (const t of [this.positions, this.faces]) t.needsUpdate = true;
  }

  /** set changes uniforms of the shader. */
  set(values: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(values)) this.uniforms[name].value = value;
    this.choose();
  }

  /**
   * value sets the value of every triangle, from 0 to 255, and what these stand for: a place on the scale, once they are stretched, or a
   * type of element.
   */
  value(values: Uint8Array, colors: "scale" | "types" = "scale", stretch: readonly [number, number] = AS_IT_IS): void {
    this.uniforms.stretch.value.set(...stretch);
    if (colors !== this.colored) {
      (this.scale.image.data as Uint8Array).set(colors === "types" ? typeTexture() : scaleTexture());
      this.scale.needsUpdate = true;
      this.colored = colors;
    }
    this.values.dispose();
    this.values = rows(filled(values), RedFormat, UnsignedByteType);
    this.set({ values: this.values, valued: true });
  }

  /** depths sets how deep every triangle lies: with crinkled set, those that lie deeper than crinkle are left out. */
  depths(values: Float32Array): void {
    const data = new Float32Array(room(this.count));
    data.set(values);
    this.depth.dispose();
    this.depth = rows(data, RedFormat, FloatType);
    this.set({ depths: this.depth });
  }

  /** brush makes ghosts of the triangles whose value lies out of the range; null ends it. */
  brush(range: readonly [number, number] | null): void {
    const [low, high] = range ?? EVERYTHING;
    this.uniforms.brush.value.set(low - 0.5, high + 0.5);
    this.brushed = range !== null;
    this.choose();
  }

  dispose(): void {
    this.object.geometry.dispose();
    for (const m of new Set([this.whole, this.parted])) m.dispose();
    for (const name of ["positions", "offsets", "blocks", "listed", "drawn", "faces", "values", "scale", "depths"])
      this.uniforms[name]?.value.dispose();
  }

  /** choose draws what is whole without asking of each pixel whether it is: those behind others are then not even shaded. */
  private choose(): void {
    const { clipped, opacity } = this.uniforms;
    this.object.material = this.brushed || clipped.value || opacity.value < 1 ? this.parted : this.whole;
  }

  private letGo(t: DataTexture): void {
    t.image.data = null;
    if ("surface" in this.t) this.t.card = null;
  }
}

type Numbers = Uint8Array | Uint16Array | Uint32Array | Float32Array;

/** rows is a texture of whole rows, with so many numbers a texel. */
function rows(data: Numbers, format: PixelFormat, type: TextureDataType, numbers = 1): DataTexture {
  return nearest(new DataTexture(data, WIDTH, rowsOf(data.length / numbers), format, type));
}

const facesTexture = (faceOf: Uint8Array | Uint16Array) =>
  rows(faceOf, RedIntegerFormat, faceOf instanceof Uint8Array ? UnsignedByteType : UnsignedShortType);

const edgesTexture = (edges?: Uint8Array) =>
  edges ? rows(filled(edges), RedIntegerFormat, UnsignedByteType) : empty(RedIntegerFormat);

/** empty stands for what nobody asks for. */
const empty = (format: PixelFormat = RedFormat) => rows(new Uint8Array(WIDTH), format, UnsignedByteType);
