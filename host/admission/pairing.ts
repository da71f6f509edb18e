/** Whether new boards are given keys just now (session part 4): for a time, and one key a board however often it asks. */
import type { Clock } from "../platform/clock.ts";
import type { KeyStore } from "./key-store.ts";

/** The longest time it stays open: a day of forgetting is a day of open doors. */
export const MAX_PAIRING_MS = 3_600_000;

export class Pairing {
  private endsAt = -Infinity;
  private given = new Map<string, Buffer>();

  constructor(
    private readonly keys: KeyStore,
    private readonly clock: Clock,
  ) {}

  /** Opens it for `ms` from now, at most MAX_PAIRING_MS; 0 closes it. */
  open(ms: number): void {
    if (!this.isOpen || ms <= 0) this.given = new Map();
    this.endsAt = this.clock.now() + Math.min(ms, MAX_PAIRING_MS);
  }

  get isOpen(): boolean {
    return this.clock.now() < this.endsAt;
  }

  /** ms until it closes; 0 when it is closed. */
  get remainingMs(): number {
    return Math.max(0, Math.round(this.endsAt - this.clock.now()));
  }

  /** Boards that were given a key since it was opened. */
  get paired(): string[] {
    return [...this.given.keys()];
  }

  /** The key for a board: drawn once, for the hello that gave it may be lost on its way. */
  keyFor(id: string): Buffer {
    const given = this.given.get(id) ?? this.keys.draw(id);
    this.given.set(id, given);
    return given;
  }
}
