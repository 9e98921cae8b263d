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
    // The machine may be busy with other work: these bound what would otherwise go on for ever.
    testTimeout: 360_000,
    bail: 4, // what all tests need may be broken: each would wait as long as it may
    hookTimeout: 180_000,
    teardownTimeout: 60_000, // the whole service ends after the tests
    expect: { poll: { timeout: 90_000 } },
  },
});
