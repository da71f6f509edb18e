import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["shared", "device", "host", "scripts", "bench", "proof"].map((room) => `${room}/**/*.test.ts`),
    testTimeout: 20_000,
    pool: "forks",
    maxWorkers: 2,
    reporters: ["default", "./scripts/vitest-reporter.mjs"],
  },
});
