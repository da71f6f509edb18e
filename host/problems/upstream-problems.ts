/** Systems that messages are handed on to, and that take none, or not all, or were not handed all. */
import { type Condition, HOUR_MS, MINUTE_MS } from "./condition.ts";
import type { Facts } from "./facts.ts";

/** A broker that is restarted is back by then. */
const AWAY_GRACE_MS = MINUTE_MS;
const MOST_NAMED = 5;

export function upstreamProblems({ upstreams }: Facts): Condition[] {
  return upstreams.flatMap(({ name, state, fault, mend, behind, refused, missed, aside }): Condition[] => {
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
    if (state !== "away" && aside.length > 0)
      found.push({
        ...{ code: "UPSTREAM_HELD", level: "warning", subject },
        what: `does not take what ${boardsOf(aside)} say, and takes all else: ${aside[0].fault || "about to be tried"}`,
        ...{ since: aside[0].since, graceMs: AWAY_GRACE_MS, criticalAfterMs: HOUR_MS },
        mend: aside[0].mend || "bowline northbound, for what it answers; then what it has against that board",
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

/** The longest held first. */
function boardsOf(aside: readonly { device: string }[]): string {
  const named = aside.slice(0, MOST_NAMED).map(({ device }) => device);
  const more = aside.length - named.length;
  return more === 0 ? named.join(", ") : `${named.join(", ")} and ${more} more`;
}
