/** What a pointer is drawn to: corners before edges, and edges before the face that it is on. */
import { Line3, type Vector2, Vector3 } from "three";

/** An edge that can be snapped to, in the scene, and whether its ends are corners. */
export interface Edge {
  from: Vector3;
  to: Vector3;
  corners: readonly [boolean, boolean];
}

export type Snap = "corner" | "edge" | "face";

/** How far a pointer may be from what it is drawn to, in pixels. */
const CORNER = 12;
const EDGE = 8;
const DEEP = 4; // times as far in the scene: what only lies behind is not near

/**
 * snap returns the place that is meant where a face is met at a point: the nearest corner, else the nearest point of an edge, else
 * that point. pixel is the length of one in the scene there; onScreen says where a place is seen, in pixels.
 */
export function snap(
  at: Vector3,
  edges: readonly Edge[],
  pixel: number,
  onScreen: (place: Vector3) => Vector2,
): { place: Vector3; on: Snap } {
  const seen = onScreen(at);
  let best: { place: Vector3; away: number } | null = null;
  const offer = (place: Vector3, reach: number) => {
    if (place.distanceTo(at) > DEEP * reach * pixel) return;
    const away = onScreen(place).distanceTo(seen);
    if (away <= reach && (!best || away < best.away)) best = { place: place.clone(), away };
  };
  const found = () => (best as { place: Vector3 } | null)?.place;
  for (const { from, to, corners } of edges) {
    if (corners[0]) offer(from, CORNER);
    if (corners[1]) offer(to, CORNER);
  }
  const corner = found();
  if (corner) return { place: corner, on: "corner" };
  const nearest = new Vector3();
  for (const { from, to } of edges) offer(new Line3(from, to).closestPointToPoint(at, true, nearest), EDGE);
  const edge = found();
  return edge ? { place: edge, on: "edge" } : { place: at, on: "face" };
}
