import { defineConfig } from "vitest/config";
import { PATIENCE_MS } from "./host/platform/testing/patience.ts";

const tests = (rooms: readonly string[]) => rooms.map((room) => `${room}/**/*.test.ts`);

// Rooms of functions and objects that keep nothing between two tests: their files share one load of what they import.
const sharing = tests([
  "shared",
  "host/platform",
  "host/iotgw",
  "host/irc-iot",
  "host/monique",
  "host/irc-bridge",
  "host/config",
  "host/store",
  "host/session",
  "host/admission",
  "host/queue",
  "host/peers",
  "host/router",
  "host/gateways",
  "host/doctor",
  "host/hub",
  "host/cables",
  "host/chaos",
  "host/transports",
  "host/simulator",
  "host/zmtp",
  "host/twins",
  "host/frames",
  "host/timeline",
  "host/problems",
  "host/history",
  "host/metrics",
  "host/http",
  "host/cli/chaos",
  "host/cli/irc",
  "host/cli/queue",
  "host/cli/tasks",
  "host/cli/verify",
]);

/** Each file has Chromium, in a process of its own. */
const browser = ["host/http/browser/**/*.test.ts"];

export default defineConfig({
  test: {
    // Guards against hanging: what a test waits for has a shorter one, and says what did not come (PATIENCE_MS).
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: PATIENCE_MS } },
    pool: "forks",
    maxWorkers: 3,
    reporters: ["default", "./scripts/vitest-reporter.mjs"],
    projects: [
      {
        extends: true,
        test: {
          name: "",
          include: tests(["shared", "device", "host", "component", "scripts", "bench", "proof"]),
          exclude: sharing,
        },
      },
      { extends: true, test: { name: "browser", include: browser } },
      { extends: true, test: { name: "sharing", include: sharing, exclude: browser, isolate: false } },
    ],
  },
});
