/** The order of the suite: a file that takes minutes begins at once, for the last to begin has a worker to itself. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Those of a minute and more where nothing else runs, the longest first; all others are in vitest's own order. */
const longest = [
  "proof/prove.test.ts",
  "proof/fuzz.test.ts",
  "proof/schedules.test.ts",
  "bench/bench.test.ts",
  "scripts/docs/readme.test.ts",
  "host/cli/flash.test.ts",
  "proof/queue.test.ts",
].map((file) => resolve(import.meta.dirname, "..", file));

for (const file of longest)
  if (!existsSync(file)) throw new Error(`scripts/longest-first.ts names ${file}: no such file`);

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = longest.indexOf(moduleId);
      return at < 0 ? longest.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
