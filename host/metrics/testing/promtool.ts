/** Prometheus' own tool, where it is installed: the parser that everybody's scrape goes through. */
import { spawnSync } from "node:child_process";

const COMMAND = "promtool";

export const isPromtoolAvailable = spawnSync(COMMAND, ["--version"]).status === 0;
/** For the name of what is skipped without it. */
export const promtoolNeeded = "needs promtool: sudo apt-get install --no-install-recommends prometheus";

/** Runs it to its end -> its exit code and all that it said. */
export function promtool(
  args: readonly string[],
  input = "",
  cwd = "/",
): { code: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(COMMAND, args, { input, cwd, encoding: "utf8" });
  return { code: status, said: `${stdout}${stderr}` };
}
