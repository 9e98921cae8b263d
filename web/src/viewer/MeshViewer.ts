/**
 * MeshViewer owns a canvas and what is drawn on it. It knows no React: a page makes one, calls it, and disposes of it.
 *
 * Nothing is drawn while nothing changes. What it is made of: the camera and the hand on it (cameraRig), the part with its
 * colours and cuts (part, triangleLayer), where that lies (placement), the pointer (pointer).
 */
import { Color, Scene, WebGLRenderer } from "three";
import { count } from "../format";
import { spread } from "./borders";
import { CameraRig } from "./cameraRig";
import { listenToContext } from "./contextLoss";
import { Cuts, type CuttingState } from "./cut/cuts";
import { HOVERED, SELECTED } from "./faceTable";
import { listenToKeys } from "./keyPointer";
import type { Loaded } from "./load";
import { Marker } from "./marker";
import { type Measured, Measuring } from "./measure/measuring";
import { glide } from "./motion";
import { type NamedScale, Palette } from "./palette";
import { Part } from "./part";
import { Picker } from "./picker";
import { listenToPointer, type PointerActions } from "./pointer";
import type { Prepared } from "./prepare";
import { Shaders } from "./shaders";
import { type Entities, NONE, Structure } from "./structure";
import { mostTriangles } from "./texels";
import type { ColorBy, Cut, Group, Pick, Point, Projection, StandardView, Theme } from "./types";
import { applyCamera, type CameraState, captureCamera, sameCamera } from "./viewState";

export interface ViewerEvents {
  hover: (pick: Pick | null) => void;
  pick: (pick: Pick | null, add: boolean) => void;
  view: () => void;
  cutting: (state: CuttingState) => void;
  /** What is shown cannot be picked, for a reason. */
  unpickable: (reason: string) => void;
  /** What is measured, null where nothing is. */
  measure: (measured: Measured | null) => void;
  lost: () => void;
  restored: () => void;
}

const STRIDE = 0.1; // by which solids are drawn further apart without a motion between
const SEEN_THROUGH = 0.3; // how much of a surface is left that one sees through

export class MeshViewer {
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly rig: CameraRig;
  private readonly observer: ResizeObserver;
  private readonly shaders: Shaders;
  private readonly listeners: { [K in keyof ViewerEvents]: Set<ViewerEvents[K]> } = {
    hover: new Set(),
    pick: new Set(),
    view: new Set(),
    cutting: new Set(),
    unpickable: new Set(),
    measure: new Set(),
    lost: new Set(),
    restored: new Set(),
  };
  private frame = 0;
  private disposed = false;
  private readonly abort = new AbortController();

  private part: Part | null = null;
  private readonly cuts: Cuts;
  private readonly marker = new Marker();
  private readonly picker: Picker;
  private readonly measuring = new Measuring((m) => {
    for (const f of this.listeners.measure) f(m);
  });
  private wanted: CameraState | null = null; // until there is a part to look at
  private fitted: CameraState | null = null; // where one looked from at first
  private hovered: ReadonlySet<number> = new Set(); // faces, by their tags
  private hidden: Entities = NONE;
  private apart = 0;
  private stopParting = () => {};
  private xray = false;
  private brushed: [number, number] | null = null;
  private selected: ReadonlySet<number> = new Set();
  private coloring: ColorBy = { by: "plain" };
  private groups: readonly Group[] = [];
  private scale: NamedScale | null = null;
  private palette = new Palette(new Structure([], []), []);
  private edges = true;
  private outlines = true;
  private theme: Theme = { background: "#f5f6f8", edge: "#1c222b", accent: "#ff8a1f", outline: "#1c222b" };

