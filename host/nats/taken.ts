/**
 * The messages that a stream has already, as far as this gateway may hand them on: each with where it stands.
 *
 *   id   board:epoch:seq         chain   board:epoch, of which the numbers ascend
 *
 * A board's messages are handed on in their order, so of each chain the first one that waits in the store tells what is
 * past: what is kept of a stream grows with what waits here, and not with the stream.
 */
import type { AsideFirst } from "../northbound/forwarder.ts";
import { idOf } from "../northbound/sink.ts";
import type { Store } from "../store/store.ts";

/** What may still be handed on. */
export interface Waiting {
  /** Of each chain the number of the first message that waits; of chains that are not here, none does. */
  first: ReadonlyMap<string, number>;
  /** Boards of which nobody knows which chains wait: all may. */
  whole: ReadonlySet<string>;
}

/** Messages read at once of the store. */
const READ_AT_ONCE = 500;

export class Taken {
  /** Each chain's numbers, with where each stands. */
  private readonly chains = new Map<string, Map<number, number>>();

  /** null: what waits was not asked for, and all are kept. */
  constructor(private readonly waiting: Waiting | null) {}

  get size(): number {
    return [...this.chains.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Where the first of them stands; Infinity: there is none. */
  get firstPlace(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const known of this.chains.values())
      for (const place of known.values()) first = Math.min(first, place);
    return first;
  }

  /** Of what is past, and of what is no id of a message, nothing is kept: neither is ever asked for. */
  add(id: string, place: number): void {
    const named = parse(id);
    if (named === null) return;
    const { chain, seq } = named;
    if (seq < this.leastOf(chain)) return;
    const known = this.chains.get(chain) ?? new Map<number, number>();
    this.chains.set(chain, known.set(seq, place));
  }

  /** Where it stands, once: then it is past. */
  take(id: string): number | undefined {
    const named = parse(id);
    if (named === null) return undefined;
    const { chain, seq } = named;
    const known = this.chains.get(chain);
    const place = known?.get(seq);
    known?.delete(seq);
    if (known?.size === 0) this.chains.delete(chain);
    return place;
  }

  private leastOf(chain: string): number {
    if (this.waiting === null) return 0;
    const { first, whole } = this.waiting;
    return first.get(chain) ?? (whole.has(chain.slice(0, chain.lastIndexOf(":"))) ? 0 : Infinity);
  }
}

/**
 * What waits: from message `reached` on, and before it of boards `aside`, whose first is read and nothing else: of those
 * 64 at most may have a million others behind them. Rejects as the store does.
 */
export async function waitingFrom(
  store: Pick<Store, "read" | "watermarks">,
  reached: number,
  aside: readonly AsideFirst[],
): Promise<Waiting> {
  const first = new Map<string, number>();
  const whole = new Set<string>();
  const wait = (chain: string, seq: number) => first.set(chain, Math.min(seq, first.get(chain) ?? seq));
  for (const { device, next } of aside) {
    const [message] = await store.read(next, 1, device);
    if (message === undefined) continue;
    const { chain, seq } = parse(idOf(message))!;
    wait(chain, seq);
    // Its later epochs may wait from their beginning on; earlier ones are past. The store knows the order of the last four.
    const board = chain.slice(0, chain.lastIndexOf(":"));
    const epochs = store.watermarks(device).map(({ epoch }) => epoch);
    const at = epochs.indexOf(message.epoch);
    if (at < 0) whole.add(board);
    else for (const later of epochs.slice(at + 1)) wait(`${board}:${later}`, 0);
  }
  for (let next = reached; ; ) {
    const messages = await store.read(next, READ_AT_ONCE);
    if (messages.length === 0) return { first, whole };
    for (const message of messages) {
      const { chain, seq } = parse(idOf(message))!;
      wait(chain, seq);
    }
    next = messages[messages.length - 1].n + 1;
  }
}

/** null: it is no id of a message. */
function parse(id: string): { chain: string; seq: number } | null {
  const end = id.lastIndexOf(":");
  const text = id.slice(end + 1);
  const seq = Number(text);
  if (end <= 0 || String(seq) !== text || !Number.isSafeInteger(seq)) return null;
  return { chain: id.slice(0, end), seq };
}
