/**
 * Up to which number this gateway has the frames that came over one hop, by who made them, in which life, and lane: at
 * or below it is a repeat (iotgw §9). Durable ones are the store's; here is what is on its way there.
 */

import { LANES } from "../iotgw/frame.ts";
import type { Mark, Store } from "../store/store.ts";
import type { Have } from "./gateway-peer.ts";
import { formatEpoch, type MessageId, parseEpoch } from "./message-id.ts";

export class Marks {
  /** The highest number handed to the store, of what is not known to be durable. */
  private readonly taken = new Map<string, number>();
  private readonly names = new Map<bigint, string[]>();

  constructor(
    private readonly store: Store,
    /** Whom the frames come from. */
    private readonly hop: bigint,
  ) {}

  /** The mark that `id` raises; of a frame that was moved it is one of its own, for its number may be below others'. */
  markOf({ origin, epoch, lane, seq }: MessageId, isMoved: boolean): Mark {
    const device = isMoved ? `~${this.hop}.${origin}.${lane}.${seq}` : this.nameOf(origin, lane);
    return { device, epoch: formatEpoch(epoch), seq };
  }

  isRepeat({ device, epoch, seq }: Mark): boolean {
    return seq <= (this.taken.get(`${device}/${epoch}`) ?? this.durable(device, epoch));
  }

  /** The highest number of that origin, epoch and lane which was handed to the store. */
  highest(like: MessageId): number {
    const { device, epoch } = this.markOf(like, false);
    return this.taken.get(`${device}/${epoch}`) ?? this.durable(device, epoch);
  }

  /** The frame is handed to the store. */
  take({ device, epoch, seq }: Mark): void {
    this.taken.set(`${device}/${epoch}`, seq);
  }

  /** What was handed over and is not durable never will be (session D17). */
  rollBack(): void {
    this.taken.clear();
  }

  /** Of the frames that the hop itself made in that epoch, or in its newest that is known. */
  haveUpTo(epoch: bigint | null): Have {
    const names = Array.from({ length: LANES }, (_, lane) => this.nameOf(this.hop, lane));
    const known = names.flatMap((name) => this.store.watermarks(name).map((mark) => mark.epoch));
    const text = epoch === null ? known.at(-1) : formatEpoch(epoch);
    if (text === undefined || !known.includes(text)) return { epoch: 0n, have: names.map(() => 0) };
    return { epoch: parseEpoch(text), have: names.map((name) => this.durable(name, text)) };
  }

  private durable(device: string, epoch: string): number {
    return this.store.watermarks(device).find((mark) => mark.epoch === epoch)?.seq ?? 0;
  }

  private nameOf(origin: bigint, lane: number): string {
    let names = this.names.get(origin);
    if (names === undefined) {
      names = [];
      this.names.set(origin, names);
    }
    names[lane] ??= `~${this.hop}.${origin}.${lane}`;
    return names[lane];
  }
}
