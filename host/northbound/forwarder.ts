/**
 * Messages on their way to a system beyond the gateway: read from the store behind a durable cursor, handed to a sink, and
 * behind the cursor once the sink has said that the other side has them.
 *
 *   up/NAME   the first message that the other side may not have, and what was given up
 *
 * One message of a board is on its way at a time: whatever is refused or lost, its next one waits for it, so the order of
 * a board holds. Those of other boards pass meanwhile.
 */
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { DeliveredMessage, Store } from "../store/store.ts";
import { idOf, Refusal, type Sink } from "./sink.ts";

/** Messages read ahead, for one that waits must not hold up other boards. */
const AHEAD = 256;
/** ms until what could not be read or handed on is tried again. */
const LEAST_RETRY_MS = 500;
const MOST_RETRY_MS = 30_000;
/** Between two writes of the cursor, ms: what is handed on again after a kill -9 is dropped by its id. */
const SAVE_MS = 1000;

export interface CursorDocument {
  next: number;
  /** Given up by the store before they were handed on. */
  missed: number;
  /** Never taken by the other side. */
  refused: number;
  /** Where the other side stood before any message behind the cursor was sent first. */
  place: number;
  /** Which other side that was: places of another one mean nothing. Absent: it does not count. */
  side?: string;
}

export interface ForwarderOptions {
  /** As it is configured: "mqtt", "nats", "webhooks.NAME". */
  name: string;
  /** What is not accepted is passed over. */
  accepts(message: DeliveredMessage): boolean;
  /** Where the first start of all begins. */
  from: "now" | "oldest";
  store: Pick<Store, "read" | "next" | "fill" | "fault" | "records" | "putLater">;
  clock: Clock;
  log: Log;
}

export interface ForwarderView {
  /** Messages that the other side may not have. */
  behind: number;
  /** When the first of them arrived here, ms since 1970; 0: there is none. */
  oldestAt: number;
  inFlight: number;
  /** Since this process began. */
  sent: number;
  repeated: number;
  missed: number;
  refused: number;
  /** Why the last message was not taken; "" once one was. */
  fault: string;
}

/** What is over, from one number to the one before `end`. */
interface Over {
  end: number;
  missed?: number;
  refused?: number;
}

/** One of its own for each time that a message is handed on. */
interface Flight {
  message: DeliveredMessage;
}

/** A message handed on, and where the other side stood before. */
interface Launch {
  n: number;
  placeBefore: number;
}

export class Forwarder {
  private next = 1;
  private missed = 0;
  private refused = 0;
  private sent = 0;
  private repeated = 0;
  private fault = "";
  /** Where the other side stood at its last word, and which one that was. */
  private place = 0;
  private side = "";
  /** Those from the cursor on, in the order in which they were handed on: the first has the least place. */
  private launches: Launch[] = [];
  /** What is below may have been handed on before, by an earlier process even: until it is over, this is its place. */
  private cautious: Launch = { n: 0, placeBefore: 0 };
  private sink: Sink | null = null;
  /** Up to here read from the store. */
  private readNext = 1;
  private waiting: DeliveredMessage[] = [];
  private readonly flights = new Map<string, Flight>();
  /** What is over behind the cursor, by its first number; counted once the cursor passes it. */
  private readonly over = new Map<number, Over>();
  /** The highest number that was ever handed on. */
  private newest = 0;
  private isReading = false;
  private isStopped = false;
  private retryMs = LEAST_RETRY_MS;
  private retry: NodeJS.Timeout | null = null;
  private saving: NodeJS.Timeout | null = null;
  private isUnsaved = false;
  private whenLanded: (() => void) | null = null;

  constructor(private readonly options: ForwarderOptions) {}

