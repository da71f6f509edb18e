/** Systems that messages are handed on to, and that take none, or not all, or were not handed all. */
import { type Condition, HOUR_MS, MINUTE_MS } from "./condition.ts";
import type { Facts } from "./facts.ts";

/** A broker that is restarted is back by then. */
const AWAY_GRACE_MS = MINUTE_MS;

export function upstreamProblems({ upstreams }: Facts): Condition[] {
  return upstreams.flatMap(({ name, state, fault, mend, behind, refused, missed }): Condition[] => {
    const subject = { kind: "upstream", name } as const;
    const found: Condition[] = [];
    if (state === "away")
      found.push({
        ...{ code: "UPSTREAM_AWAY", level: "warning", subject },
        what: `takes no messages${behind === 0 ? "" : `, and ${behind} wait for it`}: ${fault}`,
        ...{ graceMs: AWAY_GRACE_MS, criticalAfterMs: HOUR_MS },
        mend,
      });
    else if (fault !== "")
      found.push({
        ...{ code: "UPSTREAM_FAULT", level: "warning", subject },
        ...{ what: fault, graceMs: AWAY_GRACE_MS, mend },
      });
    if (missed > 0)
      found.push({
        ...{ code: "UPSTREAM_MISSED", level: "warning", subject },
        what: `was not handed ${missed} messages, which the store had given up before`,
        mend: "store.maxBytes, store.maxMessages: more room for what waits; or store.whenFull: refuse",
      });
    if (refused > 0)
      found.push({
        ...{ code: "UPSTREAM_REFUSED", level: "warning", subject },
        what: `will never take ${refused} messages`,
        mend: `bowline timeline, for which and why; then what ${name} may take`,
      });
    return found;
  });
}
