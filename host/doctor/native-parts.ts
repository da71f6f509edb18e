/** Whether the packages with a native part load; what works without each (users 41). */
import { serialUnavailable } from "../transports/serial-errors.ts";
import { type Finding, findings } from "./finding.ts";
import type { Machine, NativePackage } from "./machine.ts";

const WITHOUT_STORE = "without it only `data: memory` works, which outlives no restart";

export async function checkNativeParts(machine: Machine): Promise<Finding[]> {
  return [
    await checkPart(machine, "serialport", (error) => {
      const { message, mend } = serialUnavailable(error);
      return { seen: message, mend, isNeeded: true };
    }),
    await checkPart(machine, "classic-level", (error) => ({
      seen: `load classic-level: ${firstLine(error)}; ${WITHOUT_STORE}`,
      mend: "npm rebuild classic-level",
      isNeeded: machine.config.data !== "memory",
    })),
  ];
}

interface Fault {
  seen: string;
  mend: string;
  /** Is it asked for by what is configured? */
  isNeeded: boolean;
}

async function checkPart(
  machine: Machine,
  name: NativePackage,
  faultOf: (error: unknown) => Fault,
): Promise<Finding> {
  const part = findings(name);
  try {
    await machine.load(name);
    return part.ok(`${name} (native)`);
  } catch (error) {
    const { seen, mend, isNeeded } = faultOf(error);
    return isNeeded ? part.fail(seen, mend) : part.warn(seen, mend);
  }
}

const firstLine = (error: unknown) => (error instanceof Error ? error.message.split("\n")[0] : String(error));
