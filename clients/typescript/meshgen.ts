// A client of Meshgen: CAD in, checked volume meshes out. For browsers and Node 20 or newer, without dependencies. The types
// are generated from docs/openapi.yaml.
//
//   const client = new Client("http://localhost:8080");
//   const geometry = await client.upload(file, "bracket.step");
//   const mesh = await client.mesh(geometry.id, { size: { fineness: 6 } });
//   const vtu = await client.download(mesh.id, "vtu");

import type { components } from "./schema.js";

type Schemas = components["schemas"];
export type Geometry = Schemas["Geometry"];
export type Mesh = Schemas["Mesh"];
export type Spec = NonNullable<Schemas["CreateMesh"]["spec"]>;
export type Problem = Schemas["Problem"];

/** What the service refused, or why a job failed. */
export class MeshgenError extends Error {
  constructor(
    message: string,
    readonly code: string = "",
    readonly status: number = 0,
  ) {
    super(message);
  }
}

export interface Options {
  apiKey?: string;
  /** How long, in ms, a service that is away or full is asked again. */
  patience?: number;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export class Client {
  private readonly patience: number;

  constructor(
    private readonly server: string,
    private readonly options: Options = {},
  ) {
    this.patience = options.patience ?? 60_000;
  }

  /** Sends a CAD file and returns its geometry, once it has been read. */
  async upload(file: Blob, name: string, units?: string): Promise<Geometry> {
    const form = new FormData();
    if (units) form.set("units", units);
    form.set("file", file, name);
    // The key makes sending it again safe: the same file under the same one is the same geometry.
    const headers = { "Idempotency-Key": crypto.randomUUID() };
    const geometry = await this.json<Geometry>("/v1/upload", { method: "POST", body: form, headers });
    return this.settled("geometries", geometry);
  }

  /** Asks for a mesh and returns it, once it is done. A mesh that failed is a MeshgenError. */
  async mesh(geometryId: string, spec: Spec = {}): Promise<Mesh> {
    const mesh = await this.json<Mesh>("/v1/meshes", {
      method: "POST",
      body: JSON.stringify({ geometry_id: geometryId, spec }),
      // The key makes asking again safe: the same one is the same mesh.
      headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID(), Prefer: "wait=25" },
    });
    return this.settled("meshes", mesh);
  }

  /** The file of a mesh, in a format. */
  async download(meshId: string, format: string): Promise<Blob> {
    return (await this.open(`/v1/meshes/${meshId}/download?format=${encodeURIComponent(format)}`)).blob();
  }

  /** Any GET whose answer is JSON. */
  get<T>(path: string): Promise<T> {
    return this.json<T>(path);
  }

  /** The events of a mesh or geometry, until it is done. */
  async *events(subject: "meshes" | "geometries", id: string): AsyncGenerator<{ type: string; data: unknown }> {
    const answer = await this.open(`/v1/${subject}/${id}/events`, { headers: { Accept: "text/event-stream" } });
    if (!answer.body) return;
    const reader = answer.body.getReader();
    const decoder = new TextDecoder();
    let text = "";
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        text += decoder.decode(value, { stream: true });
        let end = text.indexOf("\n\n");
        for (; end >= 0; end = text.indexOf("\n\n")) {
          const lines = text.slice(0, end).split("\n");
          text = text.slice(end + 2);
          const field = (name: string) => lines.filter((l) => l.startsWith(name)).map((l) => l.slice(name.length).trim());
          const data = field("data:").join("\n");
          if (!data) continue;
          const type = field("event:")[0] ?? "message";
          yield { type, data: JSON.parse(data) };
          if (type === "done") return;
        }
      }
    } finally {
      await reader.cancel();
    }
  }

  private async settled<T extends Geometry | Mesh>(subject: "meshes" | "geometries", first: T): Promise<T> {
    let thing = first;
    for (let deadline = Date.now() + this.patience; !["succeeded", "failed", "canceled"].includes(thing.status); ) {
      try {
        for await (const _ of this.events(subject, thing.id)) deadline = Date.now() + this.patience;
      } catch (error) {
        if (Date.now() > deadline) throw error; // a stream may break; what counts is the state
        await sleep(1000);
      }
      thing = await this.json<T>(`/v1/${subject}/${thing.id}`);
    }
    if (thing.status !== "succeeded") {
      throw new MeshgenError(thing.error?.message ?? `${thing.id} is ${thing.status}`, thing.error?.code);
    }
    return thing;
  }

  private async json<T>(path: string, init: RequestInit = {}): Promise<T> {
    return (await (await this.open(path, init)).json()) as T;
  }

  private async open(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.options.apiKey) headers.set("Authorization", `Bearer ${this.options.apiKey}`);
    for (const deadline = Date.now() + this.patience; ; ) {
      const answer = await fetch(this.server + path, { ...init, headers });
      if (answer.ok) return answer;
      const problem = (await answer.json().catch(() => ({}))) as Partial<Problem>;
      const pause = Math.max(0.5, Number(answer.headers.get("Retry-After") ?? 0)) * 1000;
      if (![429, 503].includes(answer.status) || Date.now() + pause > deadline) {
        throw new MeshgenError(problem.detail ?? problem.title ?? answer.statusText, problem.code, answer.status);
      }
      await sleep(pause);
    }
  }
}
