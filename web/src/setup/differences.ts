/** What one spec asks for that another does not, in a few words each. */
import type { Spec } from "../api/client";
import { number, plural } from "../format";
import { describe } from "./Place";
import { bare, DEFAULTS, FORMATS, type Format, type Layer, type Refinement, sameSet } from "./spec";

/** differences returns what is asked for now and was not before; against the defaults without before. Both as resolved. */
export function differences(before: Spec | undefined, now: Spec, unit = ""): string[] {
  const [a, b] = [bare(before ?? {}), bare(now)];
  const lengths = b.units ?? unit;
  const out: string[] = [];
  /** say tells of a value that changed; what it is called when it is back at its default too. */
  const say = <T>(was: T | undefined, is: T | undefined, name: string, text: (v: T) => string) => {
    if (JSON.stringify(was) === JSON.stringify(is)) return;
    out.push(is === undefined ? `${name} by default` : text(is));
  };
  const [x, y] = [a.size ?? {}, b.size ?? {}];
  const length = (v: number) => `${number(v)}${lengths ? `\u202f${lengths}` : ""}`;
  if (y.max === undefined && (x.max !== undefined || x.fineness !== y.fineness)) {
    out.push(`fineness ${y.fineness ?? DEFAULTS.size.fineness}`);
  } else if (x.max !== y.max) out.push(`edges ≤ ${length(y.max as number)}`);
  say(x.min, y.min, "shortest edge", (v) => `edges ≥ ${length(v)}`);
  say(x.curvature, y.curvature, "curvature", (v) => `${v} around a circle`);
  say(x.growth, y.growth, "growth", (v) => `growth ${v}`);
  say(x.wall_elements, y.wall_elements, "walls", (v) => `${v} across walls`);
  say(x.target_elements, y.target_elements, "number", (v) => `${number(v)} elements wanted`);
  say(a.strategy, b.strategy, "strategy", (v) => v);
  say(a.element, b.element, "shape", (v) => v);
  say(a.order, b.order, "order", (v) => `order ${v}`);
  say(a.heal, b.heal, "mending", (v) => `mending ${v}`);
  list(out, a.layers, b.layers, layerName, "layers");
  list(out, a.refine, b.refine, (r: Refinement) => `${describe(r)} at ${length(r.size)}`, "finer places");
  list(out, a.groups, b.groups, (g) => `group ${g.name}`, "groups");
  say(a.time_limit, b.time_limit, "time limit", (v) => `within ${v}`);
  say(a.device, b.device, "device", (v) => (v === "cuda" ? "on a GPU" : `on the ${v}`));
  say(a.units, b.units, "unit", (v) => `lengths in ${v}`);
  if (!sameSet(a.formats, b.formats)) out.push(files(b.formats ?? [...DEFAULTS.formats]));
  return out;
}

const layerName = (l: Layer) => `${plural(l.count ?? DEFAULTS.layer.count, "layer")} on ${l.groups.join(", ")}`;
const files = (formats: Format[]) =>
  formats.length > 3 ? `${formats.length} of ${Object.keys(FORMATS).length} formats` : formats.join(", ");

/** list tells which entries came, and that others went. */
function list<T>(out: string[], before: T[] = [], now: T[] = [], name: (t: T) => string, many: string): void {
  const were = new Set(before.map((t) => JSON.stringify(t)));
  const are = new Set(now.map((t) => JSON.stringify(t)));
  const came = now.filter((t) => !were.has(JSON.stringify(t)));
  const gone = before.filter((t) => !are.has(JSON.stringify(t)));
  if (came.length > 2) out.push(`${came.length} ${many}`);
  else out.push(...came.map(name));
  if (gone.length > came.length) out.push(now.length ? `fewer ${many}` : `no ${many}`);
}
