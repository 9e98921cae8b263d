import { defineConfig } from "vitest/config";

// Measures the page beside other viewers (make bench-viewer): the whole service runs, and a real browser looks at it.
export default defineConfig({
  test: {
    environment: "node",
    include: ["bench/**/*.test.ts"],
    globalSetup: ["tests/stack.ts"],
    testTimeout: 900_000,
    hookTimeout: 60_000,
  },
});
