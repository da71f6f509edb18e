import { defineConfig } from "vitest/config";
import { PATIENCE_MS } from "./host/platform/testing/patience.ts";
import { measured } from "./scripts/coverage.mjs";
import { LongestFirst } from "./scripts/longest-first.ts";

/** What they try runs in processes of its own, or is a whole gateway or board: each file has a process to itself. */
const alone = [
  ...[
    "component",
    "client/python",
    "scripts",
    "packaging",
    "bench",
    "proof",
    "host/flash",
    "host/cli/flash",
    "host/cli/sniff",
    "host/cli/up",
  ].map((folder) => `${folder}/**/*.test.ts`),
  "host/*.test.ts",
  "host/cli/{chaos,disk-faults,flash,sim,sniff,up}.test.ts",
  "host/cli/process/process-terminal.test.ts",
];
/** Each has Chromium, in a process of its own. */
const browser = ["host/http/browser/**/*.test.ts"];
/** Nothing of theirs outlives a test, so they share one load of what they import, for most of them the longest part. */
const sharing = ["client/**/*.test.ts", "shared/**/*.test.ts", "device/**/*.test.ts", "host/**/*.test.ts"];

export default defineConfig({
  test: {
    // Guards against hanging: what a test waits for has a shorter one, and says what did not come (PATIENCE_MS).
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: PATIENCE_MS } },
    pool: "forks",
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    coverage: { provider: "v8", ...measured, reporter: ["json"], reportOnFailure: true },
    reporters: ["default", "./scripts/vitest-reporter.mjs"],
    projects: [
      { extends: true, test: { name: "", include: alone } },
      { extends: true, test: { name: "browser", include: browser } },
      {
        extends: true,
        test: { name: "sharing", include: sharing, exclude: [...browser, ...alone], isolate: false },
      },
    ],
  },
});
