/** A store that takes nothing, fills up or gives up too early, and a disk that runs full. */
import { type Condition, DAY_MS, HOUR_MS } from "./condition.ts";
import type { Facts } from "./facts.ts";

/** Less than this is no retention that anybody meant. */
const SHORT_MS = DAY_MS;
/** Of its bounds: what makes room is given up in whole commits. */
const FULL = 7 / 8;

const store = { kind: "store", name: "" } as const;

export function storeProblems(facts: Facts): Condition[] {
  return [...faults(facts), ...fill(facts)];
}

function faults({ store: { fault, low }, history }: Facts): Condition[] {
  const found: Condition[] = [];
  if (fault !== null)
    found.push({
      ...{ code: "STORE_FAULT", level: "critical", subject: store },
      what: `takes nothing: ${fault.message}`,
      mend: fault.mend || "bowline doctor",
    });
  if (low !== null)
    found.push({
      ...{ code: "DISK_LOW", level: "warning", subject: store },
      what: `keeps nothing new for other gateways: ${low.message}`,
      mend: low.mend || "make room on its disk, or lower store.keepFreeBytes",
    });
  if (history !== null)
    found.push({
      ...{ code: "HISTORY_FAULT", level: "warning", subject: { kind: "bowline", name: "history" } },
      what: `keeps no values: ${history.message}`,
      mend: history.mend || "bowline doctor",
    });
  return found;
}

/** Where the oldest make room, being full is as it was configured, unless what is kept is hardly worth keeping. */
function fill({ queue, store: { whenFull, maxMessages }, now }: Facts): Condition[] {
  const { isHeld, fullInS, dropped, oldestAt, messages, bytes, maxBytes } = queue.store;
  const bigger = "store.maxBytes, store.maxMessages: what the disk has room for; store.whenFull: dropOldest";
  if (isHeld)
    return [
      {
        ...{ code: "STORE_FULL", level: "critical", subject: store, mend: bigger },
        what: "is full: boards keep their messages, and wait",
      },
    ];
  if (whenFull === "refuse")
    return fullInS !== null && fullInS * 1000 < HOUR_MS
      ? [
          {
            ...{ code: "STORE_FILLING", level: "warning", subject: store, mend: bigger },
            what: "is full within an hour if it goes on so; boards then wait",
          },
        ]
      : [];
  // What was given up for its age left room.
  const isFull = bytes >= FULL * maxBytes || messages >= FULL * maxMessages;
  if (!isFull || dropped === 0 || messages === 0 || now - oldestAt >= SHORT_MS) return [];
  return [
    {
      ...{ code: "STORE_DROPPING", level: "warning", subject: store },
      what: "gives up messages that are less than a day old, to make room",
      mend: "store.maxBytes, store.maxMessages: what the disk has room for",
    },
  ];
}
