/**
 * MeshViewer owns a canvas and what is drawn on it. It knows no React: a page makes one, calls it, and disposes of it.
 *
 * Nothing is drawn while nothing changes. What it is made of: the camera and the hand on it (cameraRig), the part with its
 * cuts (part, triangleLayer) and how they look (looks), where that lies (placement) and is seen from (viewpoint), the pointer (pointer),
 * the canvas (stage).
 */
import { count } from "../format";
import { CameraRig } from "./cameraRig";
import { Cuts, type CuttingState } from "./cut/cuts";
import { Emitter } from "./emitter";
import { listenToCameraKeys } from "./keyCamera";
import { listenToKeys } from "./keyPointer";
import { Looks } from "./looks";
import { Marker } from "./marker";
import { type Measured, Measuring } from "./measure/measuring";
import { glide } from "./motion";
import type { NamedScale } from "./palette";
import { Part } from "./part";
import { Picker } from "./picker";
import { listenToPointer, type PointerActions } from "./pointer";
import type { Prepared } from "./prepare";
import { Stage } from "./stage";
import { type Entities, NONE, Structure } from "./structure";
import { mostTriangles } from "./texels";
import type { ColorBy, Cut, Group, Pick, Point, Projection, StandardView, Theme } from "./types";
import { Viewpoint } from "./viewpoint";
import type { CameraState } from "./viewState";

export interface ViewerEvents {
  hover: (pick: Pick | null) => void;
  pick: (pick: Pick | null, add: boolean) => void;
  view: () => void;
  cutting: (state: CuttingState) => void;
  /** What is measured, null where nothing is. */
  measure: (measured: Measured | null) => void;
  lost: () => void;
  restored: () => void;
}

const STRIDE = 0.1; // by which solids are drawn further apart without a motion between

export class MeshViewer {
  private readonly stage: Stage;
  private readonly rig: CameraRig;
  private readonly viewpoint: Viewpoint;
  private readonly events = new Emitter<ViewerEvents>();
  private part: Part | null = null;
  private triangles = 0; // of the part
  private readonly cuts: Cuts;
  private readonly looks: Looks;
  private readonly marker = new Marker();
  private readonly picker: Picker;
  private readonly measuring = new Measuring((m) => {
    this.events.emit("measure", m);
  });
  private hidden: Entities = NONE;
  private apart = 0;
  private stopParting = () => {};
  private readonly pointAgain: () => void; // once something else is seen

  constructor(private readonly host: HTMLElement) {
    this.stage = new Stage(host, {
      camera: () => this.rig.camera,
      needsShaders: () => this.part !== null,
      coarsely: () => this.part?.whole === false,
      before: () => this.beforeFrame(),
      after: () => this.afterFrame(),
      resized: (aspect) => this.rig.resize(aspect),
      lost: () => {
        this.events.emit("lost");
      },
      restored: () => {
        this.part?.refill();
        this.applyTheme(); // the background is the card's
        this.events.emit("restored");
      },
    });
    const { canvas, signal } = this.stage;
    for (const o of [this.marker, this.measuring.ruler]) {
      this.stage.add(o.object);
      o.setPixelRatio(this.stage.pixelRatio);
    }
    this.rig = new CameraRig(canvas, () => {
      this.draw();
      this.pointAgain();
      this.events.emit("view");
    });
    this.viewpoint = new Viewpoint(this.rig);
    const actions: PointerActions = {
      point: (at) => this.point(at),
      click: (at, add) => this.click(at.x, at.y, add),
    };
    const pointers = [listenToPointer(canvas, actions, signal), listenToKeys(host, canvas, actions, signal)];
    this.pointAgain = () => {
      for (const again of pointers) again();
    };
    listenToCameraKeys(canvas, this.rig, signal);
    this.cuts = new Cuts({
      draw: () => {
        this.pointAgain();
        this.draw();
      },
      tell: (state) => {
        if (state.measures) this.looks.remeasure(); // on a wider scale
        this.events.emit("cutting", state);
      },
      note: (cut) => {
        if (cut) Object.assign(host.dataset, { cut: String(cut.triangles), cutMs: cut.ms.toFixed(1) });
        else delete host.dataset.cut;
      },
    });
    this.looks = new Looks(this.cuts, this.stage.pixelRatio);
    this.picker = new Picker(this.rig, this.cuts, canvas);
    this.stage.resize();
  }

  /** on calls f whenever something happens; the returned function ends that. */
  on<K extends keyof ViewerEvents>(event: K, f: ViewerEvents[K]): () => void {
    return this.events.on(event, f);
  }

  /**
   * show draws a surface in place of the one before; the camera moves only where the part has another size or place. structure
   * says which faces belong to which solid, volume where the elements behind the surface are, should they be cut. A surface is shown
   * again once more is known of it: the card keeps what it has. It throws where the card cannot draw so much.
   */
  show(prepared: Prepared, structure = new Structure([], []), volume?: () => string | undefined): void {
    const triangles = prepared.surface.corners.length / 3;
    const most = mostTriangles(this.stage.maxTexture);
    if (triangles > most) {
      this.clear();
      throw new Error(`it has ${count(triangles)} triangles, and this graphics card draws ${count(most)} at most.`);
    }
    const drawn = this.part?.prepared === prepared ? this.part.release() : undefined;
    this.remove();
    if (!drawn) this.mark(null); // a place of the one before
    const part = new Part(prepared, structure, drawn);
    this.part = part;
    this.triangles = triangles;
    this.stage.add(part.object);
    this.looks.dress(part);
    this.arrange();
    this.cuts.show(this.part, volume);
    this.measuring.show(this.part);
    this.viewpoint.show(part);
    this.pointAgain();
    this.draw();
  }

