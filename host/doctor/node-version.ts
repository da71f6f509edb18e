/** Whether this Node is one that Bowline is tested on. */
import { type Finding, findings } from "./finding.ts";
import type { Machine } from "./machine.ts";

/** package.json's `engines`. */
export const LEAST_NODE = [20, 19] as const;

const node = findings("node");

export async function checkNode({ nodeVersion }: Pick<Machine, "nodeVersion">): Promise<Finding[]> {
  const [major = 0, minor = 0] = nodeVersion.split(".").map(Number);
  const [leastMajor, leastMinor] = LEAST_NODE;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor))
    return [node.ok(`node ${nodeVersion}`)];
  const seen = `node ${nodeVersion} is too old: ${leastMajor}.${leastMinor} or later is needed`;
  return [node.fail(seen, "sudo npx --yes n 22")];
}
