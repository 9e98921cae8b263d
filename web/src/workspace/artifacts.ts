/** Which files of a mesh are there to be taken away, and in which order: they come as they were ready. */
import type { Artifact, Mesh } from "../api/client";
import { FORMATS } from "../setup/spec";

/** What the page itself shows is no file for a solver. */
const SHOWN = ["surface", "volume"];
const ORDER = [...Object.keys(FORMATS), "report", "log"];

const place = ({ format }: Artifact): number => (ORDER.includes(format) ? ORDER.indexOf(format) : ORDER.length);

/** filesOf returns them: the mesh first, then what is told of it. */
export function filesOf({ artifacts }: Pick<Mesh, "artifacts">): Artifact[] {
  return artifacts.filter((a) => !a.preview && !SHOWN.includes(a.format)).sort((a, b) => place(a) - place(b));
}
