/** A line for each command and each refusal: in the log, in the channel of the audit, and counted. */
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

  accepted(one: Omit<Audited, "what">): void {
    this.counts.commands++;
    this.write({ ...one, what: "accepted" });
  }

  refused(one: Omit<Audited, "what">, reason: string): void {
    this.counts.refusals++;
    const isTold = this.limit.take(one.network, this.clock.now());
    this.write({ ...one, what: `refused: ${reason}` }, isTold);
  }

  /** What became of one that was accepted. */
  ended(one: Omit<Audited, "what">, outcome: string): void {
    this.write({ ...one, what: outcome });
  }

  private write({ network, nick, channel, who, device, ot, what }: Audited, isTold = true): void {
    this.log.info({ component: "irc", network, nick, channel, who, device, ot }, `IRC command ${what}`);
    if (!isTold) return;
    const place = channel ?? "in private";
    const command = device === "" ? ot : `${ot} to ${device}`;
    this.tell?.(plain(`audit: ${who ?? "nobody known"} (${nick}, ${place}): ${command}: ${what}`));
  }
}

/** What strangers wrote does not colour our lines. */
const plain = (line: string) => line.replace(/[\p{Cc}\p{Cf}]/gu, "").slice(0, 300);
