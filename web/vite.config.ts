import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/**
 * A browser keeps the text of a script for as long as its page is there, in two bytes a character where one of them needs two: a single
 * minus sign doubles a chunk. Such stand in strings and templates alone, where they can be written as numbers.
 */
const oneByteScripts: Plugin = {
  name: "one-byte-scripts",
  enforce: "post",
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle))
      if (file.type === "chunk")
        file.code = file.code.replace(/[\u0100-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  },
};

export default defineConfig({
  plugins: [react(), oneByteScripts],
  // While the page is worked on, the API is that of `make run`.
  server: {
    proxy: { "/v1": "http://127.0.0.1:8080", "/openapi.yaml": "http://127.0.0.1:8080", "/docs": "http://127.0.0.1:8080" },
  },
  build: { target: "es2022", sourcemap: false, assetsInlineLimit: 0 },
  worker: { format: "es", plugins: () => [oneByteScripts] },
  test: { environment: "node", isolate: false, include: ["src/**/*.test.ts"] },
});
