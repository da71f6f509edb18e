/** Who shows a wrong key or token again and again: a program with an old one, or somebody who tries. */
import { LATELY_MS, type Surface, surfaces } from "./auth-failures.ts";
import { type Condition, MINUTE_MS } from "./condition.ts";
import type { Facts } from "./facts.ts";

/** One that is put right leaves a few. */
const MANY = 20;

/** Who it is about, and what is to be looked at. */
const words: Readonly<Record<Surface, { who: string; mend: string }>> = {
  board: {
    who: "boards that have no key, or a wrong one",
    mend: "bowline timeline --since 336h (hello refused, said once of each address); one of yours: bowline pair, or bowline key add ID",
  },
  gateway: {
    who: "other gateways that have no key, or a wrong one",
    mend: "bowline timeline --since 336h (introduction refused); one of yours: bowline key add ID --peer, on both sides",
  },
  http: {
    who: "requests without a token, or with one that may not",
    mend: "a page, script or scrape that has an old token is given that of data/tokens.json; if there is none: http.host: 127.0.0.1",
  },
  irc: {
    who: "words on IRC of somebody who may not say them",
    mend: "bowline timeline --since 1h (who, nick, channel); whom you trust: irc.operators",
  },
  kill: {
    who: "orders to stop a task by somebody who may not",
    mend: "bowline tasks kills (by: who, and why it was refused)",
  },
};

export function authProblems({ authFailures, keys }: Facts): Condition[] {
  return [...unreadable(keys), ...refused(authFailures)];
}

/** Who had a key cannot prove it, and who has none is not let in for want of it. */
function unreadable(keys: Facts["keys"]): Condition[] {
  if (keys === null) return [];
  return [
    {
      ...{ code: "KEYS_FAULT", level: "critical", subject: { kind: "bowline", name: "keys" } },
      what: `lets nobody in that needs a key: ${keys.message}`,
      mend: keys.mend,
    },
  ];
}

function refused(authFailures: Facts["authFailures"]): Condition[] {
  return surfaces
    .filter((surface) => authFailures[surface] >= MANY)
    .map((surface): Condition => {
      const { who, mend } = words[surface];
      return {
        ...{ code: "AUTH_FAILURES", level: "warning", subject: { kind: "bowline", name: surface }, mend },
        what: `refused ${authFailures[surface]} times within ${LATELY_MS / MINUTE_MS} min: ${who}`,
      };
    });
}
