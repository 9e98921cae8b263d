/** A ruler in the scene: a line between two places with its length, over everything, as thick wherever it is. */
import {
  BufferGeometry,
  CanvasTexture,
  Color,
  Float32BufferAttribute,
  GLSL3,
  Group,
  Mesh,
  Points,
  RawShaderMaterial,
  Sprite,
  SpriteMaterial,
  Vector2,
  Vector3,
} from "three";
import type { Theme } from "../types";
import type { Snap } from "./snap";

const WIDTH = 2; // pixels to either side of the line, with its halo
const DOT = 17; // pixels
const FONT = 600; // weight
const TEXT = 14; // pixels

const SHAPES: Record<Snap, number> = { corner: 0, edge: 1, face: 2 };

const lineVertices = /* glsl */ `
  precision highp float;
  in vec2 corner; // which end, which side
  uniform mat4 modelViewMatrix;
  uniform mat4 projectionMatrix;
  uniform vec3 from;
  uniform vec3 to;
  uniform vec2 viewport;
  out float side;
  const float NEAR = 1e-5;
  void main() {
    vec4 a = projectionMatrix * modelViewMatrix * vec4(from, 1.0);
    vec4 b = projectionMatrix * modelViewMatrix * vec4(to, 1.0);
    if (a.w < NEAR && b.w > NEAR) a = mix(b, a, (b.w - NEAR) / (b.w - a.w));
    else if (b.w < NEAR && a.w > NEAR) b = mix(a, b, (a.w - NEAR) / (a.w - b.w));
    vec2 along = normalize((b.xy / b.w - a.xy / a.w) * viewport + vec2(1e-9, 0.0));
    vec4 at = corner.x < 0.5 ? a : b;
    at.xy += vec2(-along.y, along.x) * corner.y * ${(2 * WIDTH).toFixed(1)} / viewport * at.w;
    side = corner.y;
    gl_Position = at;
  }
`;

const lineFragments = /* glsl */ `
  precision highp float;
  in float side;
  uniform vec3 color;
  uniform vec3 halo;
  out vec4 result;
  void main() {
    float away = abs(side) * ${WIDTH.toFixed(1)};
    result = vec4(mix(color, halo, smoothstep(0.9, 1.3, away)), 1.0 - smoothstep(1.5, 2.0, away));
  }
`;

const dotVertices = /* glsl */ `
  precision highp float;
  in vec3 position;
  in float shape;
  uniform mat4 modelViewMatrix;
  uniform mat4 projectionMatrix;
  uniform float size;
  flat out int kind;
  void main() {
    kind = int(shape + 0.5);
    gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
    gl_PointSize = size;
  }
`;

const dotFragments = /* glsl */ `
  precision highp float;
  flat in int kind;
  uniform vec3 color;
  uniform vec3 halo;
  out vec4 result;
  // A square is a corner, a ring an edge, a dot a face.
  void main() {
    vec2 p = (gl_PointCoord - 0.5) * ${DOT.toFixed(1)};
    float r = kind == 0 ? max(abs(p.x), abs(p.y)) : length(p);
    float mark = kind == 2 ? 1.0 - smoothstep(3.0, 4.0, r) : 1.0 - smoothstep(1.0, 1.8, abs(r - 5.0));
    float around = kind == 2 ? 1.0 - smoothstep(5.0, 6.0, r) : 1.0 - smoothstep(2.2, 3.0, abs(r - 5.0));
    if (max(mark, around) < 0.02) discard;
    result = vec4(mix(halo, color, mark), max(mark, 0.85 * around));
  }
`;

export interface End {
  place: Vector3;
  on: Snap;
}

export class Ruler {
  readonly object = new Group();
  private readonly colors = { color: { value: new Color() }, halo: { value: new Color() } };
  private readonly line: Mesh<BufferGeometry, RawShaderMaterial>;
  private readonly dots: Points<BufferGeometry, RawShaderMaterial>;
  private readonly label = new Sprite(new SpriteMaterial({ depthTest: false, transparent: true }));
  private readonly size = new Vector2(); // of the label, in pixels
  private text = "";
  private theme: Theme | null = null;

