/**
 * What cutting costs with a million tetrahedra, in node: npx vitest bench src/viewer/cut
 *
 * The first line is paid once a mesh, the second whenever the plane turns, the others each time that it moves.
 */
import { bench, describe } from "vitest";
import { crinkle } from "./crinkle";
import { Extents } from "./extents";
import { ball, cubeOf } from "./samples";
import { section } from "./section";
import { connect } from "./topology";

const volume = cubeOf("tetrahedron", 55, ball);
const topology = connect(volume);
const extents = new Extents(volume, [1, 0, 0]);
let depth = 20_000;
const next = () => {
  depth = depth > 40_000 ? 20_000 : depth + 601;
  return depth;
};
const once = { iterations: 5, time: 0, warmupIterations: 1, warmupTime: 0 };

describe(`${volume.count} tetrahedra`, () => {
  bench("find which elements share a face", () => void connect(volume), once);
  bench("sort them along a direction", () => void new Extents(volume, [0.6, 0.48, 0.64]), once);
  bench(
    "crinkle cut, direction and all",
    () => void crinkle(volume, topology, new Extents(volume, [0.6, 0.48, 0.64]), next()),
    once,
  );
  bench("crinkle cut, plane moved", () => void crinkle(volume, topology, extents, next()));
  bench("capped section, plane moved", () => void section(volume, extents, next()));
});
