/**
 * Triangles on the GPU, one draw for all of them.
 *
 * Corners are not shared, so that a shader knows from the number of a vertex which triangle and which corner it is. What is
 * known of a triangle (face, value) and of a face (FaceTable) stands in textures: to colour by another measure or to pick a face
 * writes a texture and nothing else, and to brush a histogram not even that.
 */
import {
  BufferAttribute,
  BufferGeometry,
  Color,
  DataTexture,
  DoubleSide,
  FloatType,
  GLSL3,
  Mesh,
  RawShaderMaterial,
  RedFormat,
  RGBAFormat,
  Sphere,
  Vector2,
  Vector4,
} from "three";
import { scaleTexture } from "./colors";
import { type FaceTable, HIDDEN, HOVERED, lookUp, nearest, rowsOf, SELECTED, WIDTH } from "./faceTable";
import { typeTexture } from "./palette";

/** GONE stands for corners that are on the card alone. */
export const GONE = new Uint16Array(0);

const EVERYTHING = [0, 255] as const; // the values that there are

/** How triangles get their colour: by their face, or by their value on the scale. */
export enum Coloring {
  Face = 0,
  Value = 1,
}

export interface Triangles {
  /** Four numbers a corner, three corners a triangle: x y z, and the edges to draw (bit k: the edge opposite to corner k). */
  corners: Uint16Array | Float32Array;
  /** Index of the face of each triangle. */
  faceOf: Uint16Array;
}

const vertexShader = /* glsl */ `
  precision highp float;
  precision highp int;
  in vec4 position;
  uniform mat4 modelMatrix;
  uniform mat4 viewMatrix;
  uniform mat4 projectionMatrix;
  uniform sampler2D triangles;
  uniform sampler2D scale;
  uniform int coloring;
  uniform vec2 brush;
  uniform sampler2D depths;
  uniform bool crinkled;
  uniform float crinkle;
  out vec3 bary;
  out vec3 viewPosition;
  out vec3 worldPosition;
  flat out vec3 color;
  flat out vec3 edges;
  flat out float ghost;
  flat out float lit;
  ${lookUp}

  void main() {
    int triangle = gl_VertexID / 3;
    int corner = gl_VertexID - 3 * triangle;
    vec4 t = texelFetch(triangles, texel(triangle), 0) * 255.0;
    int face = int(t.r + 0.5) + 256 * int(t.g + 0.5);
    vec4 own = lookOf(face);
    int state = stateOf(own);

    color = coloring == ${Coloring.Value} ? texelFetch(scale, ivec2(int(t.b + 0.5), 0), 0).rgb : own.rgb;
    lit = (state & ${SELECTED}) != 0 ? 1.0 : (state & ${HOVERED}) != 0 ? 0.3 : 0.0;
    ghost = t.b < brush.x || t.b > brush.y ? 1.0 : 0.0;
    bary = vec3(corner == 0, corner == 1, corner == 2);
    int mask = int(position.w + 0.5);
    edges = vec3(mask & 1, (mask >> 1) & 1, (mask >> 2) & 1);

    vec4 world = modelMatrix * vec4(position.xyz, 1.0);
    worldPosition = world.xyz; // a cut goes through the part before its solids are drawn apart
    vec4 view = viewMatrix * (world + vec4(moveOf(face), 0.0));
    viewPosition = view.xyz;
    bool left = (state & ${HIDDEN}) != 0 || crinkled && texelFetch(depths, texel(triangle), 0).r > crinkle;
    gl_Position = left ? vec4(2.0, 2.0, 2.0, 1.0) : projectionMatrix * view;
  }
`;

const fragmentShader = /* glsl */ `
  precision highp float;
  in vec3 bary;
  in vec3 viewPosition;
  in vec3 worldPosition;
  flat in vec3 color;
  flat in vec3 edges;
  flat in float ghost;
  flat in float lit;
  uniform vec4 plane;
  uniform bool clipped;
  uniform vec3 edgeColor;
  uniform float edgeOpacity;
  uniform vec2 edgeFade;
  uniform vec3 accent;
  uniform float opacity;
  uniform bool flatColors;
  uniform float pixelRatio;
  out vec4 result;

  // Sixteen thresholds in a 4 × 4 pattern: see-through without sorting.
  float threshold() {
    ivec2 p = ivec2(gl_FragCoord.xy) & 3;
    int i = p.x + 4 * p.y;
    int order[16] = int[16](0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5);
    return (float(order[i]) + 0.5) / 16.0;
  }

  void main() {
    if (clipped && dot(plane.xyz, worldPosition) > plane.w) discard;
    float seen = ghost > 0.5 ? 0.09 : opacity;
    if (seen < threshold()) discard;

    vec3 normal = normalize(cross(dFdx(viewPosition), dFdy(viewPosition)));
    vec3 toEye = normalize(-viewPosition);
    if (!gl_FrontFacing) normal = -normal;
    if (normal.z < 0.0) normal = -normal;
    float key = max(dot(normal, normalize(vec3(0.35, 0.55, 0.75))), 0.0);
    float fill = max(dot(normal, normalize(vec3(-0.6, -0.1, 0.6))), 0.0);
    float rim = pow(1.0 - max(normal.z, 0.0), 3.0);
    float light = flatColors ? 0.62 + 0.3 * key + 0.12 * fill : 0.56 + 0.46 * key + 0.22 * fill;
    vec3 shaded = color * light + vec3(0.05) * rim;
    shaded = mix(shaded, accent, 0.55 * lit);

    // Edges have the same width in pixels everywhere, and fade where triangles are smaller than that.
    vec3 slope = fwidth(bary);
    vec3 distance = bary / max(slope, vec3(1e-6)) + (1.0 - edges) * 1e3;
    float nearest = min(distance.x, min(distance.y, distance.z));
    float line = 1.0 - smoothstep(0.25 * pixelRatio, 0.95 * pixelRatio, nearest);
    float size = 1.0 / max(slope.x, max(slope.y, slope.z));
    line *= edgeOpacity * smoothstep(edgeFade.x, edgeFade.y, size / pixelRatio);
    result = vec4(mix(shaded, edgeColor, line), 1.0);
  }
`;

