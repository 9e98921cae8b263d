/**
 * MeshViewer owns a canvas and what is drawn on it. It knows no React: a page makes one, calls it, and disposes of it.
 *
 * Nothing is drawn while nothing changes. Lengths and places that go in and out are those of the geometry; inside, the part
 * lies around the origin, so that single precision is enough wherever it lies.
 */
import {
  BufferAttribute,
  BufferGeometry,
  Color,
  LineBasicMaterial,
  LineSegments,
  Matrix4,
  OrthographicCamera,
  PerspectiveCamera,
  Raycaster,
  Scene,
  Vector2,
  Vector3,
  Vector4,
  WebGLRenderer,
} from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import { MeshBVH } from "three-mesh-bvh";
import { categoryColor, PLAIN, parseColor } from "./colors";
import type { Prepared } from "./prepare";
import { Coloring, HIDDEN, HOVERED, SELECTED, TriangleLayer } from "./triangleLayer";

export type ColorBy = { by: "plain" } | { by: "face" } | { by: "cad" } | { by: "measure"; name: string };
export type StandardView = "iso" | "front" | "back" | "left" | "right" | "top" | "bottom";
export type Projection = "perspective" | "orthographic";

/** A place under the pointer. */
export interface Pick {
  face: number;
  tag: number;
  name?: string;
  triangle: number;
  element?: number;
  values: { name: string; value: number }[];
  point: [number, number, number];
}

/** A cut: what lies beyond the plane on the axis is left out. offset is a share of the box, from 0 to 1. */
export interface Cut {
  axis: 0 | 1 | 2;
  offset: number;
  flipped: boolean;
}

/** What a link has to hold to show the same again. */
export interface ViewState {
  position: [number, number, number];
  target: [number, number, number];
  up: [number, number, number];
  zoom: number;
  projection: Projection;
}

export interface ViewerEvents {
  hover: (pick: Pick | null) => void;
  pick: (pick: Pick | null, add: boolean) => void;
  view: () => void;
  lost: () => void;
  restored: () => void;
}

export interface Theme {
  background: string;
  edge: string;
  accent: string;
  outline: string;
}

const FIELD_OF_VIEW = 32; // degrees: little distortion
const MARGIN = 1.12; // space around a part that fits

export class MeshViewer {
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly perspective = new PerspectiveCamera(FIELD_OF_VIEW, 1, 0.01, 100);
  private readonly orthographic = new OrthographicCamera(-1, 1, 1, -1, 0.01, 100);
  private camera: PerspectiveCamera | OrthographicCamera = this.perspective;
  private controls: OrbitControls;
  private readonly observer: ResizeObserver;
  private readonly listeners: { [K in keyof ViewerEvents]: Set<ViewerEvents[K]> } = {
    hover: new Set(),
    pick: new Set(),
    view: new Set(),
    lost: new Set(),
    restored: new Set(),
  };
  private frame = 0;
  private disposed = false;

  private prepared: Prepared | null = null;
  private layer: TriangleLayer | null = null;
  private outline: LineSegments<BufferGeometry, LineBasicMaterial> | null = null;
  private bvh: MeshBVH | null = null;
  private readonly toWorld = new Matrix4();
  private radius = 1; // of the sphere around the part
  private size = new Vector3(1, 1, 1);
  private hovered = -1;
  private coloring: ColorBy = { by: "plain" };
  private edges = true;
  private cutting: Cut | null = null;
  private theme: Theme = { background: "#f5f6f8", edge: "#1c222b", accent: "#ff8a1f", outline: "#1c222b" };
  private readonly abort = new AbortController();

  constructor(private readonly host: HTMLElement) {
    this.renderer = new WebGLRenderer({ antialias: true, powerPreference: "high-performance", preserveDrawingBuffer: false });
    this.renderer.setPixelRatio(Math.min(window.devicePixelRatio, 2));
    const canvas = this.renderer.domElement;
    canvas.style.display = "block";
    canvas.style.outline = "none";
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", "The part in three dimensions");
    host.appendChild(canvas);
    this.controls = this.makeControls();
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(host);
    this.listen(canvas);
    this.resize();
  }