  /** The store is open. */
  async load(): Promise<void> {
    const { name, store, from } = this.options;
    const [found] = (await store.records<CursorDocument>(key(name))).filter(([at]) => at === key(name));
    const {
      next,
      missed,
      refused,
      place,
      side = "",
    } = found?.[1] ?? {
      ...{ next: from === "now" ? store.next : 1, missed: 0, refused: 0, place: 0 },
    };
    // A store that was put back to an earlier day has its cursor from there as well.
    this.next = Math.min(next, store.next);
    Object.assign(this, { missed, refused, place, side, readNext: this.next, newest: this.next - 1 });
    // How far beyond its cursor an earlier process had come is not known.
    this.cautious = { n: store.next, placeBefore: place };
    this.save();
  }

  /**
   * The other side is there: what it may not have is handed on, from the cursor on. `stands`: which side it is and the
   * place from which on it has been asked what it has; for sinks that count.
   */
  begin(sink: Sink, stands?: { side: string; place: number }): void {
    this.rewind();
    if (stands !== undefined) {
      const { side, place } = stands;
      Object.assign(this, { side, place });
      this.cautious.placeBefore = place;
      this.save();
    }
    this.sink = sink;
    this.retryMs = LEAST_RETRY_MS;
    this.wake();
  }

  /** The other side is away. What was on its way is handed on again. */
  pause(): void {
    this.sink = null;
    this.rewind();
    this.whenLanded?.();
  }

  /** There may be something to do. */
  wake(): void {
    if (this.sink === null || this.isStopped || this.retry !== null) return;
    this.launch();
    if (this.waiting.length < AHEAD && this.readNext < this.options.store.next) void this.read();
  }

  /** Where the other side, which is `sideOfCursor`, stood before any message behind the cursor was sent first. */
  get placeOfCursor(): number {
    if (this.next < this.cautious.n) return this.cautious.placeBefore;
    while (this.launches.length > 0 && this.launches[0].n < this.next) this.launches.shift();
    return this.launches[0]?.placeBefore ?? this.place;
  }

  get sideOfCursor(): string {
    return this.side;
  }

  /** Sends nothing more, and waits for what is on its way, at most `ms`. */
  async stop(ms: number): Promise<void> {
    this.isStopped = true;
    if (this.retry !== null) clearTimeout(this.retry);
    if (this.saving !== null) clearTimeout(this.saving);
    if (this.flights.size > 0 && this.sink !== null)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.whenLanded = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    this.save();
  }

  view(): ForwarderView {
    const { sent, repeated, missed, refused, fault } = this;
    const first = [...this.flights.values()].map(({ message }) => message).concat(this.waiting.slice(0, 1));
    const oldestAt = first.reduce((least, { at }) => Math.min(least, at), Infinity);
    return {
      behind: Math.max(0, this.options.store.next - this.next),
      oldestAt: oldestAt === Infinity ? 0 : oldestAt,
      inFlight: this.flights.size,
      ...{ sent, repeated, missed, refused, fault },
    };
  }

  private rewind(): void {
    this.cautious = { placeBefore: this.placeOfCursor, n: Math.max(this.cautious.n, this.newest + 1) };
    this.launches = [];
    this.flights.clear();
    this.waiting = [];
    this.readNext = this.next;
    if (this.retry !== null) clearTimeout(this.retry);
    this.retry = null;
  }

  private async read(): Promise<void> {
    if (this.isReading) return;
    this.isReading = true;
    const { store, accepts } = this.options;
    const { sink, readNext } = this;
    const end = store.next;
    try {
      const messages = await store.read(readNext, AHEAD);
      // Rewound meanwhile: this is not what comes next.
      if (sink !== this.sink || readNext !== this.readNext) return;
      this.readNext = messages.length === 0 ? end : readNext;
      if (messages.length === 0) this.miss(readNext, end);
      for (const message of messages) {
        if (message.n > this.readNext) this.miss(this.readNext, message.n);
        this.readNext = message.n + 1;
        if (this.over.has(message.n)) continue;
        if (accepts(message)) this.waiting.push(message);
        else this.over.set(message.n, { end: message.n + 1 });
      }
      this.advance();
    } catch (error) {
      if (!this.isStopped) this.tryLater(`the store could not be read: ${textOf(error)}`);
    } finally {
      this.isReading = false;
      this.wake();
    }
  }

