/**
 * What has arrived for the work, and what of it the work has now. It outlives the thread that does the work: whatever that
 * one had and was not killed for is given again (MoniQue KILL4: no other task is touched).
 */
import type { Message } from "../host/monique/message.ts";
import type { Source } from "./words.ts";

export interface InboxLimits {
  /** Messages that wait: as many as ZeroMQ lets by itself. */
  messages: number;
  /** Of their data. */
  bytes: number;
}

const inboxLimits: InboxLimits = { messages: 1000, bytes: 64 << 20 };

export interface Arrived {
  /** Of arrival, ever higher. */
  readonly at: number;
  readonly from: Source["from"];
  /** What subscriptions are compared with. */
  readonly tag: string;
  readonly message: Message;
}

export interface InboxEvents {
  onDeliver(n: number, message: Message): void;
  /** There was no room, or it had expired. */
  onLost(message: Message, why: "full" | "expired"): void;
}

interface Opened {
  source: Source;
  waiting: Arrived[];
  /** How many the work has asked for and not been given. */
  wanted: number;
  /** That the work has, by id. */
  held: Map<string, Arrived>;
}

export class Inbox {
  private readonly opened = new Map<number, Opened>();
  /** What no source asks for at present: the work has just begun anew, and will. */
  private unclaimed: Arrived[] = [];
  private arrivals = 0;
  private bytes = 0;
  /** Copies that wait, in `unclaimed` and in all sources. */
  private count = 0;

  constructor(
    private readonly events: InboxEvents,
    private readonly wall: () => number,
    private readonly limits: InboxLimits = inboxLimits,
  ) {}

  /** Whether so much waits that nothing more should be taken from where it can wait as well. */
  get isHalfFull(): boolean {
    return this.count * 2 >= this.limits.messages || this.bytes * 2 >= this.limits.bytes;
  }

  arrive(from: Source["from"], tag: string, message: Message): void {
    const arrived: Arrived = { at: this.arrivals++, from, tag, message };
    const takers = [...this.opened.values()].filter(({ source }) => isFor(source, arrived));
    for (const taker of takers) this.keep(taker.waiting, arrived);
    if (takers.length === 0) this.keep(this.unclaimed, arrived);
    this.deliver();
    this.makeRoom();
  }

  /** What arrived before and fits comes first. */
  open(n: number, source: Source): void {
    const waiting = this.unclaimed.filter((arrived) => isFor(source, arrived));
    this.unclaimed = this.unclaimed.filter((arrived) => !isFor(source, arrived));
    this.opened.set(n, { source, waiting, wanted: 0, held: new Map() });
  }

  /** What waits for it is given up. */
  close(n: number): void {
    for (const arrived of this.opened.get(n)?.waiting ?? []) this.drop(arrived);
    this.opened.delete(n);
  }

  want(n: number): void {
    const opened = this.opened.get(n);
    if (opened === undefined) return; // closed meanwhile
    opened.wanted++;
    this.deliver();
  }

  /** Gives nothing more: the work is about to be no more. */
  stall(): void {
    for (const opened of this.opened.values()) opened.wanted = 0;
  }

  /** -> the message; undefined: that source did not hold it. */
  done(n: number, id: string): Message | undefined {
    const held = this.opened.get(n)?.held;
    const message = held?.get(id)?.message;
    held?.delete(id);
    return message;
  }

  /** Takes it out of what waits; undefined: it does not wait here. */
  withdraw(id: string): Message | undefined {
    let found: Message | undefined;
    for (const list of [this.unclaimed, ...[...this.opened.values()].map(({ waiting }) => waiting)]) {
      for (let i = list.length - 1; i >= 0; i--) {
        if (list[i].message.id !== id) continue;
        found = list[i].message;
        this.drop(list[i]);
        list.splice(i, 1);
      }
    }
    return found;
  }

  /** That the work has, in the order in which they arrived. */
  held(): Message[] {
    return this.allHeld().map(({ message }) => message);
  }

  holds(id: string): boolean {
    return [...this.opened.values()].some(({ held }) => held.has(id));
  }

  /** The work is no more. `isOver`: of what it had, not to be given again. */
  restart(isOver: (id: string) => boolean): void {
    const again = new Map<number, Arrived>();
    for (const arrived of this.unclaimed) again.set(arrived.at, arrived);
    for (const { waiting } of this.opened.values())
      for (const arrived of waiting) again.set(arrived.at, arrived);
    for (const arrived of this.allHeld()) if (!isOver(arrived.message.id)) again.set(arrived.at, arrived);
    this.opened.clear();
    this.unclaimed = [...again.values()].sort((a, b) => a.at - b.at);
    this.count = this.unclaimed.length;
    this.bytes = this.unclaimed.reduce((sum, { message }) => sum + message.data.length, 0);
  }

  private allHeld(): Arrived[] {
    const all = new Map<number, Arrived>();
    for (const { held } of this.opened.values())
      for (const arrived of held.values()) all.set(arrived.at, arrived);
    return [...all.values()].sort((a, b) => a.at - b.at);
  }

  private deliver(): void {
    for (const [n, opened] of this.opened) {
      while (opened.wanted > 0 && opened.waiting.length > 0) {
        const arrived = opened.waiting.shift()!;
        this.drop(arrived);
        if (this.isExpired(arrived)) continue;
        opened.wanted--;
        opened.held.set(arrived.message.id, arrived);
        this.events.onDeliver(n, arrived.message);
      }
    }
  }

  private isExpired({ message }: Arrived): boolean {
    const { expires_at } = message;
    if (expires_at === 0 || this.wall() < expires_at) return false;
    this.events.onLost(message, "expired");
    return true;
  }

  /** First what nobody asks for, then the oldest: of whom most waits. */
  private makeRoom(): void {
    while (this.count > this.limits.messages || (this.bytes > this.limits.bytes && this.count > 1)) {
      const longest = [...this.opened.values()].reduce(
        (a, { waiting }) => (waiting.length > a.length ? waiting : a),
        [] as Arrived[],
      );
      const lost = (this.unclaimed.length > 0 ? this.unclaimed : longest).shift()!;
      this.drop(lost);
      this.events.onLost(lost.message, "full");
    }
  }

  private keep(list: Arrived[], arrived: Arrived): void {
    list.push(arrived);
    this.count++;
    this.bytes += arrived.message.data.length;
  }

  private drop(arrived: Arrived): void {
    this.count--;
    this.bytes -= arrived.message.data.length;
  }
}

function isFor(source: Source, { from, tag }: Arrived): boolean {
  if (source.from === "controller" || from === "controller") return source.from === from;
  return source.topics.some((topic) => tag.startsWith(topic));
}