  /** on calls f whenever something happens; the returned function ends that. */
  on<K extends keyof ViewerEvents>(event: K, f: ViewerEvents[K]): () => void {
    this.listeners[event].add(f);
    return () => this.listeners[event].delete(f);
  }

  /** show draws a surface in place of the one before; the camera moves only where the part has another size or place. */
  show(prepared: Prepared): void {
    const before = this.prepared;
    this.clear();
    this.prepared = prepared;
    const { surface } = prepared;
    this.place();

    this.layer = new TriangleLayer(prepared.triangles);
    this.layer.object.matrixAutoUpdate = false;
    this.layer.object.matrix.copy(this.toWorld);
    this.scene.add(this.layer.object);

    const lines = new BufferGeometry();
    lines.setAttribute("position", new BufferAttribute(prepared.outlines, 3));
    this.outline = new LineSegments(
      lines,
      new LineBasicMaterial({ color: this.theme.outline, transparent: true, opacity: 0.85 }),
    );
    this.outline.matrixAutoUpdate = false;
    this.outline.matrix.copy(this.toWorld);
    this.outline.frustumCulled = false;
    this.scene.add(this.outline);

    this.paint();
    this.applyTheme();
    this.applyCut();
    if (!before || differs(before, prepared)) this.fit();
    this.host.dataset.triangles = String(surface.corners.length / 3);
    this.draw();
  }

  /** clear removes the surface. */
  clear(): void {
    if (this.layer) {
      this.scene.remove(this.layer.object);
      this.layer.dispose();
    }
    if (this.outline) {
      this.scene.remove(this.outline);
      this.outline.geometry.dispose();
      this.outline.material.dispose();
    }
    this.layer = null;
    this.outline = null;
    this.bvh = null;
    this.prepared = null;
    this.hovered = -1;
    this.draw();
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.applyTheme();
    this.draw();
  }

  setColoring(by: ColorBy): void {
    this.coloring = by;
    this.paint();
    this.draw();
  }

  setEdges(shown: boolean): void {
    this.edges = shown;
    this.paintEdges();
    this.draw();
  }

  /** setCut leaves out what lies beyond a plane; null shows everything. */
  setCut(cut: Cut | null): void {
    this.cutting = cut;
    this.applyCut();
    this.draw();
  }

  /** setXray lets one see through the surface. */
  setXray(on: boolean): void {
    this.layer?.set({ opacity: on ? 0.3 : 1 });
    this.draw();
  }

  /** brush picks out the triangles with values from low to high of the measure shown; null ends it. */
  brush(range: [number, number] | null): void {
    this.layer?.brush(range);
    this.draw();
  }

  setHidden(face: number, hidden: boolean): void {
    this.layer?.markFace(face, hidden ? HIDDEN : 0, hidden ? 0 : HIDDEN);
    this.draw();
  }

  setSelected(faces: Iterable<number>): void {
    const layer = this.layer;
    if (!layer || !this.prepared) return;
    const wanted = new Set(faces);
    this.prepared.surface.faces.forEach((_, i) => {
      layer.markFace(i, wanted.has(i) ? SELECTED : 0, wanted.has(i) ? 0 : SELECTED);
    });
    this.draw();
  }

  /** setProjection changes the camera; what is in the middle keeps its size. */
  setProjection(projection: Projection): void {
    const from = this.camera;
    const to = projection === "perspective" ? this.perspective : this.orthographic;
    if (from === to) return;
    const distance = from.position.distanceTo(this.controls.target);
    const half = Math.tan(((FIELD_OF_VIEW / 2) * Math.PI) / 180);
    to.position.copy(from.position);
    to.up.copy(from.up);
    if (to === this.orthographic) {
      this.orthographic.zoom = 1 / (distance * half);
    } else {
      const wanted = 1 / (this.orthographic.zoom * half);
      to.position.sub(this.controls.target).setLength(wanted).add(this.controls.target);
    }
    this.camera = to;
    const target = this.controls.target.clone();
    this.controls.dispose();
    this.controls = this.makeControls();
    this.controls.target.copy(target);
    this.resize();
  }

