import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  // While the page is worked on, the API is that of `make run`.
  server: {
    proxy: { "/v1": "http://127.0.0.1:8080", "/openapi.yaml": "http://127.0.0.1:8080", "/docs": "http://127.0.0.1:8080" },
  },
  build: { target: "es2022", sourcemap: false, assetsInlineLimit: 0 },
  worker: { format: "es" },
  test: { environment: "node", isolate: false, include: ["src/**/*.test.ts"] },
});
