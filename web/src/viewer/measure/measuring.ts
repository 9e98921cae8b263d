/** How far it is from one place to another: two places are marked one after the other, and a third begins anew. */
import type { Vector3 } from "three";
import type { Part } from "../part";
import type { Point } from "../types";
import { type End, Ruler } from "./ruler";
import type { Snap } from "./snap";

/** A place that is measured from or to, in the geometry's lengths. */
export interface Place {
  point: Point;
  on: Snap;
  /** The solid it is on: it moves with that. */
  solid?: number;
}

/** What has been measured: the second place is that of the pointer until it is marked. */
export interface Measured {
  from: Place;
  to: Place | null;
  distance: number;
  /** How far off the distance may be: places are no finer than the positions of the surface. */
  tolerance: number;
  marked: boolean;
}

export class Measuring {
  readonly ruler = new Ruler();
  private part: Part | null = null;
  private marked: Place[] = [];
  private pointed: Place | null = null;
  private label: ((distance: number) => string) | null = null;

  /** tell hears what is measured, null where nothing is. */
  constructor(private readonly tell: (measured: Measured | null) => void) {}

  get on(): boolean {
    return this.label !== null;
  }

  /** start measures from now on; label writes a distance. */
  start(label: (distance: number) => string): void {
    this.label = label;
    this.draw();
  }

  stop(): void {
    this.label = null;
    this.clear();
  }

  /** show goes on with another part: places are those of the geometry. */
  show(part: Part | null): void {
    this.part = part;
    this.pointed = null;
    this.draw();
  }

  point(place: Place | null): void {
    this.pointed = place;
    this.draw();
    if (this.marked.length === 1) this.say();
  }

  mark(place: Place): void {
    this.marked = this.marked.length === 1 ? [this.marked[0], place] : [place];
    this.draw();
    this.say();
  }

  /** clear forgets what was measured, and returns whether there was anything. */
  clear(): boolean {
    const any = this.marked.length > 0;
    this.marked = [];
    this.pointed = null;
    this.draw();
    this.say();
    return any;
  }

  /** draw puts the ruler to where the solids of its places are. */
  draw(): void {
    const { part, label, marked, pointed } = this;
    const ends = !part || !label ? [] : [...marked, ...(pointed && marked.length < 2 ? [pointed] : [])];
    const shown = ends.map(({ point, on, solid }): End => ({ place: placeOf(part as Part, point, solid), on }));
    const distance = ends.length === 2 ? between(ends[0], ends[1]) : 0;
    this.ruler.show(shown, distance > 0 && label ? label(distance) : "");
  }

  /** tolerance: either end is off by half a step at most, along each axis. */
  private get tolerance(): number {
    return Math.sqrt(3) * (this.part?.prepared.surface.quantum ?? 0);
  }

  private say(): void {
    const [from, second] = this.marked;
    const to = second ?? this.pointed;
    const distance = from && to ? between(from, to) : 0;
    this.tell(from ? { from, to, distance, tolerance: this.tolerance, marked: second !== undefined } : null);
  }
}

function placeOf(part: Part, point: Point, solid: number | undefined): Vector3 {
  const place = part.placement.inWorld(point);
  return solid === undefined ? place : place.add(part.moveOf(solid));
}

function between({ point: a }: Place, { point: b }: Place): number {
  return Math.hypot(b[0] - a[0], b[1] - a[1], b[2] - a[2]);
}
