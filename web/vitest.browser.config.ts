import { defineConfig } from "vitest/config";

// The whole service runs beside these tests (tests/stack.ts), and a real browser looks at it.
export default defineConfig({
  test: {
    environment: "node",
    include: ["tests/**/*.test.ts"],
    globalSetup: ["tests/stack.ts"],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } }, // the machine may be busy with other work
  },
});