  /** clear removes the surface; another of the same part will be seen from where one looks now. */
  clear(): void {
    this.viewpoint.leave();
    this.remove();
    this.mark(null);
    this.hover(null);
  }

  private remove(): void {
    this.cuts.show(null);
    if (this.part) this.stage.remove(this.part.object);
    this.looks.dress(null);
    this.part?.dispose();
    this.part = null;
    this.measuring.show(null);
    delete this.host.dataset.triangles;
    this.draw();
  }

  setTheme(theme: Theme): void {
    this.looks.setTheme(theme);
    this.applyTheme();
    this.draw();
  }

  setColoring(by: ColorBy): void {
    this.looks.setColoring(by);
    this.draw();
  }

  /** setGroups says which groups there are, to colour by. */
  setGroups(groups: readonly Group[]): void {
    this.looks.setGroups(groups);
    this.draw();
  }

  /** setScale has a measure coloured by another scale than its own, as several viewers may have in common; null ends it. */
  setScale(scale: NamedScale | null): void {
    this.looks.setScale(scale);
    this.draw();
  }

  setEdges(shown: boolean): void {
    this.looks.setEdges(shown);
    this.draw();
  }

  /** setOutlines draws the outlines of faces: those of a draft are ragged. */
  setOutlines(shown: boolean): void {
    this.looks.setOutlines(shown);
    this.draw();
  }

  /** setCut leaves out what lies beyond a plane; null shows everything. */
  setCut(cut: Cut | null): void {
    this.cuts.set(cut);
    this.pointAgain();
    this.draw();
  }

  /** setXray lets one see through the surface. */
  setXray(on: boolean): void {
    this.looks.setXray(on);
    this.draw();
  }

  /** brush picks out the triangles with values from low to high of the measure shown; null ends it. */
  brush(range: [number, number] | null): void {
    this.looks.brush(range);
    this.draw();
  }

  /** setSelected marks faces, by their tags; in what is shown later too. */
  setSelected(tags: Iterable<number>): void {
    this.looks.select(tags);
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

  /** highlight has faces stand out, by their tags, as if the pointer were on them: for one solid alone where it is given and drawn apart. */
  highlight(tags: Iterable<number>, solid?: number): void {
    if (this.looks.highlight(tags, solid)) this.draw();
  }

  /** smoothlyFrom returns the tags of the faces that one comes to from others without crossing an edge. */
  smoothlyFrom(tags: Iterable<number>): number[] {
    return this.part?.smoothlyFrom(tags) ?? [...tags];
  }

  /** setProjection changes the camera; what is in the middle keeps its size. */
  setProjection(projection: Projection): void {
    this.viewpoint.setProjection(projection);
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
    this.viewpoint.flyTo(point, radius);
  }

  /** camera is where one looks from, in the geometry's lengths; null while there is nothing to look at. */
  get camera(): CameraState | null {
    return this.viewpoint.camera;
  }

  /** turned tells whether one looks from elsewhere than at first. */
  get turned(): boolean {
    return this.viewpoint.turned;
  }

  /** setCamera looks from there, now or once there is a part. No view event tells of it: viewers can follow each other. */
  setCamera(camera: CameraState): void {
    this.viewpoint.set(camera);
    this.pointAgain();
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
    return this.stage.picture();
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

  dispose(): void {
    this.events.clear(); // first: who is told of the end by a viewer that is left would be kept by what it is told
    this.stage.close();
    this.stopParting();
    this.clear();
    this.rig.dispose();
    this.marker.dispose();
    this.measuring.ruler.dispose();
    this.stage.dispose();
  }

  private draw(): void {
    this.stage.draw();
  }

  private beforeFrame(): void {
    this.rig.embrace();
    const { clientWidth, clientHeight } = this.stage.canvas;
    this.measuring.ruler.fit(clientWidth, clientHeight, (place) => this.picker.pixelAt(place));
  }

  /** afterFrame tells whoever looks at the page from outside what is seen: once it is, and not when it begins to be waited for. */
  private afterFrame(): void {
    if (this.part?.whole && !this.host.dataset.triangles) this.host.dataset.triangles = String(this.triangles);
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
    const on = pick && pick.face >= 0 ? pick : null;
    if (this.looks.highlight(on ? [on.tag] : [], on?.solid)) this.draw(); // of two copies that are apart, the one
    this.events.emit("hover", pick);
  }

  private click(x: number, y: number, add: boolean): void {
    if (this.measuring.on) {
      const place = this.part && this.picker.snap(this.part, x, y);
      if (place) this.measuring.mark(place);
      this.draw();
      return;
    }
    const pick = this.pickAt(x, y);
    this.events.emit("pick", pick, add);
  }

  private moveApart(apart: number): void {
    const before = this.part?.around();
    this.apart = apart;
    this.arrange();
    if (this.part && before) this.rig.grow(before, this.part.around());
    this.looks.restyle();
    this.draw();
  }

  private arrange(): void {
    if (!this.part) return;
    this.part.arrange(this.hidden, this.apart);
    this.cuts.hide(this.part.slots.structure.hiddenSolids(this.hidden));
    this.rig.around(this.part.around(), this.part.extent());
    this.measuring.draw(); // places move with their solids
    this.pointAgain();
  }

  private applyTheme(): void {
    const { theme } = this.looks;
    this.stage.setTheme(theme);
    this.marker.setColor(theme.accent);
    this.measuring.ruler.setTheme(theme);
  }
}
