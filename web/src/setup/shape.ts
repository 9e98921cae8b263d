/** Whether something that was typed or kept has the shape of a spec, so that the panel can show it. What is right, the service says. */

const TAGS = { points: [0], edges: [0], faces: [0], solids: [0] };
const SHAPE = {
  strategy: "",
  element: "",
  size: {},
  refine: [{ ...TAGS, group: "", box: [[0]], sphere: { center: [0] }, near: { ...TAGS, group: "" } }],
  layers: [{ groups: [""] }],
  groups: [{ name: "", entities: [0] }],
  units: "",
  time_limit: "",
  formats: [""],
};

/** misshapen says what has another shape than a spec; undefined where nothing has. */
export function misshapen(value: unknown, shape: unknown = SHAPE, path = "a spec"): string | undefined {
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return `${path} is a list`;
    return first(value.map((v, i) => misshapen(v, shape[0], `${path}[${i}]`)));
  }
  if (typeof shape === "object") {
    if (value === null || typeof value !== "object" || Array.isArray(value)) return `${path} is an object: { … }`;
    const own = (k: string) => (path === "a spec" ? k : `${path}.${k}`);
    return first(
      Object.entries(shape as object).map(([k, s]) => {
        const v = (value as Record<string, unknown>)[k];
        return v === undefined ? undefined : misshapen(v, s, own(k));
      }),
    );
  }
  // A number that is still to be typed is null.
  if (typeof shape === "number") return value === null || typeof value === "number" ? undefined : `${path} is a number`;
  return typeof value === "string" ? undefined : `${path} is a text`;
}

const first = (all: (string | undefined)[]) => all.find((m) => m !== undefined);