export class TriangleLayer {
  readonly object: Mesh<BufferGeometry, RawShaderMaterial>;
  readonly count: number;
  private readonly triangles: DataTexture;
  private readonly scale = texture(scaleTexture(), 256, 1);
  private colors = "scale";
  private depth: DataTexture;
  private readonly triangleData: Uint8Array;

  /**
   * With corners that can be made anew they are let go of once the card has them: 24 MB of a million triangles. The card may be taken
   * away; refill makes them again.
   */
  constructor(
    t: Triangles,
    faces: FaceTable,
    private readonly anew?: () => Triangles["corners"],
  ) {
    this.count = t.faceOf.length;
    const geometry = new BufferGeometry();
    const position = new BufferAttribute(t.corners, 4);
    if (anew) {
      position.onUpload(() => {
        position.array = GONE;
        t.corners = GONE;
      });
    }
    geometry.setAttribute("position", position);
    geometry.setDrawRange(0, 3 * this.count);
    // By which three.js sorts what it draws. It would look at every corner for it: a tenth of a second for a million triangles.
    geometry.boundingSphere = new Sphere();

    const rows = rowsOf(this.count);
    this.triangleData = new Uint8Array(4 * WIDTH * rows);
    for (let i = 0; i < this.count; i++) {
      this.triangleData[4 * i] = t.faceOf[i] & 255;
      this.triangleData[4 * i + 1] = t.faceOf[i] >> 8;
    }
    this.triangles = texture(this.triangleData, WIDTH, rows);

    this.depth = floats(new Float32Array(1), 1, 1);
    const material = new RawShaderMaterial({
      glslVersion: GLSL3,
      side: DoubleSide,
      // so that outlines on the surface are seen whole
      polygonOffset: true,
      polygonOffsetFactor: 1,
      polygonOffsetUnits: 2,
      vertexShader,
      fragmentShader,
      uniforms: {
        triangles: { value: this.triangles },
        looks: { value: faces.looks },
        moves: { value: faces.moves },
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
        edgeFade: { value: new Vector2(3, 14) }, // pixels that a triangle is high: none of its edges below, all above
        accent: { value: new Color(1, 0.55, 0.1) },
        opacity: { value: 1 },
        flatColors: { value: false },
        pixelRatio: { value: 1 },
      },
    });
    this.object = new Mesh(geometry, material);
    this.object.frustumCulled = false; // there is one, and it is looked at
  }

  /** refill gives the corners to a card that has lost them. */
  refill(): void {
    const position = this.object.geometry.getAttribute("position") as BufferAttribute;
    if (this.anew && position.array === GONE) position.array = this.anew();
  }

  /** set changes uniforms of the shader. */
  set(values: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(values)) this.object.material.uniforms[name].value = value;
  }

  /** value sets the value of every triangle, from 0 to 255, and what these stand for: a share of the scale, or a type of element. */
  value(values: Uint8Array, colors: "scale" | "types" = "scale"): void {
    if (colors !== this.colors) {
      (this.scale.image.data as Uint8Array).set(colors === "types" ? typeTexture() : scaleTexture());
      this.scale.needsUpdate = true;
      this.colors = colors;
    }
    for (let i = 0; i < this.count; i++) this.triangleData[4 * i + 2] = values[i];
    this.triangles.needsUpdate = true;
  }

  /** depths sets how deep every triangle lies: with crinkled set, those that lie deeper than crinkle are left out. */
  depths(values: Float32Array): void {
    const rows = rowsOf(this.count);
    const data = new Float32Array(WIDTH * rows);
    data.set(values);
    this.depth.dispose();
    this.depth = floats(data, WIDTH, rows);
    this.set({ depths: this.depth });
  }

  /** brush makes ghosts of the triangles whose value lies out of the range; null ends it. */
  brush(range: readonly [number, number] | null): void {
    const [low, high] = range ?? EVERYTHING;
    this.object.material.uniforms.brush.value.set(low - 0.5, high + 0.5);
  }

  dispose(): void {
    this.object.geometry.dispose();
    this.scale.dispose();
    this.object.material.dispose();
    this.triangles.dispose();
    this.depth.dispose();
  }
}

function texture(data: Uint8Array, width: number, height: number): DataTexture {
  return nearest(new DataTexture(data, width, height, RGBAFormat));
}

function floats(data: Float32Array, width: number, height: number): DataTexture {
  return nearest(new DataTexture(data, width, height, RedFormat, FloatType));
}
