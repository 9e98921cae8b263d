/** A second API beside the service of the tests, on the same servers, that asks for keys. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { inject } from "vitest";
import { freePort, root } from "./stack";

export class Guarded {
  private constructor(
    readonly base: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly process: ChildProcess,
  ) {}

  static async start(more: NodeJS.ProcessEnv = {}): Promise<Guarded> {
    const ports = inject("ports");
    const port = await freePort();
    const env = {
      ...process.env,
      MESHGEN_AUTH: "on",
      MESHGEN_LISTEN: `127.0.0.1:${port}`,
      MESHGEN_METRICS_LISTEN: "127.0.0.1:0",
      MESHGEN_DATABASE_URL: `postgres://meshgen@127.0.0.1:${ports.MESHGEN_POSTGRES_PORT}/meshgen?sslmode=disable`,
      MESHGEN_REDIS_URL: `redis://127.0.0.1:${ports.MESHGEN_REDIS_PORT}/0`,
      MESHGEN_S3_ENDPOINT: `http://127.0.0.1:${ports.MESHGEN_S3_PORT}`,
      MESHGEN_S3_BUCKET: "meshgen",
      MESHGEN_S3_ACCESS_KEY: "meshgen",
      MESHGEN_S3_SECRET_KEY: "meshgen-on-loopback",
      MESHGEN_WEB_DIR: join(root, "web/dist"),
      ...more,
    };
    const api = spawn(join(root, "bin/api"), { env, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    api.stderr.on("data", (chunk) => {
      said += chunk;
    });
    const base = `http://localhost:${port}`;
    while (!(await fetch(`${base}/readyz`).catch(() => null))?.ok) {
      if (api.exitCode !== null) throw new Error(`the API ended with ${api.exitCode}:\n${said}`);
      await new Promise((next) => setTimeout(next, 50));
    }
    return new Guarded(base, env, api);
  }

  async stop(): Promise<void> {
    this.process.kill("SIGTERM");
    await new Promise((done) => this.process.once("exit", done));
  }

  /** admin is what an operator types. */
  admin(...args: string[]): string {
    return execFileSync(join(root, "bin/meshgen"), ["admin", ...args], { env: this.env, encoding: "utf8" }).trim();
  }
}
