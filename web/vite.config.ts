import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { oneByteScripts } from "./scripts/oneByteScripts.ts";

export default defineConfig({
  plugins: [react(), oneByteScripts],
  // While the page is worked on, the API is that of `make run`.
  server: {
    proxy: { "/v1": "http://127.0.0.1:8080", "/openapi.yaml": "http://127.0.0.1:8080", "/docs": "http://127.0.0.1:8080" },
  },
  build: { target: "es2022", sourcemap: false, assetsInlineLimit: 0 },
  worker: { format: "es", plugins: () => [oneByteScripts] },
  test: { environment: "node", isolate: false, include: ["{src,scripts}/**/*.test.ts"] },
});
