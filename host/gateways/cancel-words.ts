/** Words to other gateways that a request is withdrawn, which may have arrived there, and who waits until one is told. */
import { Command, Reqtype } from "../iotgw/commands.ts";
import { encodeCancel } from "../iotgw/ending.ts";
import type { Clock } from "../platform/clock.ts";
import { BowlineError } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import { Lane } from "../queue/packet.ts";
import type { Mesh, Numbered } from "./mesh.ts";
import type { MessageId } from "./message-id.ts";

/** ms that a CANCEL lives longer than the request it withdraws: what ran into its end is withdrawn all the same. */
const GRACE_MS = 60_000;
/** Longer than anybody waits for a kill to be confirmed. */
const UNTOLD_MS = 15_000;

/** A request whose frame has left, or may have. */
interface Withdrawn {
  rq: number;
  gateway: bigint;
  id: MessageId;
  /** ms of the monotonic clock. */
  deadline: number;
}

export class CancelWords {
  /** By request: those that no gateway has taken yet, and who waits for that. */
  private readonly telling = new Map<number, (() => void)[]>();

  constructor(private readonly services: { mesh: Mesh; clock: Clock; log: Log }) {}

  /** A CANCEL, about to be committed; null: no way leads there, and nobody is told. */
  prepare({ rq, gateway, id, deadline }: Withdrawn): Numbered | null {
    const { mesh, clock, log } = this.services;
    const { origin, epoch, seq, lane } = id;
    const ttlMs = Math.max(0, deadline - clock.now()) + GRACE_MS;
    try {
      const numbered = mesh.prepare({
        ...{ dst: gateway, cmd: Command.CANCEL, reqtype: Reqtype.ASYNC, lane: Lane.CONTROL, ttlMs },
        ...{ content: encodeCancel(lane), ref: { origin, epoch, seq } },
        onOutcome: (outcome) => (outcome === "delivered" ? this.told(rq) : this.untold(rq)),
      });
      this.telling.set(rq, []);
      return numbered;
    } catch (error) {
      if (!(error instanceof BowlineError)) throw error;
      this.telling.set(rq, []);
      this.untold(rq);
      log.warn(
        { gateway: `${gateway}`, reason: error.message },
        "a gateway is not told that a request is withdrawn",
      );
      return null;
    }
  }

  /** Resolves when the next gateway has the word that `rq` is withdrawn, or late, when it will not have it; undefined: there is none. */
  whenTold(rq: number): Promise<void> | undefined {
    const waiting = this.telling.get(rq);
    return waiting && new Promise((resolve) => waiting.push(resolve));
  }

  /** The word went nowhere: who waits for it shall have given up by when he hears of it. */
  private untold(rq: number): void {
    setTimeout(() => this.told(rq), UNTOLD_MS).unref();
  }

  private told(rq: number): void {
    const waiting = this.telling.get(rq) ?? [];
    this.telling.delete(rq);
    for (const resolve of waiting) resolve();
  }
}
