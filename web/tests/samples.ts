/** Large files for viewing, as `bench/viewer/samples` writes them, served gzipped as the store serves them. */
import { createReadStream, existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { extname, join } from "node:path";
import type { BrowserContext } from "playwright-core";

const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript" };

export class Samples {
  private constructor(
    private readonly server: Server,
    readonly base: string,
  ) {}

  /** serve serves a folder of samples under /samples/, and another one beside it. */
  static serve(folder: string, pages?: string): Promise<Samples> {
    const server = createServer((request, response) => {
      const path = new URL(request.url ?? "", "http://localhost").pathname;
      const sample = path.startsWith("/samples/");
      const file = sample ? join(folder, path.slice(9)) : pages && join(pages, path);
      if (!file || !existsSync(file)) {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(200, {
        "Access-Control-Allow-Origin": "*",
        "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
        ...(sample ? { "Content-Encoding": "gzip" } : {}),
      });
      createReadStream(file).pipe(response);
    });
    return new Promise((resolve) => {
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as { port: number };
        resolve(new Samples(server, `http://127.0.0.1:${port}`));
      });
    });
  }

  /** replace answers with samples where a page asks for the files of a mesh: names of samples by those of files. */
  async replace(context: BrowserContext, names: Record<string, string>): Promise<void> {
    for (const [file, sample] of Object.entries(names)) {
      await context.route(
        (url) => url.pathname.endsWith(`-${file}`), // the store numbers files
        (route) => route.continue({ url: `${this.base}/samples/${sample}` }),
      );
    }
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
