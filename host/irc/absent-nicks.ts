/** Nicks that a server has refused a line to: nothing is said to them until they are seen again, or for a while. */
import { keepNewest } from "../platform/keep-newest.ts";

/** ms. */
const HOLD_MS = 60_000;
/** More are forgotten, the oldest first. */
const MAX_NICKS = 256;

/** Why a server did not take a line to a nick. */
export interface NickRefusal {
  /** Nobody has it; else who has it does not wish to hear us, or may not be spoken to by us. */
  isAbsent: boolean;
  /** Its numeric, and its words. */
  reason: string;
}

interface Held extends NickRefusal {
  until: number;
}

export class AbsentNicks {
  private readonly held = new Map<string, Held>();

  constructor(private readonly fold: (name: string) => string) {}

  add(nick: string, refusal: NickRefusal, now: number): void {
    keepNewest(this.held, this.fold(nick), { ...refusal, until: now + HOLD_MS }, MAX_NICKS);
  }

  has(nick: string): boolean {
    return this.held.has(this.fold(nick));
  }

  /** null: a line to it would be said. */
  refusalOf(nick: string): NickRefusal | null {
    const held = this.held.get(this.fold(nick));
    return held === undefined ? null : { isAbsent: held.isAbsent, reason: held.reason };
  }

  /** -> whether it was held. */
  seen(nick: string): boolean {
    return this.held.size > 0 && this.held.delete(this.fold(nick));
  }

  get deadline(): number {
    // Insertion order is order of time.
    return this.held.values().next().value?.until ?? Number.POSITIVE_INFINITY;
  }

  tick(now: number): void {
    for (const [nick, { until }] of this.held) if (until <= now) this.held.delete(nick);
  }

  clear(): void {
    this.held.clear();
  }
}
