/**
 * The heartbeats of the gateway's own parts (MoniQue MON3): each at its interval, and at once when it comes, goes, or is
 * alive no more; of those whose words change seldom each change. A single thread suffices: what a part does runs on its board, or waits for a socket (MoniQue LAY5).
 */
import type { OwnHeartbeat } from "../hub/views.ts";
import type { Clock } from "../platform/clock.ts";
import type { Part } from "./parts.ts";

export interface HeartbeatServices {
  /** Of the gateway. */
  creator: string;
  frequencyMs: number;
  clock: Pick<Clock, "now">;
  /** All there are now. */
  parts(): Part[];
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
  /** Names of parts that are there. */
  readonly names = new Set<string>();
  private readonly known = new Map<string, Known>();
  private timer: NodeJS.Timeout | undefined;
  private frequencyMs: number;

  constructor(private readonly services: HeartbeatServices) {
    this.frequencyMs = services.frequencyMs;
  }

  start(): void {
    this.look();
    this.timer = setInterval(() => this.look(), Math.min(LOOK_MS, this.frequencyMs));
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Says what is due of all parts, and forgets those that are no more. */
  look(): void {
    const parts = this.services.parts();
    for (const part of parts) this.lookAt(part);
    if (parts.length === this.names.size) return;
    const there = new Set(parts.map(({ name }) => name));
    for (const name of this.names) if (!there.has(name)) this.forget(name);
  }

  /** The same of one that has changed. */
  lookAt(part: Part): void {
    const { name, isAlive } = part;
    const words = part.isSteady ? part.words() : undefined;
    const now = this.services.clock.now();
    const before = this.known.get(name);
    const isAsBefore = before?.isAlive === isAlive && before.words === words;
    if (isAsBefore && now < before.dueAt) return;
    this.names.add(name);
    this.known.set(name, { isAlive, words, dueAt: now + this.frequencyMs });
    const { creator, beat } = this.services;
    beat({ name, creator, isAlive, message: words ?? part.words(), frequencyMs: this.frequencyMs });
  }

  private forget(name: string): void {
    this.names.delete(name);
    this.known.delete(name);
    this.services.forget(name);
  }
}
