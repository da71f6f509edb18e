/**
 * Messages on their way to a system beyond the gateway: read from the store behind a durable cursor (cursor.ts), handed to
 * a sink, and behind the cursor once the sink has said that the other side has them.
 *
 * One message of a board is on its way at a time: whatever is refused or lost, its next one waits for it, so the order of
 * a board holds. Those of other boards pass meanwhile; a board whose message is held goes aside (aside-boards.ts).
 */
import type { Waits } from "../platform/backoff.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { DeliveredMessage, Store } from "../store/store.ts";
import type { AsideBoard } from "./aside-board.ts";
import { AsideBoards } from "./aside-boards.ts";
import { Blame } from "./blame.ts";
import { type AsideDocument, type CursorDocument, CursorKeeper } from "./cursor.ts";
import { type Flight, Flights } from "./flights.ts";
import { Lane } from "./lane.ts";
import { Oldest } from "./oldest.ts";
import { Places } from "./places.ts";
import { Held, idOf, Refusal, type Sink } from "./sink.ts";
import { Teller } from "./tell.ts";
import { Turns } from "./turns.ts";
import type { ForwarderView } from "./upstream.ts";
import { WholeRetry } from "./whole-retry.ts";

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
  /** ms until what was not taken is tried again: the first time, and at most. */
  waits?: Waits;
}

/** A board that is aside, and the number of its first message. */
export type AsideFirst = Pick<AsideDocument, "device" | "next">;

const WAITS: Waits = { leastMs: 500, mostMs: 30_000 };

export class Forwarder {
  private sink: Sink | null = null;
  private sent = 0;
  /** Why the last board was held. */
  private heldFault = "";
  private isStopped = false;
  private readonly places = new Places();
  private readonly flights = new Flights();
  private readonly blame = new Blame();
  private readonly aside: AsideBoards;
  private readonly lane: Lane;
  private readonly keeper: CursorKeeper;
  private readonly whole: WholeRetry;
  private readonly teller: Teller;
  private readonly turns: Turns;
  private readonly oldest: Oldest;

  constructor(private readonly options: ForwarderOptions) {
    const { name, store, accepts, clock, log, waits = WAITS } = options;
    this.keeper = new CursorKeeper(name, store, () => this.document());
    this.teller = new Teller(name, log);
    this.whole = new WholeRetry(this.teller, waits, () => this.wake());
    this.aside = new AsideBoards({
      ...{ store, accepts, waits },
      wall: () => clock.wall(),
      onReady: () => this.wake(),
      onOver: (n) => {
        this.lane.disown(n);
        this.keeper.touch();
      },
      onMissed: (count) => {
        this.lane.missed += count;
        this.tellMissed(count);
      },
      onJoined: (device) => {
        this.teller.joined(device);
        this.keeper.touch();
      },
    });
    this.lane = new Lane({
      ...{ store, accepts, aside: this.aside },
      onMissed: (count) => this.tellMissed(count),
      onMoved: () => this.keeper.touch(),
      isWanted: () => this.sink !== null && !this.whole.isWaiting,
      onRead: () => this.wake(),
      onFault: (error) => this.tryLater(`the store could not be read: ${textOf(error)}`),
    });
    this.turns = new Turns({ lane: this.lane, aside: this.aside, flights: this.flights, blame: this.blame });
    this.oldest = new Oldest(store, () => this.first);
  }

  /** The store is open. */
  async load(): Promise<void> {
    const { store, from } = this.options;
    const begin = from === "now" ? store.next : 1;
    const found = (await this.keeper.load()) ?? { next: begin, missed: 0, refused: 0, place: 0 };
    const { next, reached = next, missed, refused, place, side = "", aside = [] } = found;
    // A store that was put back to an earlier day has its cursor from there as well.
    this.lane.load(Math.min(reached, store.next), missed, refused);
    this.aside.load(aside, this.lane.next);
    // How far beyond its cursor an earlier process had come is not known.
    this.places.load(side, place, store.next);
    this.keeper.save();
    this.oldest.look();
  }

  /**
   * The other side is there: what it may not have is handed on, from the cursor on. `stands`: which side it is and the
   * place from which on it has been asked what it has; for sinks that count.
   */
  begin(sink: Sink, stands?: { side: string; place: number }): void {
    this.rewind();
    this.aside.begin(stands?.place);
    if (stands !== undefined) {
      this.places.begin(stands.side, stands.place);
      this.keeper.save();
    }
    this.sink = sink;
    this.blame.clear();
    this.whole.reset();
    this.wake();
  }

  /** The other side is away. What was on its way is handed on again. */
  pause(): void {
    this.sink = null;
    this.rewind();
    this.flights.giveUp();
    this.wake();
  }

  /** There may be something to do. */
  wake(): void {
    const { sink } = this;
    if (this.isStopped) return;
    if (sink === null || this.whole.isWaiting) return this.oldest.look();
    for (const message of this.turns.next(sink.window)) {
      this.fly(message, sink);
      // It may have told at once that it is over.
      if (sink !== this.sink) return;
    }
    this.lane.wake();
  }

  /** The first message that the other side may not have, those of boards aside included. */
  get first(): number {
    return Math.min(this.lane.next, this.aside.first);
  }

