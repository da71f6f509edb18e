/** All that is not as it should be, from all that can be seen. */
import { authProblems } from "./auth-problems.ts";
import { boardProblems } from "./board-problems.ts";
import type { Condition } from "./condition.ts";
import type { Facts } from "./facts.ts";
import { ircProblems } from "./irc-problems.ts";
import { peerProblems } from "./peer-problems.ts";
import { portProblems } from "./port-problems.ts";
import { storeProblems } from "./store-problems.ts";
import { upstreamProblems } from "./upstream-problems.ts";
import { workProblems } from "./work-problems.ts";

/** Each thing that is wrong once: of instances of one component, say, the first is told of. */
export function findProblems(facts: Facts): Condition[] {
  const all = [
    ...storeProblems(facts),
    ...boardProblems(facts),
    ...portProblems(facts),
    ...peerProblems(facts),
    ...ircProblems(facts),
    ...upstreamProblems(facts),
    ...workProblems(facts),
    ...authProblems(facts),
  ];
  const seen = new Set<string>();
  return all.filter(({ code, subject }) => {
    const key = `${code} ${subject.kind} ${subject.name}`;
    return !seen.has(key) && seen.add(key);
  });
}
