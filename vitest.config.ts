import { defineConfig } from "vitest/config";
import { PATIENCE_MS } from "./host/platform/testing/patience.ts";

export default defineConfig({
  test: {
    include: ["shared", "device", "host", "scripts", "bench", "proof"].map((room) => `${room}/**/*.test.ts`),
    // Guards against hanging: what a test waits for has a shorter one, and says what did not come (PATIENCE_MS).
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: PATIENCE_MS } },
    pool: "forks",
    maxWorkers: 2,
    reporters: ["default", "./scripts/vitest-reporter.mjs"],
  },
});
