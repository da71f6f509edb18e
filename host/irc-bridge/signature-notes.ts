/**
 * What the gateway after this one has to know of signatures: which count no more, and what the next ones stand behind.
 *
 *   is/NETWORK        signed mids that were accepted, by key, as of a minute ago
 *   is/NETWORK/last   the newest of them, at once
 *   is/NETWORK/said   of what we signed ourselves, the last said to each target
 */
import { keepNewest } from "../platform/keep-newest.ts";
import type { Store } from "../store/store.ts";

type Mids = Record<string, readonly string[]>;

const PREFIX = "is/";
/** As many as a listener tries (the reference). */
const NEWEST = 16;
/** Targets whose last line is kept; the oldest go first. */
const MOST_TARGETS = 64;
/** ms between two notes of all of them; of what is lost since, the newest are known, and others refused by their time. */
const NOTE_MS = 60_000;

export class SignatureNotes {
  private readonly newest: Mids = {};
  private readonly said = new Map<string, string>();
  private notedAt = 0;

  constructor(
    private readonly network: string,
    private readonly store: Store,
  ) {}

  /** Mids that count no more, and the texts that ours stand behind, by target. */
  async load(): Promise<{ seen: Mids; said: [target: string, text: string][] }> {
    const found = new Map(await this.store.records<Mids | Record<string, string>>(PREFIX));
    const seen: Record<string, string[]> = {};
    for (const name of [this.network, `${this.network}/last`])
      for (const [key, mids] of Object.entries((found.get(PREFIX + name) ?? {}) as Mids))
        seen[key] = [...new Set([...(seen[key] ?? []), ...mids])];
    const said = Object.entries((found.get(`${PREFIX}${this.network}/said`) ?? {}) as Record<string, string>);
    for (const [target, text] of said) this.said.set(target, text);
    return { seen, said };
  }

  /** One under `key` was accepted, the last of `mids`. */
  accepted(key: string, mids: readonly string[]): void {
    this.newest[key] = mids.slice(-NEWEST);
    this.keep("/last", { ...this.newest });
  }

  /** We have signed this. */
  signed(target: string, text: string): void {
    keepNewest(this.said, target, text, MOST_TARGETS);
    this.keep("/said", Object.fromEntries(this.said));
  }

  /** Notes all of `seen`, if it is time or `now` is infinite. */
  look(seen: Mids, now: number): void {
    if (now - this.notedAt < NOTE_MS || Object.keys(seen).length === 0) return;
    this.notedAt = now;
    this.store.putLater([{ key: PREFIX + this.network, value: seen }]);
  }

  private keep(name: string, value: object): void {
    this.store.keep([{ key: `${PREFIX}${this.network}${name}`, value }], () => {});
  }
}
