/**
 * Asks for drafts. Where the page is left before an answer, nobody learns which draft was made, and it would stay: such requests are
 * kept in the browser, and sent again by whichever page opens a part next. The service answers a request that it knows with the same
 * draft, and that is deleted.
 */
import { api, gone, type Mesh, persist, type Spec, take } from "../api/client";

interface Request {
  key: string;
  geometry_id: string;
  spec: Spec;
}

const KEY = "meshgen.unanswered";
const waiting = new Set<Request>();

/** ask has a draft made and returns it once it has ended, or as it is after a second. */
export async function ask(geometry_id: string, spec: Spec): Promise<Mesh> {
  const request = { key: crypto.randomUUID(), geometry_id, spec };
  waiting.add(request);
  try {
    return await send(request, "wait=1");
  } finally {
    waiting.delete(request);
  }
}

/** remove deletes a draft; a page that is being left takes it along. */
export const remove = (id: string) => gone(api.DELETE("/v1/meshes/{id}", { params: { path: { id } }, keepalive: true }));

/** removeLeft deletes what was asked for by pages that were left before an answer. */
export async function removeLeft(): Promise<void> {
  for (const request of left()) {
    await persist(async () => remove((await send(request)).id)).catch(() => {}); // its part is gone, and so is the draft
    keep(left().filter((r) => r.key !== request.key));
  }
}

const send = ({ key, ...body }: Request, Prefer?: string) =>
  take(api.POST("/v1/meshes", { body, params: { header: { Prefer, "Idempotency-Key": key } } }));

function left(): Request[] {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "[]") as Request[];
  } catch {
    return [];
  }
}

function keep(requests: Request[]): void {
  try {
    if (requests.length > 0) localStorage.setItem(KEY, JSON.stringify(requests));
    else localStorage.removeItem(KEY);
  } catch {
    // The browser keeps nothing.
  }
}

window.addEventListener("pagehide", () => waiting.size > 0 && keep([...left(), ...waiting]));
