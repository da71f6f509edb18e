/** Serial ports that cannot be opened, and those from which nothing is heard. */
import type { Condition } from "./condition.ts";
import type { Facts } from "./facts.ts";

/** A port that is renumbered is open again within 2 s. */
const FAULT_GRACE_MS = 10_000;

/** A board that is away tells of its port itself, so that one cable that was pulled is one problem. */
export function portProblems({ ports, devices }: Facts): Condition[] {
  return ports.flatMap(({ path, state, waitingFor, mend }): Condition[] => {
    const subject = { kind: "port", name: path } as const;
    const isTold = devices.some(
      ({ via, connected, hasLeft }) => !connected && !hasLeft && via === `serial ${path}`,
    );
    if (state === "waiting" && waitingFor !== "" && !isTold) {
      const how = mend === "" ? "bowline ports; bowline doctor" : mend;
      const level = { code: "PORT_FAULT", level: "critical", graceMs: FAULT_GRACE_MS } as const;
      return [{ ...level, subject, what: waitingFor, mend: how }];
    }
    if (state !== "silent") return [];
    return [
      {
        ...{ code: "PORT_SILENT", level: "warning", subject },
        what: "is open, but no board is heard on it",
        mend: `bowline flash --port ${path} (puts the firmware on the board); else look at its cable and supply`,
      },
    ];
  });
}
