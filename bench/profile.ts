/** CPU profiles as text: of each process, which functions took its time. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** As Node writes it: nodes of a call tree, and of each sample its node and the µs since the one before. */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string } }[];
  samples: number[];
  timeDeltas: number[];
}

const MOST = 15;
/** A share below it is not told. */
const LEAST = 0.01;
/** The process waited; or the profiler itself was at work, to begin. */
const IDLE = ["(idle)", "dispatch"];

/** Of all profiles in the folder. */
export function formatProfiles(folder: string): string {
  const names = readdirSync(folder).filter((name) => name.endsWith(".cpuprofile"));
  const parts = names.sort().map((name) => {
    const profile = JSON.parse(readFileSync(join(folder, name), "utf8")) as CpuProfile;
    return [name.replace(/\.\d+\.cpuprofile$/, ""), ...formatProfile(profile)].join("\n");
  });
  return parts.join("\n\n");
}

/** The functions by the time they took themselves, the most first, each as its share of the time that was not idle. */
export function formatProfile({ nodes, samples, timeDeltas }: CpuProfile): string[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const took = new Map<string, number>();
  for (const [i, id] of samples.entries()) {
    const name = names.get(id)!;
    took.set(name, (took.get(name) ?? 0) + timeDeltas[i]);
  }
  let idle = 0;
  for (const name of IDLE) {
    idle += took.get(name) ?? 0;
    took.delete(name);
  }
  const busy = [...took.values()].reduce((sum, us) => sum + us, 0);
  const most = [...took].sort((a, b) => b[1] - a[1]).slice(0, MOST);
  const lines = most
    .filter(([, us]) => us >= LEAST * busy)
    .map(([name, us]) => `  ${((100 * us) / busy).toFixed(1).padStart(5)} %  ${name}`);
  return [`  busy ${Math.round(busy / 1000)} ms, idle ${Math.round(idle / 1000)} ms`, ...lines];
}

/** With its module where it is Node's own, for there are many of one name. */
function nameOf({ functionName, url }: { functionName: string; url: string }): string {
  const name = functionName === "" ? "(anonymous)" : functionName;
  return url.startsWith("node:") ? `${name} ${url}` : name;
}
