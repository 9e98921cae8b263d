/** A ring around a place, as large on the screen wherever the place is, and seen through whatever lies before it. */
import { BufferGeometry, Color, Float32BufferAttribute, GLSL3, Points, RawShaderMaterial, type Vector3 } from "three";

const SIZE = 34; // pixels

const vertexShader = /* glsl */ `
  precision highp float;
  in vec3 position;
  uniform mat4 modelViewMatrix;
  uniform mat4 projectionMatrix;
  uniform float size;
  void main() {
    gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
    gl_PointSize = size;
  }
`;

const fragmentShader = /* glsl */ `
  precision highp float;
  uniform vec3 color;
  uniform float size;
  out vec4 result;
  void main() {
    float r = length(gl_PointCoord - 0.5) * size;
    float unit = size / ${SIZE.toFixed(1)};
    float ring = 1.0 - smoothstep(1.2, 2.2, abs(r - 12.0 * unit) / unit);
    float halo = 1.0 - smoothstep(2.4, 3.6, abs(r - 12.0 * unit) / unit);
    float dot = 1.0 - smoothstep(1.8, 2.8, r / unit);
    float mark = max(ring, dot);
    if (max(mark, halo) < 0.02) discard;
    result = vec4(mix(vec3(1.0), color, mark), max(mark, 0.7 * halo));
  }
`;

export class Marker {
  readonly object: Points<BufferGeometry, RawShaderMaterial>;

  constructor() {
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new Float32BufferAttribute([0, 0, 0], 3));
    const uniforms = { color: { value: new Color() }, size: { value: SIZE } };
    const material = new RawShaderMaterial({
      glslVersion: GLSL3,
      vertexShader,
      fragmentShader,
      uniforms,
      transparent: true,
      depthTest: false,
    });
    this.object = new Points(geometry, material);
    this.object.frustumCulled = false;
    this.object.renderOrder = 10; // over everything
    this.object.visible = false;
  }

  /** show puts the ring around a place of the scene; null takes it away. */
  show(at: Vector3 | null): void {
    this.object.visible = at !== null;
    if (at) this.object.position.copy(at);
  }

  setColor(color: string): void {
    this.object.material.uniforms.color.value.set(color);
  }

  setPixelRatio(ratio: number): void {
    this.object.material.uniforms.size.value = SIZE * ratio;
  }

  dispose(): void {
    this.object.geometry.dispose();
    this.object.material.dispose();
  }
}
