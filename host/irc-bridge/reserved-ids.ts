/**
 * The numbers of mid, oid and did that this gateway may have used on a network: reserved in blocks before any of them is,
 * so that none comes again after a restart (IRC-IoT §19: ids must not repeat).
 *
 *   ic/NETWORK   {mid, oid, did}: the next gateway begins here
 */
import type { Counters } from "../irc-iot/pack.ts";
import type { Store } from "../store/store.ts";

const COUNTERS = "ic/";
/** Reserved at once; another block is when half of one is used. A larger one makes ids longer sooner. */
const BLOCK: Readonly<Counters> = { mid: 1000, oid: 1000, did: 200 };
/** Where a gateway without a past begins, somewhere in the same again (IRC-IoT §4). */
const FIRST: Readonly<Counters> = { mid: 10_000, oid: 1000, did: 100 };
const names = ["mid", "oid", "did"] as const;

export class ReservedIds {
  private reserved: Counters = { ...FIRST };

  constructor(
    private readonly network: string,
    private readonly store: Store,
  ) {}

  /** Resolves with where to begin once the block behind it is reserved. */
  async begin(random: () => number): Promise<Counters> {
    const all = await this.store.records<Counters>(COUNTERS);
    const found = all.find(([key]) => key === COUNTERS + this.network);
    const first = found?.[1] ?? {
      mid: FIRST.mid + Math.floor(random() * FIRST.mid * 8),
      oid: FIRST.oid + Math.floor(random() * FIRST.oid * 8),
      did: FIRST.did + Math.floor(random() * FIRST.did * 8),
    };
    await new Promise<void>((resolve, reject) => {
      this.store.put([this.reserve(first)], { onCommitted: resolve, onFailed: reject });
    });
    return { ...first };
  }

  /** Reserves more where half of a block is used. */
  look(counters: Counters): void {
    if (names.some((name) => counters[name] > this.reserved[name] - BLOCK[name] / 2))
      this.store.keep([this.reserve(counters)], () => {});
  }

  private reserve(from: Counters) {
    this.reserved = { mid: from.mid + BLOCK.mid, oid: from.oid + BLOCK.oid, did: from.did + BLOCK.did };
    return { key: COUNTERS + this.network, value: { ...this.reserved } };
  }
}
