// Meshes a part finely and writes it for a solver:  node example.js part.step part.vtu

import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { Client } from "./meshgen.js";

const [part = "", out = ""] = process.argv.slice(2);
const client = new Client(process.env.MESHGEN_SERVER ?? "http://localhost:8080", { apiKey: process.env.MESHGEN_API_KEY });

const geometry = await client.upload(new Blob([new Uint8Array(await readFile(part))]), basename(part));
console.log(`${part}: ${geometry.solid_count} solid(s), ${geometry.face_count} faces`);
const mesh = await client.mesh(geometry.id, { size: { fineness: 6 } });
console.log(`${mesh.id}: ${mesh.status}`);
await writeFile(out, new Uint8Array(await (await client.download(mesh.id, out.split(".").pop() ?? "msh")).arrayBuffer()));
console.log(out);