  constructor(private readonly host: HTMLElement) {
    this.renderer = new WebGLRenderer({ antialias: true, powerPreference: "high-performance", preserveDrawingBuffer: false });
    this.renderer.setPixelRatio(Math.min(window.devicePixelRatio, 2));
    this.renderer.localClippingEnabled = true;
    const canvas = this.renderer.domElement;
    canvas.style.display = "block";
    canvas.style.outline = "none";
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", "The part in three dimensions");
    host.appendChild(canvas);
    this.scene.add(this.marker.object);
    this.scene.add(this.measuring.ruler.object);
    for (const o of [this.marker, this.measuring.ruler]) o.setPixelRatio(this.renderer.getPixelRatio());
    this.rig = new CameraRig(canvas, () => {
      this.draw();
      for (const f of this.listeners.view) f();
    });
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(host);
    const actions: PointerActions = {
      point: (at) => this.point(at),
      click: (at, add) => void this.click(at.x, at.y, add),
    };
    listenToPointer(canvas, actions, this.abort.signal);
    listenToKeys(host, canvas, actions, this.abort.signal);
    this.shaders = new Shaders(
      this.renderer,
      () => this.rig.camera,
      () => this.draw(),
    );
    listenToContext(
      canvas,
      {
        lost: () => {
          for (const f of this.listeners.lost) f();
        },
        restored: () => {
          void this.shaders.compile();
          this.part?.refill();
          this.applyTheme(); // the background is the card's
          this.draw();
          for (const f of this.listeners.restored) f();
        },
      },
      this.abort.signal,
    );
    this.cuts = new Cuts({
      draw: () => this.draw(),
      tell: (state) => {
        if (state.measures && this.coloring.by === "measure") this.setColoring(this.coloring); // on a wider scale
        for (const f of this.listeners.cutting) f(state);
      },
      note: (cut) => {
        if (cut) Object.assign(host.dataset, { cut: String(cut.triangles), cutMs: cut.ms.toFixed(1) });
        else delete host.dataset.cut;
      },
    });
    this.picker = new Picker(this.rig, this.cuts, canvas);
    this.resize();
  }

  /** on calls f whenever something happens; the returned function ends that. */
  on<K extends keyof ViewerEvents>(event: K, f: ViewerEvents[K]): () => void {
    this.listeners[event].add(f);
    return () => this.listeners[event].delete(f);
  }

  /**
   * show draws a surface in place of the one before; the camera moves only where the part has another size or place. structure
   * says which faces belong to which solid, volume where the elements behind the surface are, should they be cut. It throws where
   * the card cannot draw so much.
   */
  show(loaded: Loaded, structure = new Structure([], []), volume?: () => string | undefined): void {
    const { prepared } = loaded;
    const triangles = prepared.surface.corners.length / 3;
    const most = mostTriangles(this.renderer.capabilities.maxTextureSize);
    if (triangles > most) {
      this.clear();
      throw new Error(`it has ${count(triangles)} triangles, and this graphics card draws ${count(most)} at most.`);
    }
    const before = this.part?.prepared;
    this.clear();
    const part = new Part(loaded, structure);
    this.part = part;
    part.grown.catch((e: Error) => {
      if (this.part === part) for (const f of this.listeners.unpickable) f(e.message);
    });
    this.scene.add(this.part.object);
    this.part.set({ opacity: this.xray ? SEEN_THROUGH : 1, pixelRatio: this.renderer.getPixelRatio() });
    this.part.brush(this.brushed);
    this.palette = new Palette(structure, this.groups, this.scale);
    this.part.paint(this.coloring, this.palette);
    this.part.setEdges(this.edges);
    this.part.setOutlines(this.outlines);
    this.part.mark(this.indices(this.selected), SELECTED, true);
    this.arrange();
    this.applyStyle();
    this.cuts.show(this.part, volume);
    this.measuring.show(this.part);
    this.applyTheme();
    if (this.wanted) {
      this.setCamera(this.wanted);
    } else if (!before || differs(before, prepared)) {
      this.fit();
      this.fitted = this.camera;
    }
    this.wanted = null;
    this.host.dataset.triangles = String(triangles);
    this.draw();
  }

  /** clear removes the surface. */
  clear(): void {
    this.cuts.show(null);
    if (this.part) this.scene.remove(this.part.object);
    this.part?.dispose();
    this.part = null;
    this.hovered = new Set();
    this.marker.show(null);
    this.measuring.show(null);
    delete this.host.dataset.triangles;
    this.draw();
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.applyTheme();
    this.draw();
  }

  setColoring(by: ColorBy): void {
    this.coloring = by;
    this.part?.paint(by, this.palette);
    this.applyStyle();
    this.draw();
  }

  /** setGroups says which groups there are, to colour by. */
  setGroups(groups: readonly Group[]): void {
    this.groups = groups;
    this.mix();
    if (this.coloring.by === "group") this.setColoring(this.coloring);
  }

