/**
 * The heartbeats of the gateway's own parts (MoniQue MON3): each at its interval, and at once when it comes, goes, or is
 * alive no more; of those whose words change seldom at each change. A single thread suffices: what a part does runs on
 * its board, or waits for a socket (MoniQue LAY5).
 *
 * Boards say when they change, and there may be thousands: they are looked at when they are due. The others are few.
 */
import type { OwnHeartbeat } from "../hub/views.ts";
import type { Clock } from "../platform/clock.ts";
import type { Part } from "./parts.ts";

export interface HeartbeatServices {
  /** Of the gateway. */
  creator: string;
  frequencyMs: number;
  clock: Pick<Clock, "now">;
  /** Those that tell nobody when they change, as they are now. */
  quiet(): Part[];
  /** One of the others; undefined: there is none any more. */
  find(name: string): Part | undefined;
  beat(heartbeat: OwnHeartbeat): void;
  /** There is no such part any more. */
  forget(name: string): void;
}

/** ms: what tells nobody that it has changed is found so late. */
const LOOK_MS = 1000;

interface Known {
  isAlive: boolean;
  /** Of one whose words change seldom. */
  words: string | undefined;
  /** Of the monotonic clock. */
  dueAt: number;
}

export class Heartbeats {
  /** Of parts that are there. */
  readonly names = new Set<string>();
  private readonly known = new Map<string, Known>();
  private readonly quietNames = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly services: HeartbeatServices) {}

  start(): void {
    this.look();
    this.timer = setInterval(() => this.look(), Math.min(LOOK_MS, this.services.frequencyMs));
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Says what is due, and forgets what is no more. */
  look(): void {
    this.lookAtQuiet();
    const now = this.services.clock.now();
    for (const [name, { dueAt }] of this.known) {
      if (now < dueAt || this.quietNames.has(name)) continue;
      const part = this.services.find(name);
      if (part === undefined) this.forget(name);
      else this.lookAt(part);
    }
  }

  /** One that has changed, maybe. */
  lookAt(part: Part): void {
    const { name, isAlive } = part;
    const { clock, frequencyMs, creator, beat } = this.services;
    const words = part.isSteady ? part.words() : undefined;
    const now = clock.now();
    const before = this.known.get(name);
    const isAsBefore = before?.isAlive === isAlive && before.words === words;
    if (isAsBefore && now < before.dueAt) return;
    this.names.add(name);
    this.known.set(name, { isAlive, words, dueAt: now + frequencyMs });
    beat({ name, creator, isAlive, message: words ?? part.words(), frequencyMs });
  }

  /** It has something new to say, which does not wait for its interval. */
  hurry(name: string): void {
    const known = this.known.get(name);
    if (known !== undefined) known.dueAt = -Infinity;
  }

  private lookAtQuiet(): void {
    const parts = this.services.quiet();
    const there = new Set(parts.map(({ name }) => name));
    for (const name of this.quietNames) if (!there.has(name)) this.forget(name);
    for (const part of parts) {
      this.quietNames.add(part.name);
      this.lookAt(part);
    }
  }

  private forget(name: string): void {
    this.names.delete(name);
    this.known.delete(name);
    this.quietNames.delete(name);
    this.services.forget(name);
  }
}