  /** Each board's first message that waits, as many as may be on their way. */
  private launch(): void {
    const { sink, flights } = this;
    if (sink === null) return;
    const free = () => flights.size < sink.window;
    for (let i = 0; i < this.waiting.length && free(); ) {
      const message = this.waiting[i];
      if (flights.has(message.device)) i++;
      else {
        this.waiting.splice(i, 1);
        this.fly(message, sink);
      }
    }
  }

  private fly(message: DeliveredMessage, sink: Sink): void {
    const flight: Flight = { message };
    this.flights.set(message.device, flight);
    if (message.n >= this.cautious.n) this.launches.push({ n: message.n, placeBefore: this.place });
    if (message.n <= this.newest) this.repeated++;
    this.newest = Math.max(this.newest, message.n);
    sink.send(message, idOf(message)).then(
      (place) => {
        this.sent++;
        this.mend();
        this.retryMs = LEAST_RETRY_MS;
        this.place = Math.max(this.place, place);
        this.land(flight);
      },
      (error: unknown) => {
        if (error instanceof Refusal) this.refuse(flight, error);
        // One of an earlier connection is on its way again.
        else if (this.flights.get(message.device) === flight) this.tryLater(textOf(error));
      },
    );
  }

  private mend(): void {
    if (this.fault === "") return;
    this.fault = "";
    const { name, log } = this.options;
    log.info({ upstream: name, event: "mended" }, "takes messages again");
  }

  private refuse(flight: Flight, { message }: Refusal): void {
    const { device, n } = flight.message;
    const { name, log } = this.options;
    log.warn(
      { upstream: name, device, n, event: "loss", reason: message },
      `a message is not taken by ${name}: ${message}`,
    );
    this.land(flight, 1);
  }

  private land(flight: Flight, refused = 0): void {
    const { n, device } = flight.message;
    if (n >= this.next) this.over.set(n, { end: n + 1, refused });
    if (this.flights.get(device) === flight) this.flights.delete(device);
    this.advance();
    if (this.flights.size === 0) this.whenLanded?.();
    this.wake();
  }

  private miss(from: number, to: number): void {
    const known = this.over.get(from)?.end ?? from;
    if (to <= known) return;
    this.over.set(from, { end: to, missed: to - from });
    const { name, log } = this.options;
    const text = `messages are not handed on to ${name}: the store gave them up before`;
    log.warn({ upstream: name, event: "loss", count: to - known }, text);
  }

  private advance(): void {
    const before = this.next;
    for (let over = this.over.get(this.next); over !== undefined; over = this.over.get(this.next)) {
      this.over.delete(this.next);
      this.next = over.end;
      this.missed += over.missed ?? 0;
      this.refused += over.refused ?? 0;
    }
    if (this.next !== before) this.saveSoon();
  }

  /** One document a second at most, however many messages it stands for. */
  private saveSoon(): void {
    this.isUnsaved = true;
    if (this.saving !== null || this.isStopped) return;
    this.save();
    this.saving = setTimeout(() => {
      this.saving = null;
      if (this.isUnsaved) this.saveSoon();
    }, SAVE_MS);
    this.saving.unref();
  }

  private save(): void {
    this.isUnsaved = false;
    const { name, store } = this.options;
    const { next, missed, refused, placeOfCursor: place, side } = this;
    const value: CursorDocument = { next, missed, refused, place, ...(side !== "" && { side }) };
    store.putLater([{ key: key(name), value }]);
  }

  /** The other side is there and takes nothing, or the store gives nothing: all from the cursor on again, later. */
  private tryLater(fault: string): void {
    const { name, log } = this.options;
    if (this.isStopped) {
      this.flights.clear();
      this.whenLanded?.();
      return;
    }
    if (this.fault === "") log.warn({ upstream: name, event: "fault" }, `takes nothing: ${fault}`);
    this.fault = fault;
    this.rewind();
    this.retry = setTimeout(() => {
      this.retry = null;
      this.wake();
    }, this.retryMs);
    this.retry.unref();
    this.retryMs = Math.min(2 * this.retryMs, MOST_RETRY_MS);
  }
}

const key = (name: string) => `up/${name}`;

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