  /** setScale has a measure coloured by another scale than its own, as several viewers may have in common; null ends it. */
  setScale(scale: NamedScale | null): void {
    this.scale = scale;
    this.mix();
    if (this.coloring.by === "measure") this.setColoring(this.coloring);
  }

  setEdges(shown: boolean): void {
    this.edges = shown;
    this.part?.setEdges(shown);
    this.applyStyle();
    this.draw();
  }

  /** setOutlines draws the outlines of faces: those of a draft are ragged. */
  setOutlines(shown: boolean): void {
    this.outlines = shown;
    this.part?.setOutlines(shown);
    this.draw();
  }

  /** setCut leaves out what lies beyond a plane; null shows everything. */
  setCut(cut: Cut | null): void {
    this.cuts.set(cut);
    this.draw();
  }

  /** setXray lets one see through the surface. */
  setXray(on: boolean): void {
    this.xray = on;
    this.part?.set({ opacity: on ? SEEN_THROUGH : 1 });
    this.draw();
  }

  /** brush picks out the triangles with values from low to high of the measure shown; null ends it. */
  brush(range: [number, number] | null): void {
    this.brushed = range;
    this.part?.brush(range);
    this.applyStyle();
    this.draw();
  }

  /** setSelected marks faces, by their tags; in what is shown later too. */
  setSelected(tags: Iterable<number>): void {
    this.part?.mark(this.indices(this.selected), SELECTED, false);
    this.selected = new Set(tags);
    this.part?.mark(this.indices(this.selected), SELECTED, true);
    this.draw();
  }

  /** setHidden leaves entities out: they are not drawn, not cut and not picked; in what is shown later neither. */
  setHidden(hidden: Entities): void {
    this.hidden = hidden;
    this.arrange();
    this.draw();
  }

  /** setApart draws solids apart: 0 is where they are, 1 as far as they go. What was in view stays in view. */
  setApart(apart: number): void {
    this.stopParting();
    const from = this.apart;
    const to = (share: number) => this.moveApart(from + share * (apart - from));
    if (this.part && Math.abs(apart - from) > STRIDE) this.stopParting = glide(to);
    else to(1);
  }

  /** highlight has faces stand out, by their tags, as if the pointer were on them. */
  highlight(tags: Iterable<number>): void {
    const next = new Set(tags);
    if (next.size === this.hovered.size && [...next].every((t) => this.hovered.has(t))) return;
    this.part?.mark(this.indices(this.hovered), HOVERED, false);
    this.part?.mark(this.indices(next), HOVERED, true);
    this.hovered = next;
    this.draw();
  }

  /** smoothlyFrom returns the tags of the faces that one comes to from others without crossing an edge. */
  smoothlyFrom(tags: Iterable<number>): number[] {
    if (!this.part) return [...tags];
    const { surface, smooth } = this.part.prepared;
    const index = new Map(surface.faces.map((f, i) => [f.tag, i]));
    const from = [...tags].flatMap((t) => index.get(t) ?? []);
    return spread(from, smooth).map((i) => surface.faces[i].tag);
  }

  /** setProjection changes the camera; what is in the middle keeps its size. */
  setProjection(projection: Projection): void {
    this.rig.setProjection(projection);
    this.draw();
  }

  /** look turns the camera to a standard view and fits the part. */
  look(view: StandardView): void {
    this.rig.look(view);
  }

  /** fit shows all that is not hidden from where one looks. */
  fit(): void {
    this.rig.fit();
  }

  /** flyTo brings a place to the middle, with the given radius around it in view. */
  flyTo(point: Point, radius: number): void {
    if (this.part) this.rig.flyTo(this.part.placement.inWorld(point), radius);
  }

  /** camera is where one looks from, in the geometry's lengths; null while there is nothing to look at. */
  get camera(): CameraState | null {
    return this.part ? captureCamera(this.rig, this.part.placement) : this.wanted;
  }

  /** turned tells whether one looks from elsewhere than at first. */
  get turned(): boolean {
    const { camera, fitted } = this;
    return camera !== null && (fitted === null || !sameCamera(camera, fitted));
  }

  /** setCamera looks from there, now or once there is a part. No view event tells of it: viewers can follow each other. */
  setCamera(camera: CameraState): void {
    if (this.part) applyCamera(this.rig, this.part.placement, camera);
    else this.wanted = camera;
    this.draw();
  }

