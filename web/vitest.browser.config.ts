import { defineConfig } from "vitest/config";

// The whole service runs beside these tests (tests/stack.ts), and a real browser looks at it. Each test has a part and a page of
// its own, so that two files go side by side on one service.
export default defineConfig({
  test: {
    environment: "node",
    include: ["tests/**/*.test.ts"],
    globalSetup: ["tests/stack.ts"],
    maxWorkers: 2,
    isolate: false, // files hold no state that another could see: what they import is loaded once a worker
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } }, // the machine may be busy with other work
  },
});
