/** Messages as the lines that tell them on a route: several to a line, in fragments, or in words. */
import { IrcIotError } from "../irc-iot/fault-code.ts";
import type { Unsent } from "../irc-iot/pack.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { DeliveredMessage } from "../store/store.ts";
import type { Addresses } from "./addresses.ts";
import { datumOfMessage } from "./datum-content.ts";
import type { PackTarget, ParticipantPort } from "./ports.ts";
import type { Planned } from "./route-plan.ts";
import type { RouteSettings } from "./route-settings.ts";

export interface Line {
  /** It is one of several of its message, so that the others have to follow. */
  isFragment: boolean;
  maxBytes: number;
  /** The messages that are in it, and where the cursor is when it was said. */
  messages: DeliveredMessage[];
  next: number;
  /** Made once, when its turn has come. */
  text(): string;
}

export interface LineServices {
  participant: ParticipantPort;
  clock: Clock;
  log: Log;
  addresses: Addresses;
  /** What the reference will make of a message, each kind of it told once. */
  warned: Set<string>;
  /** A message in words, at most so long. */
  say(message: DeliveredMessage, maxBytes: number): string;
}

/** None: of the messages that were planned none can be told; why is noted there. */
export function linesOf(
  planned: Planned,
  route: RouteSettings,
  maxBytes: number,
  services: LineServices,
): Line[] {
  return route.detail === "words"
    ? inWords(planned, maxBytes, services)
    : asDatums(planned, route, maxBytes, services);
}

function inWords({ messages, end }: Planned, maxBytes: number, { say }: LineServices): Line[] {
  return messages.map((message, i) => ({
    ...{ isFragment: false, maxBytes, messages: [message], next: messages[i + 1]?.n ?? end },
    text: () => say(message, maxBytes),
  }));
}

function asDatums(planned: Planned, route: RouteSettings, maxBytes: number, services: LineServices): Line[] {
  const { participant, clock } = services;
  const { target } = route;
  const packed = pack(planned, route, maxBytes, services);
  warn(packed, target, services);
  const { messages, end } = planned;
  const last = lastLines(packed, messages.length);
  return packed.map((unsent, i) => {
    const open = last.findIndex((line) => line > i);
    const { did, indexes } = unsent;
    return {
      isFragment: did !== null,
      maxBytes: unsent.maxBytes,
      // A line between carries a part of the message that is not told as a whole yet.
      messages: indexes.length > 0 ? indexes.map((index) => messages[index]) : [messages[open]],
      next: open < 0 ? end : messages[open].n,
      text: () => participant.stamp(unsent, target, clock.now()),
    };
  });
}

/** One that cannot be written as a Datum is left out, and told. */
function pack(planned: Planned, route: RouteSettings, maxBytes: number, services: LineServices): Unsent[] {
  const { participant, addresses, log } = services;
  const { target: name, profile, scheme, detail, fields } = route;
  const target: PackTarget = { name, profile, ...(scheme !== undefined && { scheme }) };
  for (;;) {
    const datums = planned.messages.map((message) =>
      datumOfMessage(message, {
        ...{ src: addresses.ofBoard(message.device), fields },
        detail: detail === "brief" ? "brief" : "full",
      }),
    );
    try {
      return datums.length === 0 ? [] : participant.pack(datums, target, maxBytes);
    } catch (error) {
      if (!(error instanceof IrcIotError)) throw error;
      const at = datums.findIndex((datum) => !canPack([datum], target, maxBytes, participant));
      const [{ n, device }] = planned.messages.splice(Math.max(0, at), 1);
      planned.skips.push({ n, count: 1, reason: "unwritable" });
      log.warn({ device, n, route: name, reason: error.message }, "a message cannot be told on IRC");
    }
  }
}

function warn(packed: readonly Unsent[], route: string, { log, warned }: LineServices): void {
  for (const { warning, ot } of packed) {
    if (warning === undefined || warned.has(warning)) continue;
    warned.add(warning);
    log.warn({ component: "irc", route, ot }, `profile pyirciot: ${warning}`);
  }
}

function canPack(
  datums: Parameters<ParticipantPort["pack"]>[0],
  target: PackTarget,
  maxBytes: number,
  participant: ParticipantPort,
): boolean {
  try {
    participant.pack(datums, target, maxBytes);
    return true;
  } catch (error) {
    if (error instanceof IrcIotError) return false;
    throw error;
  }
}

/** For each message the number of the line with which it is told as a whole. */
function lastLines(packed: readonly Unsent[], count: number): number[] {
  const last = new Array<number>(count).fill(-1);
  for (const [i, { indexes }] of packed.entries()) for (const index of indexes) last[index] = i;
  return last;
}
