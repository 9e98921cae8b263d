/** How the solids of a part are drawn apart, so that one sees what touches what. */
import { type Box3, Vector3 } from "three";

const REACH = 1.4; // by how much of its distance from the middle a solid moves at most
const SAME = 0.02; // of the radius: solids that would stay closer to each other are in each other

/**
 * partingOf returns where to each solid moves, away from the middle of the part. Those that lie in each other, as a ball in a
 * box, or a bolt in its nut, move along x, one beyond the other.
 */
export function partingOf(solids: readonly Box3[], radius: number): Vector3[] {
  const places: { move: Vector3; end: number }[] = []; // where some move to, and how far along x they reach
  return solids.map((box) => {
    const move = box.getCenter(new Vector3()).multiplyScalar(REACH);
    const half = (box.max.x - box.min.x) / 2;
    const taken = places.find((p) => p.move.distanceTo(move) < SAME * radius);
    if (!taken) {
      places.push({ move: move.clone(), end: move.x + half });
      return move;
    }
    move.x = taken.end + 1.4 * half;
    taken.end = move.x + half;
    return move;
  });
}