  get projection(): Projection {
    return this.camera === this.perspective ? "perspective" : "orthographic";
  }

  /** look turns the camera to a standard view and fits the part. */
  look(view: StandardView): void {
    const directions: Record<StandardView, [Vector3, Vector3]> = {
      iso: [new Vector3(1, -1.35, 0.85), new Vector3(0, 0, 1)],
      front: [new Vector3(0, -1, 0), new Vector3(0, 0, 1)],
      back: [new Vector3(0, 1, 0), new Vector3(0, 0, 1)],
      left: [new Vector3(-1, 0, 0), new Vector3(0, 0, 1)],
      right: [new Vector3(1, 0, 0), new Vector3(0, 0, 1)],
      top: [new Vector3(0, 0, 1), new Vector3(0, 1, 0)],
      bottom: [new Vector3(0, 0, -1), new Vector3(0, -1, 0)],
    };
    const [direction, up] = directions[view];
    this.camera.up.copy(up);
    this.frameSphere(new Vector3(), this.radius, direction);
  }

  /** fit shows the whole part from where one looks. */
  fit(): void {
    const direction = this.camera.position.clone().sub(this.controls.target);
    if (direction.lengthSq() < 1e-12) {
      this.look("iso");
      return;
    }
    this.frameSphere(new Vector3(), this.radius, direction);
  }

  /** flyTo brings a place to the middle, with the given radius around it in view. */
  flyTo(point: [number, number, number], radius: number): void {
    const direction = this.camera.position.clone().sub(this.controls.target);
    this.frameSphere(this.inWorld(point), radius, direction);
  }

  viewState(): ViewState {
    return {
      position: this.outside(this.camera.position),
      target: this.outside(this.controls.target),
      up: this.camera.up.toArray(),
      zoom: this.camera.zoom,
      projection: this.projection,
    };
  }

  restore(state: ViewState): void {
    this.setProjection(state.projection);
    this.camera.up.fromArray(state.up);
    this.camera.position.copy(this.inWorld(state.position));
    this.controls.target.copy(this.inWorld(state.target));
    this.camera.zoom = state.zoom;
    this.camera.updateProjectionMatrix();
    this.controls.update();
    this.draw();
  }

  /** screenshot returns the scene as a PNG. */
  screenshot(): Promise<Blob> {
    this.render();
    return new Promise((resolve, reject) => {
      this.renderer.domElement.toBlob((b) => (b ? resolve(b) : reject(new Error("The browser made no picture."))), "image/png");
    });
  }

  /** pickAt returns what is at a place of the canvas, in CSS pixels. */
  pickAt(x: number, y: number): Pick | null {
    const p = this.prepared;
    if (!p || !this.layer) return null;
    this.bvh ??= this.makeTree(p);
    const rect = this.renderer.domElement.getBoundingClientRect();
    const ray = new Raycaster();
    ray.setFromCamera(new Vector2((2 * x) / rect.width - 1, 1 - (2 * y) / rect.height), this.camera);
    const plane = this.layer.object.material.uniforms.plane.value as Vector4;
    ray.ray.applyMatrix4(this.toWorld.clone().invert());
    const hits = this.bvh.raycast(ray.ray, 2).sort((a, b) => a.distance - b.distance);
    for (const hit of hits) {
      const triangle = hit.faceIndex as number;
      const face = p.triangles.faceOf[triangle];
      if (this.layer.state(face) & HIDDEN) continue;
      const world = hit.point.clone().applyMatrix4(this.toWorld);
      if (this.cutting && world.x * plane.x + world.y * plane.y + world.z * plane.z > plane.w) continue;
      const f = p.surface.faces[face];
      return {
        face,
        tag: f.tag,
        name: f.name,
        triangle,
        element: p.surface.elements?.[triangle],
        values: p.surface.measures.map((m) => ({ name: m.name, value: m.low + ((m.high - m.low) * m.values[triangle]) / 255 })),
        // Positions are no finer than this; what is left of a zero would look like a number.
        point: this.outside(world).map((x) => Math.round(x / p.surface.quantum) * p.surface.quantum) as [
          number,
          number,
          number,
        ],
      };
    }
    return null;
  }

