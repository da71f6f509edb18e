/** Whose message is handed on next: each board's first one that waits, and no more of them than may be on their way. */
import type { DeliveredMessage } from "../store/store.ts";
import type { AsideBoards } from "./aside-boards.ts";
import type { Blame } from "./blame.ts";
import type { Flights } from "./flights.ts";
import type { Lane } from "./lane.ts";

interface Waiting {
  lane: Lane;
  aside: AsideBoards;
  flights: Flights;
  blame: Blame;
}

export class Turns {
  /** The last place was given to a board that is aside. */
  private wasAside = false;

  constructor(private readonly waiting: Waiting) {}

  /** Each is on its way before the next one is asked for. Those that failed just now come last. */
  *next(window: number): Generator<DeliveredMessage> {
    const { flights, blame, aside } = this.waiting;
    if (aside.size > 0 && !this.wasAside) yield* this.fromAside(window);
    yield* this.fromLane(window, false);
    if (aside.size > 0 && flights.size < window) yield* this.fromAside(window);
    if (blame.hasSuspects) yield* this.fromLane(window, true);
  }

  /** Of what is read ahead all is the board's, or theirs that failed as well: nobody else has a turn. */
  isAlone(device: string): boolean {
    const { lane, blame } = this.waiting;
    return (
      lane.isFull(1) && lane.waiting.every((one) => one.device === device || blame.isSuspect(one.device))
    );
  }

  /** Those that are held may take their time to be refused once more: they leave most places to the others. */
  private *fromAside(window: number): Generator<DeliveredMessage> {
    const { flights, aside } = this.waiting;
    let free = Math.max(1, window >> 2) - flights.countOf(({ device }) => aside.get(device) !== undefined);
    for (const message of aside.ready()) {
      if (free <= 0 || flights.size >= window) return;
      if (flights.has(message.device)) continue;
      this.wasAside = true;
      aside.turn(message.device);
      yield message;
      free--;
    }
  }

  private *fromLane(window: number, isSuspect: boolean): Generator<DeliveredMessage> {
    const { flights, lane, blame } = this.waiting;
    for (let i = 0; i < lane.waiting.length && flights.size < window; ) {
      const message = lane.waiting[i];
      if (flights.has(message.device) || blame.isSuspect(message.device) !== isSuspect) i++;
      else {
        lane.waiting.splice(i, 1);
        // A word about an earlier flight of it may have come since it was read.
        if (lane.isOver(message.n)) continue;
        this.wasAside = false;
        yield message;
      }
    }
  }
}
