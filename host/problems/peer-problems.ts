/** Other gateways that are away, queues that fill or stand, and what will not arrive. */
import { type Condition, HOUR_MS, MINUTE_MS } from "./condition.ts";
import type { Facts } from "./facts.ts";

/** A line that is cut is dialled again within that. */
const AWAY_GRACE_MS = MINUTE_MS;
const AWAY_CRITICAL_MS = 10 * MINUTE_MS;
/** A rate of one look says little. */
const FILLING_GRACE_MS = MINUTE_MS;

export function peerProblems(facts: Facts): Condition[] {
  return [...away(facts), ...queues(facts), ...letters(facts)];
}

function away({ peers }: Facts): Condition[] {
  return peers
    .filter(({ state }) => state !== "open")
    .map(({ name, fault, waiting }): Condition => {
      const why = fault === "" ? "" : `: ${fault}`;
      const waits = waiting.packets === 0 ? "" : `, and ${waiting.packets} packets wait for it`;
      return {
        ...{ code: "GATEWAY_AWAY", level: "warning", subject: { kind: "gateway", name } },
        what: `is not connected${waits}${why}`,
        ...{ graceMs: AWAY_GRACE_MS, criticalAfterMs: AWAY_CRITICAL_MS },
        mend: "bowline peers (address, host id and key of both ends); then look at the network between them",
      };
    });
}

function queues({ queue }: Facts): Condition[] {
  return queue.peers.flatMap(({ kind, name, fullInS, oldestMs, packets }): Condition[] => {
    const subject = { kind, name };
    const mend = `bowline queue ${name}; what is not wanted any more: bowline queue purge ${name}`;
    const found: Condition[] = [];
    if (fullInS !== null && fullInS * 1000 < HOUR_MS && packets > 0)
      found.push({
        ...{ code: "QUEUE_FILLING", level: "warning", subject, mend, graceMs: FILLING_GRACE_MS },
        what: "its queue is full within an hour if it goes on so",
      });
    if (oldestMs !== null && oldestMs > HOUR_MS && packets > 0)
      found.push({
        ...{ code: "QUEUE_OLD", level: "warning", subject, mend },
        what: "something has been waiting for it for more than an hour",
      });
    return found;
  });
}

function letters({ letters: of }: Facts): Condition[] {
  return [...of].map(
    ([name, { count, since }]): Condition => ({
      ...{ code: "LETTERS", level: "warning", subject: { kind: "gateway", name }, since },
      what: `${count === 1 ? "1 frame" : `${count} frames`} for it will not arrive`,
      mend: `bowline queue dead ${name}; once looked at: bowline queue dead ${name} --clear`,
    }),
  );
}
