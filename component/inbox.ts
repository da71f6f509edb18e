/**
 * What has arrived for the work, and what of it the work has now. It outlives the thread that does the work: whatever that
 * one had and was not killed for is given again (MoniQue KILL4: no other task is touched).
 */
import type { Message } from "../host/monique/message.ts";
import { isFor, Unclaimed } from "./unclaimed.ts";
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
  /** For how many sources it is, or was. */
  copies: number;
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
  private readonly unclaimed = new Unclaimed();
  private arrivals = 0;
  private bytes = 0;
  /** Copies that wait, in `unclaimed` and in all sources. */
  private count = 0;
  /** Of them, tasks of the controller. */
  private readonly tasks = { count: 0, bytes: 0 };

  constructor(
    private readonly events: InboxEvents,
    private readonly wall: () => number,
    private readonly limits: InboxLimits = inboxLimits,
  ) {}

  /** Whether so many tasks of the controller wait that no more should be taken: they can wait there as well. */
  get isHalfFull(): boolean {
    return this.tasks.count * 2 >= this.limits.messages || this.tasks.bytes * 2 >= this.limits.bytes;
  }

  arrive(from: Source["from"], tag: string, message: Message): void {
    // A controller that began anew gives what it does not know to be done; it is done, or about to be.
    if (from === "controller" && this.hasTask(message.id)) return;
    const arrived: Arrived = { at: this.arrivals++, from, tag, message, copies: 0 };
    const takers = [...this.opened.values()].filter(({ source }) => isFor(source, arrived));
    arrived.copies = takers.length;
    for (const { waiting } of takers) {
      waiting.push(arrived);
      this.keep(arrived);
    }
    if (this.unclaimed.add(arrived, takers.length === 0)) this.keep(arrived);
    this.deliver();
    this.makeRoom();
  }

  /** What arrived before and fits comes first. */
  open(n: number, source: Source): void {
    const { given, stays } = this.unclaimed.open(source);
    for (const arrived of stays) this.keep(arrived);
    this.opened.set(n, { source, waiting: given, wanted: 0, held: new Map() });
  }

  /** What waits for it is given up, but for tasks of the controller, which nobody else has. */
  close(n: number): void {
    const closed = this.opened.get(n);
    if (closed === undefined) return;
    this.opened.delete(n);
    const { source, waiting, held } = closed;
    if (source.from === "hub") for (const arrived of waiting) this.drop(arrived);
    else {
      // What it holds has crossed with its end.
      for (const arrived of held.values()) this.keep(arrived);
      this.unclaimed.putBack([...held.values(), ...waiting]);
    }
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
    const taken = this.unclaimed.withdraw(id);
    for (const opened of this.opened.values()) {
      taken.push(...opened.waiting.filter(({ message }) => message.id === id));
      opened.waiting = opened.waiting.filter(({ message }) => message.id !== id);
    }
    for (const arrived of taken) this.drop(arrived);
    return taken[0]?.message;
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
    const had = [...this.opened.values()].map(({ source, waiting, held }) => {
      const again = [...held.values()].filter(({ message }) => !isOver(message.id));
      return { source, arrived: [...waiting, ...again] };
    });
    this.opened.clear();
    this.unclaimed.restart(had);
    Object.assign(this.tasks, { count: 0, bytes: 0 });
    this.count = 0;
    this.bytes = 0;
    for (const arrived of this.unclaimed.all()) this.keep(arrived);
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
      const { arrived, isCopy } = this.unclaimed.shift() ?? { arrived: longest.shift()!, isCopy: false };
      this.drop(arrived);
      if (!isCopy) this.events.onLost(arrived.message, "full");
    }
  }

  private hasTask(id: string): boolean {
    const lists = [this.unclaimed.all(), ...[...this.opened.values()].map(({ waiting }) => waiting)];
    const isIt = ({ from, message }: Arrived) => from === "controller" && message.id === id;
    return this.allHeld().some(isIt) || lists.some((list) => list.some(isIt));
  }

  private keep(arrived: Arrived): void {
    this.reckon(arrived, 1);
  }

  private drop(arrived: Arrived): void {
    this.reckon(arrived, -1);
  }

  private reckon({ from, message }: Arrived, sign: number): void {
    const { length } = message.data;
    this.count += sign;
    this.bytes += sign * length;
    if (from !== "controller") return;
    this.tasks.count += sign;
    this.tasks.bytes += sign * length;
  }
}