  /** Boards whose messages are held, each with the first of them that the other side may not have. */
  get asides(): readonly AsideFirst[] {
    return this.aside.documents();
  }

  /** Up to here all is over, but for what is `isAside`. */
  get reached(): number {
    return this.lane.next;
  }

  /** Whether it is of a board whose messages are held, and waits there. */
  isAside({ device, n }: DeliveredMessage): boolean {
    return n >= (this.aside.get(device)?.next ?? Infinity);
  }

  /** Messages, and numbers of those that are over, that it keeps in memory. */
  get kept(): number {
    return this.lane.size + this.flights.size + this.aside.kept;
  }

  /** Where the other side, which is `sideOfCursor`, stood before any message behind the cursor was sent first. */
  get placeOfCursor(): number {
    return Math.min(this.places.before(this.lane.next), this.aside.place);
  }

  get sideOfCursor(): string {
    return this.places.side;
  }

  /** Sends nothing more, and waits for what is on its way, at most `ms`. */
  async stop(ms: number): Promise<void> {
    this.isStopped = true;
    this.whole.reset();
    this.aside.stop();
    this.lane.stop();
    if (this.sink !== null) await this.flights.landed(ms);
    this.keeper.stop();
  }

  view(): ForwarderView {
    const { sent, flights, aside } = this;
    const { next, missed, refused, waiting } = this.lane;
    const first = [...flights.messages, ...aside.heads, ...waiting.slice(0, 1)];
    const oldestAt = first.reduce((least, { at }) => Math.min(least, at), Infinity);
    const behind = Math.max(0, this.options.store.next - next) + aside.behind;
    const isNothingTaken = aside.size > 0 && !this.blame.isAnythingTaken;
    return {
      behind,
      oldestAt: behind === 0 ? 0 : oldestAt === Infinity ? this.oldest.at : oldestAt,
      inFlight: flights.size,
      ...{ sent, repeated: flights.repeated, missed, refused },
      fault: this.whole.fault || (isNothingTaken ? this.heldFault : ""),
      aside: aside.views(),
    };
  }

  private document(): CursorDocument {
    const { next, missed, refused } = this.lane;
    const { first, aside, placeOfCursor: place, sideOfCursor: side } = this;
    const kept = { next: first, missed, refused, place, ...(side !== "" && { side }) };
    return aside.size === 0 ? kept : { ...kept, reached: next, aside: aside.documents() };
  }

  private rewind(): void {
    this.places.rewind(this.lane.next);
    this.flights.forget();
    this.lane.rewind();
    this.whole.stop();
  }

  private fly(message: DeliveredMessage, sink: Sink): void {
    const { n, device } = message;
    const flight = this.flights.begin(message);
    if (n >= this.lane.next) this.places.launched(n);
    sink.send(message, idOf(message)).then(
      (place) => {
        this.sent++;
        this.places.taken(place);
        this.blame.taken(device);
        this.whole.taken(n, this.lane.next);
        this.land(flight, { place });
      },
      (error: unknown) => {
        if (error instanceof Refusal) {
          this.teller.refused(message, error.message);
          this.land(flight, { refused: 1 });
        }
        // One of an earlier connection is on its way again.
        else if (this.flights.end(flight)) this.fail(message, error);
      },
    );
  }

  private land(flight: Flight, { place = 0, refused = 0 }): void {
    this.flights.land(flight);
    if (this.aside.land(flight.message, place)) this.lane.refused += refused;
    else this.lane.land(flight.message.n, refused);
    this.wake();
  }

  private fail(message: DeliveredMessage, error: unknown): void {
    const { device, n } = message;
    if (this.isStopped) return;
    const board = this.aside.get(device);
    // Unless an earlier flight of it has arrived after all.
    if (board === undefined && !this.lane.isOver(n)) this.blameFor(message, error);
    if (board !== undefined && board.next <= n) this.hold(board, error);
    this.wake();
  }

  private blameFor(message: DeliveredMessage, error: unknown): void {
    const { blame, aside } = this;
    const { device, n } = message;
    const isAlone = this.turns.isAlone(device);
    if (blame.isOwn(device, n, error, isAlone) && aside.hasRoom) this.putAside(message, error);
    else this.tryLater(textOf(error), n);
  }

  private putAside(message: DeliveredMessage, error: unknown): void {
    const { device, n } = message;
    const board = this.aside.add(message, this.places.before(this.lane.next));
    this.blame.held();
    this.teller.held(device, textOf(error));
    this.hold(board, error);
    this.whole.taken(n, this.lane.next);
    this.lane.leave(board, n);
    this.keeper.touch();
  }

  private hold(board: AsideBoard, error: unknown): void {
    const isHeld = error instanceof Held;
    this.heldFault = textOf(error);
    // The other side has nothing of what the board says from there on.
    if (isHeld) board.place = Math.max(board.place, this.places.now);
    this.aside.wait(board, textOf(error), isHeld ? error.mend : "");
  }

  private tellMissed(count: number): void {
    this.teller.missed(count);
    this.keeper.touch();
  }

  /** The other side is there and takes nothing, or the store gives nothing: all from the cursor on again, later. */
  private tryLater(fault: string, n?: number): void {
    this.rewind();
    this.whole.wait(fault, n);
  }
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
