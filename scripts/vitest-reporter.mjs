// Counts the tests of a vitest run. scripts/test.mjs adds the static checks and prints the closing line; a run
// started by hand, without the file to report to, gets its closing line from here.
import { writeFileSync } from "node:fs";
import { countsFileVariable, formatCounts } from "./counts.mjs";

export default class CountingReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        // A test without a result never ran to its end (a bail, a crashed worker): that is not a pass.
        counts[state === "pending" ? "failed" : state]++;
      }
      // What fails outside a test (an import, a hook) leaves its tests skipped, and must not look like mere skips.
      for (const owner of [module, ...module.children.allSuites()]) counts.failed += owner.errors().length;
    }
    counts.failed += unhandledErrors.length;
    const file = process.env[countsFileVariable];
    if (file) writeFileSync(file, JSON.stringify(counts));
    else console.log(formatCounts(counts));
  }
}