  dispose(): void {
    this.disposed = true;
    cancelAnimationFrame(this.frame);
    this.abort.abort();
    this.observer.disconnect();
    this.clear();
    this.controls.dispose();
    this.renderer.dispose();
    this.renderer.forceContextLoss();
    this.renderer.domElement.remove();
  }

  /** draw asks for a frame. */
  draw(): void {
    if (this.frame || this.disposed) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.render();
    });
  }

  private render(): void {
    const distance = this.camera.position.length();
    this.camera.near = Math.max(distance - 2 * this.radius, distance * 1e-3, this.radius * 1e-4);
    this.camera.far = distance + 2 * this.radius;
    this.camera.updateProjectionMatrix();
    this.renderer.render(this.scene, this.camera);
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (width === 0 || height === 0) return;
    this.renderer.setSize(width, height);
    const aspect = width / height;
    this.perspective.aspect = aspect;
    Object.assign(this.orthographic, { left: -aspect, right: aspect, top: 1, bottom: -1 });
    this.layer?.set({ pixelRatio: this.renderer.getPixelRatio() });
    this.render();
  }

  private makeControls(): OrbitControls {
    const controls = new OrbitControls(this.camera, this.renderer.domElement);
    controls.enableDamping = false;
    controls.zoomToCursor = true;
    controls.rotateSpeed = 0.9;
    controls.addEventListener("change", () => {
      this.draw();
      for (const f of this.listeners.view) f();
    });
    return controls;
  }

  private listen(canvas: HTMLCanvasElement): void {
    const { signal } = this.abort;
    let pressed: { x: number; y: number } | null = null;
    let waiting = 0;
    canvas.addEventListener(
      "pointerdown",
      (e) => {
        pressed = { x: e.clientX, y: e.clientY };
      },
      { signal },
    );
    canvas.addEventListener(
      "pointerup",
      (e) => {
        const still = pressed && Math.hypot(e.clientX - pressed.x, e.clientY - pressed.y) < 4;
        pressed = null;
        if (!still || e.button !== 0) return;
        const pick = this.pickAt(e.offsetX, e.offsetY);
        for (const f of this.listeners.pick) f(pick, e.shiftKey || e.ctrlKey || e.metaKey);
      },
      { signal },
    );
    canvas.addEventListener(
      "pointermove",
      (e) => {
        if (pressed || e.pointerType === "touch" || waiting) return;
        const { offsetX, offsetY } = e;
        waiting = requestAnimationFrame(() => {
          waiting = 0;
          this.hover(this.pickAt(offsetX, offsetY));
        });
      },
      { signal },
    );
    canvas.addEventListener("pointerleave", () => this.hover(null), { signal });
    canvas.addEventListener(
      "webglcontextlost",
      (e) => {
        e.preventDefault(); // so that it may come back
        for (const f of this.listeners.lost) f();
      },
      { signal },
    );
    canvas.addEventListener(
      "webglcontextrestored",
      () => {
        this.applyTheme(); // the background is the card's
        this.draw();
        for (const f of this.listeners.restored) f();
      },
      { signal },
    );
  }

  private hover(pick: Pick | null): void {
    const face = pick ? pick.face : -1;
    if (face !== this.hovered) {
      if (this.hovered >= 0) this.layer?.markFace(this.hovered, 0, HOVERED);
      if (face >= 0) this.layer?.markFace(face, HOVERED, 0);
      this.hovered = face;
      this.draw();
    }
    for (const f of this.listeners.hover) f(pick);
  }

  /** place puts the part around the origin. */
  private place(): void {
    const s = (this.prepared as Prepared).surface;
    const low = [65535, 65535, 65535];
    const high = [0, 0, 0];
    for (let i = 0; i < s.positions.length; i++) {
      const k = i % 3;
      const v = s.positions[i];
      if (v < low[k]) low[k] = v;
      if (v > high[k]) high[k] = v;
    }
    this.size.set(high[0] - low[0], high[1] - low[1], high[2] - low[2]).multiplyScalar(s.quantum);
    this.radius = Math.max(this.size.length() / 2, 1e-9);
    this.toWorld
      .makeScale(s.quantum, s.quantum, s.quantum)
      .multiply(new Matrix4().makeTranslation(-(low[0] + high[0]) / 2, -(low[1] + high[1]) / 2, -(low[2] + high[2]) / 2));
    this.origin = [0, 1, 2].map((k) => s.origin[k] + (s.quantum * (low[k] + high[k])) / 2) as [number, number, number];
  }

  private origin: [number, number, number] = [0, 0, 0];

  private inWorld(p: readonly [number, number, number]): Vector3 {
    return new Vector3(p[0] - this.origin[0], p[1] - this.origin[1], p[2] - this.origin[2]);
  }

  private outside(p: Vector3): [number, number, number] {
    return [p.x + this.origin[0], p.y + this.origin[1], p.z + this.origin[2]];
  }

  private frameSphere(centre: Vector3, radius: number, direction: Vector3): void {
    const aspect = Math.min(1, this.perspective.aspect);
    const half = Math.tan(((FIELD_OF_VIEW / 2) * Math.PI) / 180) * aspect;
    const distance = (MARGIN * radius) / Math.sin(Math.atan(half));
    this.camera.position.copy(centre).add(direction.clone().setLength(distance));
    if (this.camera === this.orthographic) this.orthographic.zoom = aspect / (MARGIN * radius);
    this.controls.target.copy(centre);
    this.camera.updateProjectionMatrix();
    this.controls.update();
    this.draw();
    for (const f of this.listeners.view) f();
  }

  private paint(): void {
    const { layer, prepared, coloring } = this;
    if (!layer || !prepared) return;
    const { faces, measures } = prepared.surface;
    this.paintEdges();
    layer.set({ pixelRatio: this.renderer.getPixelRatio() });
    if (coloring.by === "measure") {
      const measure = measures.find((m) => m.name === coloring.name);
      if (measure) layer.value(measure.values);
      layer.set({ coloring: measure ? Coloring.Value : Coloring.Face, flatColors: true });
      if (measure) return;
    }
    layer.set({ coloring: Coloring.Face, flatColors: coloring.by !== "plain" });
    faces.forEach((f, i) => {
      layer.colorFace(i, coloring.by === "face" ? categoryColor(i) : coloring.by === "cad" ? parseColor(f.color) : PLAIN);
    });
  }

  /** paintEdges draws the edges of elements; the triangles of a tessellation are none. */
  private paintEdges(): void {
    const elements = this.prepared?.surface.elements !== undefined;
    this.layer?.set({ edgeOpacity: this.edges && elements ? 0.55 : 0 });
  }

  private applyTheme(): void {
    this.renderer.setClearColor(new Color(this.theme.background));
    this.layer?.set({ edgeColor: new Color(this.theme.edge), accent: new Color(this.theme.accent) });
    this.outline?.material.color.set(this.theme.outline);
  }

  private applyCut(): void {
    const cut = this.cutting;
    if (!this.layer) return;
    if (!cut) {
      this.layer.set({ clipped: false });
      return;
    }
    const axis = new Vector3().setComponent(cut.axis, cut.flipped ? -1 : 1);
    const extent = this.size.getComponent(cut.axis);
    const at = (cut.offset - 0.5) * extent * (cut.flipped ? -1 : 1);
    this.layer.set({ clipped: true, plane: new Vector4(axis.x, axis.y, axis.z, at) });
  }

  private makeTree(p: Prepared): MeshBVH {
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new BufferAttribute(p.surface.positions, 3));
    geometry.setIndex(new BufferAttribute(p.surface.corners, 1));
    // The tree must not change the order of the triangles: their numbers mean something.
    return new MeshBVH(geometry, { indirect: true });
  }
}

/** differs tells whether a part has another size or place than the one before. */
function differs(a: Prepared, b: Prepared): boolean {
  const near = (x: number, y: number) => Math.abs(x - y) <= 0.02 * 65535 * a.surface.quantum;
  return (
    Math.abs(a.surface.quantum / b.surface.quantum - 1) > 0.02 ||
    !a.surface.origin.every((x, k) => near(x, b.surface.origin[k]))
  );
}
