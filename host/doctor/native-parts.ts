/** Whether the packages with a native part load; what works without each (users 41). */
import { dependencies } from "../../package.json";
import { type Finding, findings } from "./finding.ts";
import type { Machine, NativePackage } from "./machine.ts";

interface Part {
  /** What has the native part. */
  binding: string;
  without: string;
  /** Is it asked for by what is configured? */
  isNeeded(machine: Machine): boolean;
}

const parts: Readonly<Record<NativePackage, Part>> = {
  serialport: {
    binding: "@serialport/bindings-cpp",
    without: "boards on cables need it, boards on the network do not",
    // The next board may come on a cable, and a flasher has nothing else.
    isNeeded: () => true,
  },
  "classic-level": {
    binding: "classic-level",
    without: "without it only `data: memory` works, which outlives no restart",
    isNeeded: ({ config }) => config.data !== "memory",
  },
};

export function checkNativeParts(machine: Machine): Promise<Finding[]> {
  return Promise.all((Object.keys(parts) as NativePackage[]).map((name) => checkPart(machine, name)));
}

async function checkPart(machine: Machine, name: NativePackage): Promise<Finding> {
  const { ok, warn, fail } = findings(name);
  const { without, isNeeded } = parts[name];
  try {
    await machine.load(name);
    return ok(`${name} (native)`);
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    return (isNeeded(machine) ? fail : warn)(
      `${name} does not load: ${why}; ${without}`,
      ...mendOf(machine, name),
    );
  }
}

/**
 * What is not there is installed; what is there, and not for this machine or this Node, is compiled. Not by `npm rebuild`,
 * which does nothing where npm is told to run no scripts of packages, as it is in a clone.
 */
function mendOf(machine: Machine, name: NativePackage): string[] {
  const folder = machine.packageFolder(parts[name].binding);
  if (folder === "") return [`npm install ${name}@${dependencies[name]}`];
  return ["sudo apt-get install -y build-essential python3", `npx --yes node-gyp rebuild -C ${folder}`];
}
