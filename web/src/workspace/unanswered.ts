/**
 * Asks for drafts, and deletes them. Where an answer is lost, nobody learns which draft was made, and it would stay; where a deletion
 * fails, it stays as well. Both are kept in the browser, and done again: by this page once the service is back, or by whichever page
 * opens a part next. The service answers a request that it knows with the same draft, and that is deleted.
 */
import { ApiError, AWAY, api, gone, type Mesh, persist, type Spec, take } from "../api/client";

interface Request {
  key: string;
  geometry_id: string;
  spec: Spec;
}

/** What is to be done yet: a draft to delete, by the request that it was asked for with or by its id. */
type Left = Request | { id: string };

const KEY = "meshgen.unanswered";
const waiting = new Set<Request>(); // for an answer, which this page may still get

/** ask has a draft made and returns it once it has ended, or as it is after a second. */
export async function ask(geometry_id: string, spec: Spec): Promise<Mesh> {
  const request = { key: crypto.randomUUID(), geometry_id, spec };
  waiting.add(request);
  try {
    return await send(request, "wait=1");
  } catch (e) {
    if (!answered(e)) leave(request);
    throw e;
  } finally {
    waiting.delete(request);
  }
}

/** remove deletes a draft; a page that is being left takes it along. */
export async function remove(id: string): Promise<void> {
  add({ id }); // before it is asked for: a page that is left learns nothing of what comes of it
  try {
    await erase(id);
    drop({ id });
  } catch {
    leave({ id });
  }
}

let removing: Promise<void> | null = null;

/** removeLeft deletes what was left, by this page or another, until something fails: that is left for another time, last of all. */
export function removeLeft(): Promise<void> {
  removing ??= removeEach().finally(() => {
    removing = null;
  });
  return removing;
}

async function removeEach(): Promise<void> {
  const tried = new Set<string>();
  for (;;) {
    const one = left().find((l) => !tried.has(nameOf(l)));
    if (!one) return;
    tried.add(nameOf(one));
    try {
      await persist(async () => erase("id" in one ? one.id : (await send(one)).id));
      drop(one);
    } catch (e) {
      if (!settled(e)) {
        add(one);
        return;
      }
      drop(one);
    }
  }
}

/** answered tells whether the service said that it made nothing. */
const answered = (e: unknown) => e instanceof ApiError && e.status !== AWAY && e.status < 500;

/** settled tells whether a draft cannot be there, nor come: its part is gone, or the request is none. */
const settled = (e: unknown) => e instanceof ApiError && [404, 409, 422].includes(e.status);

const send = ({ key, ...body }: Request, Prefer?: string) =>
  take(api.POST("/v1/meshes", { body, params: { header: { Prefer, "Idempotency-Key": key } } }));

const erase = (id: string) => gone(api.DELETE("/v1/meshes/{id}", { params: { path: { id } }, keepalive: true }));

const nameOf = (l: Left) => ("id" in l ? l.id : l.key);

/** leave keeps what failed, and has it done once the service is there. */
function leave(one: Left): void {
  add(one);
  void removeLeft();
}

function add(...more: Left[]): void {
  const names = new Set(more.map(nameOf));
  keep([...left().filter((l) => !names.has(nameOf(l))), ...more]);
}

function drop(...done: Left[]): void {
  const names = new Set(done.map(nameOf));
  keep(left().filter((l) => !names.has(nameOf(l))));
}

function left(): Left[] {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "[]") as Left[];
  } catch {
    return [];
  }
}

function keep(list: Left[]): void {
  try {
    if (list.length > 0) localStorage.setItem(KEY, JSON.stringify(list));
    else localStorage.removeItem(KEY);
  } catch {
    // The browser keeps nothing.
  }
}

window.addEventListener("pagehide", () => waiting.size > 0 && add(...waiting));
// A page that comes back as it was may get its answers yet.
window.addEventListener("pageshow", (e) => e.persisted && drop(...waiting));
