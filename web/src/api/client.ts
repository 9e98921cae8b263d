/** Typed calls of the API. The types are generated from docs/openapi.yaml (`npm run types`). */
import createClient from "openapi-fetch";
import type { components } from "./schema";
import { gateway, service } from "./service";
import { lock } from "./session";
import { traceparent } from "./trace";

type Schemas = components["schemas"];
export type Geometry = Schemas["Geometry"];
export type GeometryList = Schemas["GeometryList"];
export type GeometrySummary = Schemas["GeometrySummary"];
export type Mesh = Schemas["Mesh"];
export type MeshList = Schemas["MeshList"];
export type MeshSummary = Schemas["MeshSummary"];
export type Spec = Schemas["Spec"];
export type Estimate = Schemas["Estimate"];
export type Diagnosis = Schemas["Diagnosis"];
export type Artifact = Schemas["Artifact"];
export type Batch = Schemas["Batch"];
export type BatchItem = Schemas["BatchItem"];
export type BatchSummary = Schemas["BatchSummary"];
export type Upload = Schemas["Upload"];
export type Problem = Schemas["Problem"];

/** The header is what the service asks for beside a cookie: no form of another site can send it. */
export const api = createClient<import("./schema").paths>({ baseUrl: "/", headers: { "X-Meshgen-Page": "1" } });

// What a click sets off can be followed through the service by this name, where a collector of traces is set up.
api.use({
  onRequest({ request }) {
    if (request.method !== "GET") request.headers.set("Traceparent", traceparent());
    return request;
  },
});

/** ApiError is an answer that is no success, with the problem that it described. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem | undefined,
  ) {
    super(problem?.detail || problem?.title || `The service answered ${status}.`);
  }
}

/** The status of an answer that did not come. */
export const AWAY = 0;

/** take returns the data of an answer, or throws what went wrong. */
export async function take<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { turn } = lock;
  let result: Awaited<typeof answer>;
  try {
    result = await answer;
  } catch (e) {
    if (e instanceof DOMException && e.name === "AbortError") throw e;
    throw unreachable();
  }
  if (gateway(result.response.status, result.response.headers.get("Content-Type"))) throw unreachable();
  service.here();
  if (result.response.status === 401) lock.shut(turn);
  if (!result.response.ok || result.data === undefined) {
    throw new ApiError(result.response.status, result.error as Problem | undefined);
  }
  return result.data;
}

function unreachable(): ApiError {
  service.away();
  return new ApiError(AWAY, { title: "The service cannot be reached.", status: AWAY } as Problem);
}

/** persist does something that may be done twice: again when the service is back, where it is away, or knows who asks. */
export async function persist<T>(f: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await f();
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      if (e.status === AWAY) await service.returned(signal);
      else if (e.status === 401) await lock.open(signal);
      else throw e;
    }
  }
}

/** gone waits for an answer without a body; what is not there any more is gone too. */
export async function gone(answer: Promise<{ error?: unknown; response: Response }>): Promise<void> {
  await take(answer.then((a) => ({ ...a, data: true, response: a.response.status === 404 ? new Response() : a.response })));
}

/** final tells whether nothing more will happen to a job. */
export function final(status: string): boolean {
  return status === "succeeded" || status === "failed" || status === "canceled";
}
