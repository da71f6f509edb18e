/**
 * The messages that a stream has already, as far as this gateway may hand them on: each with where it stands.
 *
 *   id   board:epoch:seq         chain   board:epoch, of which the numbers ascend
 *
 * A board's messages are handed on in their order, so of each chain the first one that waits in the store tells what is
 * past: what is kept of a stream grows with what waits here, and not with the stream.
 */
import { idOf } from "../northbound/sink.ts";
import type { Store } from "../store/store.ts";

/** Of each chain that has messages which wait, the number of the first. */
export type Waiting = ReadonlyMap<string, number>;

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
    if (this.waiting !== null && seq < (this.waiting.get(chain) ?? Number.POSITIVE_INFINITY)) return;
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
}

/** What waits, from message `from` on. Rejects as the store does. */
export async function waitingFrom(store: Pick<Store, "read">, from: number): Promise<Waiting> {
  const first = new Map<string, number>();
  for (let next = from; ; ) {
    const messages = await store.read(next, READ_AT_ONCE);
    if (messages.length === 0) return first;
    for (const message of messages) {
      const { chain, seq } = parse(idOf(message))!;
      first.set(chain, Math.min(seq, first.get(chain) ?? seq));
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
