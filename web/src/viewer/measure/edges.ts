/** The edges beside a place on a surface: those of the element that is met there, or of the face where there are no elements. */
import { Vector3 } from "three";
import { vertexOf } from "../corners";
import { type Numbers, numberAt } from "../numbers";
import type { Prepared } from "../prepare";
import { faceAt } from "../surfaceFile";
import type { Edge } from "./snap";

const MEETING = 3; // faces of which meet in a corner

export class EdgeFinder {
  private corners: Set<number> | null = null; // of faces, by their places

  constructor(private readonly prepared: Prepared) {}

  /** at returns the edges beside a triangle, as positions of the surface. */
  at(triangle: number): Edge[] {
    const { elements, faces } = this.prepared.surface;
    return elements ? this.ofElement(elements, triangle) : this.ofFace(faceAt(faces, triangle));
  }

  /** ofElement returns the sides of a triangle, but for the diagonal of a quadrangle. */
  private ofElement(elements: Numbers, triangle: number): Edge[] {
    const { corners, positions } = this.prepared.surface;
    const cornersOf = (t: number) => [0, 1, 2].map((k) => vertexOf(corners, 3 * t + k));
    const own = cornersOf(triangle);
    const element = numberAt(elements, triangle);
    const half = [triangle - 1, triangle + 1].find((t) => t >= 0 && t < elements.length && numberAt(elements, t) === element);
    const other = half === undefined ? null : cornersOf(half);
    const edges: Edge[] = [];
    for (let k = 0; k < 3; k++) {
      const [a, b] = [own[k], own[(k + 1) % 3]];
      if (other?.includes(a) && other.includes(b)) continue;
      edges.push({ from: placeAt(positions, 3 * a), to: placeAt(positions, 3 * b), corners: [true, true] });
    }
    return edges;
  }

  /** ofFace returns the outline of a face. Only where several faces meet it has corners: elsewhere it is a curve in pieces. */
  private ofFace(face: number): Edge[] {
    this.corners ??= this.meetings();
    const { outlines } = this.prepared;
    const edges: Edge[] = [];
    for (let at = 0; at < outlines.length; at += 8) {
      if (outlines[at + 3] !== face) continue;
      edges.push({
        from: placeAt(outlines, at),
        to: placeAt(outlines, at + 4),
        corners: [this.corners.has(keyOf(outlines, at)), this.corners.has(keyOf(outlines, at + 4))],
      });
    }
    return edges;
  }

  private meetings(): Set<number> {
    const { outlines } = this.prepared;
    const faces = new Map<number, Set<number>>();
    for (let at = 0; at < outlines.length; at += 4) {
      const key = keyOf(outlines, at);
      const known = faces.get(key);
      if (known) known.add(outlines[at + 3]);
      else faces.set(key, new Set([outlines[at + 3]]));
    }
    return new Set([...faces].filter(([, f]) => f.size >= MEETING).map(([key]) => key));
  }
}

function placeAt(positions: Uint16Array, at: number): Vector3 {
  return new Vector3(positions[at], positions[at + 1], positions[at + 2]);
}

function keyOf(positions: Uint16Array, at: number): number {
  return (positions[at] * 65536 + positions[at + 1]) * 65536 + positions[at + 2];
}
