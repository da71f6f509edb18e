/** Commands and refusals: each is counted and in the log, and one line of it in the channel of the audit. */
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { ReplyLimit } from "./reply-limit.ts";

export interface Audited {
  network: string;
  nick: string;
  /** null: said in private. */
  channel: string | null;
  /** Name of the operator; null: nobody who may. */
  who: string | null;
  /** "": none is named. */
  device: string;
  ot: string;
  /** "accepted", "refused: …", "delivered", "expired", … */
  what: string;
}

/** Characters of each name in the log: as long as an address may be (IRC-IoT §12). Strangers give some of them. */
const MOST_SHOWN = 128;
/** Characters of a line in the channel. */
const MOST_TOLD = 300;

export class Audit {
  readonly counts = { commands: 0, refusals: 0 };
  /** Whoever is refused again and again is not to fill the channel. */
  private readonly limit = new ReplyLimit();

  constructor(
    private readonly log: Log,
    private readonly clock: Clock,
    /** Says it in the channel that is told; null: there is none. */
    private readonly tell: ((line: string) => void) | null,
  ) {}

  /** The channel is told of the end, once: what is said there costs the answer its time. */
  accepted(one: Omit<Audited, "what">): void {
    this.counts.commands++;
    this.write({ ...one, what: "accepted" });
  }

  refused(one: Omit<Audited, "what">, reason: string): void {
    this.counts.refusals++;
    const tell = this.write({ ...one, what: `refused: ${reason}` }, false);
    // Behind what is answered.
    if (this.limit.take(one.network, this.clock.now())) setImmediate(tell);
  }

  /** What became of one that was accepted -> tells the channel, once who asked is answered. */
  ended(one: Omit<Audited, "what">, outcome: string): () => void {
    return this.write({ ...one, what: outcome });
  }

  private write(one: Audited, isAllowed = true): () => void {
    const { network, nick, channel, who, what } = one;
    const [device, ot] = [shown(one.device), shown(one.ot)];
    // What somebody names who may not ask is no board that anything happened to: it is news of the network.
    const whom = isAllowed ? { device } : { asked: device };
    this.log.info({ component: "irc", network, nick, channel, who, ...whom, ot }, `IRC command ${what}`);
    const place = channel ?? "in private";
    const command = device === "" ? ot : `${ot} to ${device}`;
    const line = plain(`audit: ${who ?? "nobody known"} (${nick}, ${place}): ${command}: ${what}`);
    return () => this.tell?.(line);
  }
}

const shown = (name: string) => (name.length <= MOST_SHOWN ? name : `${name.slice(0, MOST_SHOWN - 1)}…`);

/** What strangers wrote does not colour our lines. */
const plain = (line: string) => line.replace(/[\p{Cc}\p{Cf}]/gu, "").slice(0, MOST_TOLD);
