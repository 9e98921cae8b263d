// Fails a build whose files are too large for a first look (gzip, in kB), or whose scripts take twice the memory (oneByteScripts.ts).
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMITS = { first: 150, viewer: 240 };
const dist = new URL("../dist/", import.meta.url);
const html = readFileSync(new URL("index.html", dist), "utf8");
const size = (name) => gzipSync(readFileSync(new URL(name, dist))).length / 1000;

const first = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((m) => m[1]);
const others = readdirSync(new URL("assets/", dist))
  .map((f) => `assets/${f}`)
  .filter((f) => /\.(js|css)$/.test(f) && !first.includes(f) && !f.includes("worker"));
const sums = { first: first.reduce((n, f) => n + size(f), 0), viewer: others.reduce((n, f) => n + size(f), 0) };
for (const [name, limit] of Object.entries(LIMITS)) {
  console.log(`${name}: ${sums[name].toFixed(1)} kB gzip of ${limit}`);
  if (sums[name] > limit) process.exitCode = 1;
}
for (const f of readdirSync(new URL("assets/", dist)).filter((f) => f.endsWith(".js"))) {
  const wide = readFileSync(new URL(`assets/${f}`, dist), "utf8").match(/[\u0100-\uffff]/);
  if (!wide) continue;
  console.log(`${f}: ${JSON.stringify(wide[0])} has a browser keep the script in two bytes a character`);
  process.exitCode = 1;
}
