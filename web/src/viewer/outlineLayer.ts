/**
 * The outlines of faces, as lines that are hidden, moved and cut with them. A line is dark on what is light and light on what is dark,
 * whatever the page around it is: the colour of the triangle that it is an edge of tells. Where one sees through that, the theme does.
 */
import { BufferAttribute, BufferGeometry, Color, GLSL3, type IUniform, LineSegments, RawShaderMaterial, Vector4 } from "three";
import { type FaceTable, HIDDEN, lookUp } from "./faceTable";
import { Coloring, type Colors, scaled } from "./triangleShader";

const DARK = "0.03, 0.04, 0.06";
const LIGHT = "0.88, 0.92, 0.97";
/** Of its light, by the eye's measure: below it a light line is seen better, half in the shade as surfaces are. */
const DIM = 0.12;

const vertexShader = /* glsl */ `
  precision highp float;
  precision highp int;
  in vec4 position;
  in uint triangle;
  uniform sampler2D values;
  uniform sampler2D scale;
  uniform vec2 stretch;
  uniform int coloring;
  uniform bool through;
  uniform vec3 color;
  flat out vec3 lineColor;
  uniform mat4 modelMatrix;
  uniform mat4 viewMatrix;
  uniform mat4 projectionMatrix;
  out vec3 worldPosition;
  ${lookUp}
  ${scaled}

  vec3 against(vec3 surface) {
    float light = dot(pow(surface, vec3(2.2)), vec3(0.2126, 0.7152, 0.0722));
    return light < ${DIM} ? vec3(${LIGHT}) : vec3(${DARK});
  }

  void main() {
    int face = int(position.w + 0.5);
    if (through) lineColor = color;
    else if (coloring == ${Coloring.Value}) lineColor = against(scaled(texelFetch(values, texel(int(triangle)), 0).r * 255.0));
    else lineColor = against(lookOf(face).rgb);
    vec4 world = modelMatrix * vec4(position.xyz, 1.0);
    worldPosition = world.xyz;
    vec4 view = viewMatrix * (world + vec4(moveOf(face), 0.0));
    gl_Position = (stateOf(lookOf(face)) & ${HIDDEN}) != 0 ? vec4(2.0, 2.0, 2.0, 1.0) : projectionMatrix * view;
  }
`;

const fragmentShader = /* glsl */ `
  precision highp float;
  in vec3 worldPosition;
  uniform vec4 plane;
  uniform bool clipped;
  flat in vec3 lineColor;
  out vec4 result;
  void main() {
    if (clipped && dot(plane.xyz, worldPosition) > plane.w) discard;
    result = vec4(lineColor, 0.85);
  }
`;

export const outlineMaterial = (uniforms: Record<string, IUniform>): RawShaderMaterial =>
  new RawShaderMaterial({ glslVersion: GLSL3, transparent: true, vertexShader, fragmentShader, uniforms });

export class OutlineLayer {
  readonly object: LineSegments<BufferGeometry, RawShaderMaterial>;

  /** lines holds x y z and the face of both ends of each line, triangles which one it is an edge of; colors is how those are coloured. */
  constructor(lines: Uint16Array, triangles: Uint32Array, faces: FaceTable, colors: Colors) {
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new BufferAttribute(lines, 4));
    geometry.setAttribute("triangle", new BufferAttribute(twice(triangles), 1));
    const material = outlineMaterial({
      looks: { value: faces.looks },
      moves: { value: faces.moves },
      ...colors,
      through: { value: false },
      apart: { value: 0 },
      plane: { value: new Vector4(0, 0, 1, 0) },
      clipped: { value: false },
      color: { value: new Color() },
    });
    this.object = new LineSegments(geometry, material);
    this.object.frustumCulled = false;
  }

  /** set changes uniforms of the shader. */
  set(values: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(values)) this.object.material.uniforms[name].value = value;
  }

  /** only draws those lines alone, by their numbers; null draws all. */
  only(lines: number[] | null): void {
    const ends = lines?.flatMap((line) => [2 * line, 2 * line + 1]);
    this.object.geometry.setIndex(ends ? new BufferAttribute(new Uint32Array(ends), 1) : null);
  }

  dispose(): void {
    this.object.geometry.dispose();
    this.object.material.dispose();
  }
}

/** twice returns what stands for both ends of each line. */
function twice(triangles: Uint32Array): Uint32Array {
  const out = new Uint32Array(2 * triangles.length);
  triangles.forEach((t, line) => {
    out.fill(t, 2 * line, 2 * line + 2);
  });
  return out;
}
