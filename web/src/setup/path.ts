/** Places in a spec by the paths that the service uses: size.max, refine[2].sphere.center[0]. */

type Step = string | number;

/** steps splits a path. */
export function steps(path: string): Step[] {
  return [...path.matchAll(/[^.[\]]+|\[(\d+)\]/g)].map((m) => (m[1] === undefined ? m[0] : Number(m[1])));
}

/** get returns what stands at a path, or undefined. */
export function get(value: unknown, path: string): unknown {
  return steps(path).reduce<unknown>((v, step) => (v as Record<Step, unknown> | undefined)?.[step], value);
}

/** put returns a copy with another value at a path; undefined takes the default, null an entry out of its list. */
export function put<T>(value: T, path: string, to: unknown): T {
  return putSteps(value, steps(path), to) as T;
}

function putSteps(value: unknown, [step, ...rest]: Step[], to: unknown): unknown {
  if (step === undefined) return to;
  if (typeof step === "number") {
    const list = [...((value as unknown[] | undefined) ?? [])];
    if (rest.length === 0 && to === null) list.splice(step, 1);
    else list[step] = putSteps(list[step], rest, to);
    return list;
  }
  const next = putSteps((value as Record<string, unknown> | undefined)?.[step], rest, to);
  return { ...(value as object), [step]: next };
}

/** within tells whether a path is another, or leads to a part of it. */
export function within(path: string, of: string): boolean {
  return path === of || path.startsWith(`${of}.`) || path.startsWith(`${of}[`);
}