  /** mark shows a place, whatever lies before it; null shows none. */
  mark(point: Point | null): void {
    this.marker.show(this.part && point && this.part.placement.inWorld(point));
    this.host.dataset.marked = String(this.marker.object.visible);
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
    return this.part && this.picker.pick(this.part, x, y);
  }

  /** setMeasuring has clicks mark places to measure between, with label writing a distance; null has them pick again. */
  setMeasuring(label: ((distance: number) => string) | null): void {
    if (label) this.measuring.start(label);
    else this.measuring.stop();
    this.highlight([]);
    this.draw();
  }

  /** clearMeasured forgets what was measured, and returns whether there was anything. */
  clearMeasured(): boolean {
    this.draw();
    return this.measuring.clear();
  }

  /** pickable settles once what is shown can be picked, which takes a moment longer than to draw it, or never can. */
  async pickable(): Promise<void> {
    let waited: Part | null = null;
    while (this.part !== waited) {
      waited = this.part; // another one may be shown meanwhile
      await waited?.grown.catch(() => {});
    }
  }

  dispose(): void {
    this.disposed = true;
    cancelAnimationFrame(this.frame);
    this.stopParting();
    this.abort.abort();
    this.observer.disconnect();
    this.clear();
    this.rig.dispose();
    this.marker.dispose();
    this.measuring.ruler.dispose();
    this.shaders.dispose();
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

  private mix(): void {
    if (this.part) this.palette = new Palette(this.part.slots.structure, this.groups, this.scale);
  }

  private applyStyle(): void {
    const { coloring, palette, edges, theme, brushed: brush } = this;
    this.cuts.restyle({ coloring, palette, edges, theme, brush, pixelRatio: this.renderer.getPixelRatio() });
  }

  private render(): void {
    if (this.part && !this.shaders.ready) return; // it is drawn once they are
    this.rig.embrace();
    const { clientWidth, clientHeight } = this.renderer.domElement;
    this.measuring.ruler.fit(clientWidth, clientHeight, (place) => this.picker.pixelAt(place));
    this.renderer.render(this.scene, this.rig.camera);
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (width === 0 || height === 0) return;
    this.renderer.setSize(width, height);
    this.rig.resize(width / height);
    this.render();
  }

  private point(at: { x: number; y: number } | null): void {
    if (!this.measuring.on) {
      this.hover(at && this.pickAt(at.x, at.y));
      return;
    }
    this.measuring.point(at && this.part && this.picker.snap(this.part, at.x, at.y));
    this.draw();
  }

  private hover(pick: Pick | null): void {
    this.highlight(pick && pick.face >= 0 ? [pick.tag] : []);
    for (const f of this.listeners.hover) f(pick);
  }

  private async click(x: number, y: number, add: boolean): Promise<void> {
    await this.pickable();
    if (this.disposed) return;
    if (this.measuring.on) {
      const place = this.part && this.picker.snap(this.part, x, y);
      if (place) this.measuring.mark(place);
      this.draw();
      return;
    }
    const pick = this.pickAt(x, y);
    for (const f of this.listeners.pick) f(pick, add);
  }

  /** indices returns which of the faces shown have these tags. */
  private indices(tags: ReadonlySet<number>): number[] {
    return (this.part?.prepared.surface.faces ?? []).flatMap((f, i) => (tags.has(f.tag) ? [i] : []));
  }

  private moveApart(apart: number): void {
    const before = this.part?.around();
    this.apart = apart;
    this.arrange();
    if (this.part && before) this.rig.grow(before, this.part.around());
    this.applyStyle();
    this.draw();
  }

  private arrange(): void {
    if (!this.part) return;
    this.part.arrange(this.hidden, this.apart);
    this.cuts.hide(this.part.slots.structure.hiddenSolids(this.hidden));
    this.rig.around(this.part.around(), this.part.extent());
    this.measuring.draw(); // places move with their solids
  }

  private applyTheme(): void {
    this.renderer.setClearColor(new Color(this.theme.background));
    this.part?.setTheme(this.theme);
    this.applyStyle();
    this.marker.setColor(this.theme.accent);
    this.measuring.ruler.setTheme(this.theme);
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
