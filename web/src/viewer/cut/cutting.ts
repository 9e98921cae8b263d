/** A volume that is cut: what a worker keeps of it, and what it answers to where the plane is. */
import type { Scale } from "../glb";
import { type ElementType, TYPES } from "../palette";
import { crinkle, triangleDepths } from "./crinkle";
import { type Direction, Extents } from "./extents";
import { section } from "./section";
import { connect, type SurfaceTriangles, type Topology } from "./topology";
import { blockOf, type Shown, type Volume } from "./volumeFile";

/** How a volume is cut: through elements, with their polygons as a cap, or between whole elements. */
export type Manner = "section" | "crinkle";

export interface Plane {
  direction: Direction;
  /** How far the plane lies along the direction, in steps of the volume. */
  depth: number;
  manner: Manner;
  /** Tags of solids that are not shown. */
  hidden: readonly number[];
}

/** CutFaces is what a cut shows. */
export interface CutFaces {
  /** Four numbers a corner, as in Faces. */
  corners: Float32Array;
  /** Of each triangle, the number of its element in the mesh file, and the index of its solid among those of the volume. */
  elements: Uint32Array;
  solids: Uint16Array;
  /** Number of the type of its element (TYPES). */
  types: Uint8Array;
  /** The measures of the volume, of each triangle. */
  values: Uint8Array[];
  /** From which depths each triangle of the surface is seen, two each; there where the direction is another than in the answer before. */
  surface?: Float32Array;
}

/** What there is to know of a volume before it is cut. */
export interface VolumeFacts {
  elements: number;
  solids: { tag: number; name?: string }[];
  measures: ({ name: string } & Scale)[];
  types: readonly ElementType[];
  quantum: number;
  origin: [number, number, number];
}

export class Cutting {
  readonly facts: VolumeFacts;
  private readonly topology: Topology;
  private readonly solidOf: Uint16Array; // of each part
  private extents: Extents | null = null;
  private direction: Direction | null = null;
  private told: Direction | null = null; // the direction of the depths of the surface that were given last

  constructor(
    private readonly volume: Volume,
    surface?: SurfaceTriangles,
  ) {
    this.topology = connect(volume, surface);
    const solids: { tag: number; name?: string }[] = [];
    this.solidOf = Uint16Array.from(volume.parts, (p) => {
      const known = solids.findIndex((s) => s.tag === p.solid);
      return known >= 0 ? known : solids.push({ tag: p.solid, name: p.name }) - 1;
    });
    const { quantum, origin } = volume;
    const measures = volume.measures.map(({ name, low, high, log }) => ({ name, low, high, log }));
    const types = TYPES.filter((t) => volume.blocks.some((b) => b.shape === t));
    this.facts = { elements: volume.count, solids, measures, types, quantum, origin };
  }

  cut({ direction, depth, manner, hidden }: Plane): CutFaces {
    const extents = this.along(direction);
    const at = Math.fround(depth);
    const shown = this.shown(hidden);
    const faces =
      manner === "section" ? section(this.volume, extents, at, shown) : crinkle(this.volume, this.topology, extents, at, shown);
    const { elements: own } = faces;
    const answer: CutFaces = {
      corners: faces.corners,
      elements: own.map((e) => this.volume.elements[e]),
      solids: Uint16Array.from(own, (e) => this.solid(e)),
      types: Uint8Array.from(own, (e) => TYPES.indexOf(blockOf(this.volume, e).shape)),
      values: this.volume.measures.map((m) => Uint8Array.from(own, (e) => m.values[e])),
    };
    if (manner === "crinkle" && !same(this.told, direction)) {
      answer.surface = triangleDepths(this.topology, extents, (e) => this.facts.solids[this.solid(e)].tag);
      this.told = direction;
    }
    return answer;
  }

  private shown(hidden: readonly number[]): Shown | undefined {
    if (hidden.length === 0) return undefined;
    const away = this.facts.solids.map((s) => hidden.includes(s.tag));
    return (element) => !away[this.solid(element)];
  }

  private along(direction: Direction): Extents {
    if (!this.extents || !same(this.direction, direction)) {
      this.extents = null; // so that there are never two of them
      this.extents = new Extents(this.volume, direction);
      this.direction = direction;
    }
    return this.extents;
  }

  private solid(element: number): number {
    const { parts } = this.volume;
    let low = 0;
    let high = parts.length - 1;
    while (low < high) {
      const at = (low + high + 1) >> 1;
      if (parts[at].first <= element) low = at;
      else high = at - 1;
    }
    return this.solidOf[low];
  }
}

function same(a: Direction | null, b: Direction): boolean {
  return a !== null && a[0] === b[0] && a[1] === b[1] && a[2] === b[2];
}
