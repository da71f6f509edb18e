/** Boards that are away, take nothing, are silent, or of which messages are missing. */
import { type Condition, DAY_MS, MINUTE_MS } from "./condition.ts";
import type { Facts } from "./facts.ts";

/** A board that restarts, or changes from cable to network, is back within seconds. */
const AWAY_GRACE_MS = MINUTE_MS;
/** Longer than its session lives (255 s): what it holds waits, and it has not come back by itself. */
const AWAY_CRITICAL_MS = 10 * MINUTE_MS;
/** A flash that is being written, and a long task. */
const STALLED_GRACE_MS = 10_000;
const SERIAL = "serial ";

export function boardProblems(facts: Facts): Condition[] {
  return [...away(facts), ...stalled(facts), ...silent(facts), ...missing(facts)];
}

/**
 * Not one that said it goes, nor one behind another gateway, which that one tells of; nor one whose port another program has
 * from us.
 */
function away({ devices, ports }: Facts): Condition[] {
  return devices.flatMap(({ id, gateway, connected, hasLeft, since, via }): Condition[] => {
    if (connected || hasLeft || gateway !== "") return [];
    const port = ports.find(({ path }) => via === SERIAL + path);
    if (port?.state === "lent") return [];
    const isCut = port !== undefined && port.waitingFor !== "";
    return [
      {
        ...{ code: "BOARD_AWAY", level: "warning", subject: { kind: "board", name: id } },
        what: isCut ? `is away: its port is: ${port.waitingFor}` : whereabouts(via),
        ...(since > 0 && { since }),
        ...{ graceMs: AWAY_GRACE_MS, criticalAfterMs: AWAY_CRITICAL_MS },
        mend: isCut && port.mend !== "" ? port.mend : mendOf(id, via),
      },
    ];
  });
}

const whereabouts = (via: string) => (via === "" ? "is away" : `is away; it was connected via ${via}`);

function mendOf(id: string, via: string): string {
  const where = via.startsWith(SERIAL) ? `its cable (${via.slice(SERIAL.length)})` : "its network";
  const forget = `bowline devices forget ${id}`;
  return `look at its supply and ${via === "" ? "its connection" : where}; if it is not to come back: ${forget}`;
}

function stalled({ devices, links }: Facts): Condition[] {
  return links
    .filter((link) => link.stalled)
    .map(({ name }): Condition => {
      const board = devices.find(({ via, connected }) => connected && via === name);
      return {
        ...{ code: "BOARD_STALLED", level: "warning", graceMs: STALLED_GRACE_MS },
        subject: board === undefined ? { kind: "link", name } : { kind: "board", name: board.id },
        what: "takes nothing that is written to it",
        mend: "look for a loop in the board's program that never ends; else restart the board",
      };
    });
}

function silent({ devices, silent: boards }: Facts): Condition[] {
  return boards
    .filter(({ device }) => devices.some(({ id, connected }) => id === device && connected))
    .map(
      ({ device, type, everyMs, lastAt }): Condition => ({
        ...{
          code: "BOARD_SILENT",
          level: "warning",
          subject: { kind: "board", name: device },
          since: lastAt,
        },
        what: `is connected, but ${type}, which came every ${seconds(everyMs)}, comes no more`,
        mend: `bowline send ${device} l:info`,
      }),
    );
}

/** What a system beyond does not take is in the store, and that system's problem. */
function missing({ losses, now }: Facts): Condition[] {
  const boards = new Map<string, { count: number; since: number }>();
  for (const { at, subject, fields } of losses) {
    if (subject.kind !== "board" || at < now - DAY_MS || fields?.upstream !== undefined) continue;
    const { count, since } = boards.get(subject.name) ?? { count: 0, since: at };
    const { missing: more = 1 } = fields ?? {};
    boards.set(subject.name, { count: count + (typeof more === "number" ? more : 1), since });
  }
  return [...boards].map(
    ([name, { count, since }]): Condition => ({
      ...{ code: "MESSAGES_MISSING", level: "critical", subject: { kind: "board", name }, since },
      what: `${count === 1 ? "1 message" : `${count} messages`} of it may be lost, in the last 24 h`,
      mend: `bowline timeline board:${name}`,
    }),
  );
}

function seconds(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / MINUTE_MS)} min`;
}
