/** The outlines of faces, as lines that are hidden, moved and cut with them. */
import { BufferAttribute, BufferGeometry, Color, GLSL3, type IUniform, LineSegments, RawShaderMaterial, Vector4 } from "three";
import { type FaceTable, HIDDEN, lookUp } from "./faceTable";

const vertexShader = /* glsl */ `
  precision highp float;
  precision highp int;
  in vec4 position;
  uniform mat4 modelMatrix;
  uniform mat4 viewMatrix;
  uniform mat4 projectionMatrix;
  out vec3 worldPosition;
  ${lookUp}
  void main() {
    int face = int(position.w + 0.5);
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
  uniform vec3 color;
  out vec4 result;
  void main() {
    if (clipped && dot(plane.xyz, worldPosition) > plane.w) discard;
    result = vec4(color, 0.85);
  }
`;

export const outlineMaterial = (uniforms: Record<string, IUniform>): RawShaderMaterial =>
  new RawShaderMaterial({ glslVersion: GLSL3, transparent: true, vertexShader, fragmentShader, uniforms });

export class OutlineLayer {
  readonly object: LineSegments<BufferGeometry, RawShaderMaterial>;

  /** lines holds x y z and the face of both ends of each line. */
  constructor(lines: Uint16Array, faces: FaceTable) {
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new BufferAttribute(lines, 4));
    const material = outlineMaterial({
      looks: { value: faces.looks },
      moves: { value: faces.moves },
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