  constructor() {
    const common = { glslVersion: GLSL3, transparent: true, depthTest: false } as const;
    const strip = new BufferGeometry();
    strip.setAttribute("corner", new Float32BufferAttribute([0, -1, 1, -1, 1, 1, 0, -1, 1, 1, 0, 1], 2));
    strip.setDrawRange(0, 6);
    const line = { from: { value: new Vector3() }, to: { value: new Vector3() }, viewport: { value: new Vector2(1, 1) } };
    this.line = new Mesh(
      strip,
      new RawShaderMaterial({
        ...common,
        side: 2,
        vertexShader: lineVertices,
        fragmentShader: lineFragments,
        uniforms: { ...this.colors, ...line },
      }),
    );
    const dots = new BufferGeometry();
    dots.setAttribute("position", new Float32BufferAttribute(new Float32Array(6), 3));
    dots.setAttribute("shape", new Float32BufferAttribute(new Float32Array(2), 1));
    this.dots = new Points(
      dots,
      new RawShaderMaterial({
        ...common,
        vertexShader: dotVertices,
        fragmentShader: dotFragments,
        uniforms: { ...this.colors, size: { value: DOT } },
      }),
    );
    [this.line, this.dots, this.label].forEach((o, i) => {
      o.frustumCulled = false;
      o.renderOrder = 11 + i; // over everything, the label over the rest
      this.object.add(o);
    });
    this.label.center.set(0.5, -0.35); // above the line
    this.show([], "");
  }

  /** show draws up to two ends and what is between them. */
  show(ends: readonly End[], text: string): void {
    const { position, shape } = this.dots.geometry.attributes;
    ends.forEach(({ place, on }, i) => {
      position.setXYZ(i, place.x, place.y, place.z);
      shape.setX(i, SHAPES[on]);
    });
    position.needsUpdate = true;
    shape.needsUpdate = true;
    this.dots.geometry.setDrawRange(0, ends.length);
    this.dots.visible = ends.length > 0;
    const [a, b] = ends;
    this.line.visible = this.label.visible = b !== undefined;
    if (!b) return;
    this.line.material.uniforms.from.value.copy(a.place);
    this.line.material.uniforms.to.value.copy(b.place);
    this.label.position.lerpVectors(a.place, b.place, 0.5);
    if (text !== this.text) this.write(text);
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.colors.color.value.set(theme.accent).convertLinearToSRGB();
    this.colors.halo.value.set(theme.background).convertLinearToSRGB();
    this.write(this.text);
  }

  setPixelRatio(ratio: number): void {
    this.dots.material.uniforms.size.value = DOT * ratio;
  }

  /** fit keeps the line and the label as large as they are in pixels; pixelAt is the length of one in the scene at a place. */
  fit(width: number, height: number, pixelAt: (place: Vector3) => number): void {
    if (!this.label.visible) return;
    this.line.material.uniforms.viewport.value.set(width, height);
    const pixel = pixelAt(this.label.position);
    this.label.scale.set(this.size.x * pixel, this.size.y * pixel, 1);
  }

  dispose(): void {
    for (const o of [this.line, this.dots]) {
      o.geometry.dispose();
      o.material.dispose();
    }
    this.label.material.map?.dispose();
    this.label.material.dispose();
  }

  /** write draws a text for the label. */
  private write(text: string): void {
    this.text = text;
    if (!text || !this.theme) return;
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d");
    if (!context) return;
    const sharp = 2 * Math.max(1, window.devicePixelRatio); // so that it is crisp on a fine screen, too
    const font = `${FONT} ${TEXT * sharp}px system-ui, sans-serif`;
    context.font = font;
    this.size.set(Math.ceil(context.measureText(text).width / sharp) + 18, TEXT + 12);
    canvas.width = this.size.x * sharp;
    canvas.height = this.size.y * sharp;
    context.fillStyle = this.theme.background;
    context.strokeStyle = this.theme.accent;
    context.lineWidth = 1.5 * sharp;
    context.beginPath();
    context.roundRect(sharp, sharp, canvas.width - 2 * sharp, canvas.height - 2 * sharp, 7 * sharp);
    context.fill();
    context.stroke();
    context.font = font;
    context.fillStyle = this.theme.outline;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(text, canvas.width / 2, canvas.height / 2 + sharp);
    this.label.material.map?.dispose();
    this.label.material.map = new CanvasTexture(canvas);
    this.label.material.map.colorSpace = "srgb";
    this.label.material.needsUpdate = true;
  }
}
