/** Starts the service as `make run` does, on free ports and in a folder of its own, and ends it after the tests. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    base: string;
    ports: Record<string, string>;
  }
}

export const root = resolve(import.meta.dirname, "../..");
const PORTS = ["MESHGEN_PORT", "MESHGEN_METRICS_PORT", "MESHGEN_S3_PORT", "MESHGEN_POSTGRES_PORT", "MESHGEN_REDIS_PORT"];

export default async function setup(project: TestProject) {
  const dir = mkdtempSync(join(tmpdir(), "meshgen-page-"));
  chmodSync(dir, 0o711); // PostgreSQL runs as another user when we are root, and has to pass
  const ports = Object.fromEntries(await Promise.all(PORTS.map(async (name) => [name, String(await freePort())])));
  const stack = spawn(join(root, "bin/devstack"), [], {
    cwd: root,
    env: { ...process.env, ...ports, MESHGEN_RUN_DIR: dir, MESHGEN_ENGINES: "2" }, // files that run side by side wait less
    stdio: ["ignore", "pipe", "pipe"],
  });
  await ready(stack);
  project.provide("ports", ports);
  project.provide("base", `http://localhost:${ports.MESHGEN_PORT}`);
  return async () => {
    stack.kill("SIGTERM");
    await new Promise((done) => stack.once("exit", done));
    rmSync(dir, { recursive: true, force: true });
  };
}

function ready(stack: ChildProcess): Promise<void> {
  let said = "";
  return new Promise((resolve, reject) => {
    const listen = (chunk: Buffer) => {
      said += chunk;
      if (said.includes("Ctrl-C stops everything")) resolve();
    };
    stack.stdout?.on("data", listen);
    stack.stderr?.on("data", listen);
    stack.once("exit", (code) => reject(new Error(`the service ended with ${code}:\n${said}`)));
  });
}

// Below the ports that the system gives to clients: none of them takes one before it is listened on. And below those that the tests of Go
// take (internal/devservers/port.go), which run beside these: what one has found free the other does not take.
const [FIRST, LAST] = [17_000, 19_999];

/** freePort returns a port that nobody listens on. */
export function freePort(): Promise<number> {
  const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(freePort()));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(port)));
  });
}
