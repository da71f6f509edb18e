/**
 * The messages behind a cursor, read from the store in their order: those that wait to be handed on, and those that are
 * over, until the cursor passes them.
 *
 *   … over │ next   over   waiting   over   waiting │ readNext …
 */
import type { DeliveredMessage, Store } from "../store/store.ts";
import { type Page, StoreFollower } from "../store/store-follower.ts";
import type { AsideBoard } from "./aside-board.ts";
import type { AsideBoards } from "./aside-boards.ts";
import { OverBook } from "./over.ts";

/** Messages read ahead, for one that waits must not hold up other boards. */
const AHEAD = 256;
/** Beyond the cursor, those that are over: no more is read while the first of all takes its time. */
const MOST_OVER = 16_384;

interface LaneOptions {
  store: Pick<Store, "read" | "next">;
  /** What is not accepted is passed over. */
  accepts(message: DeliveredMessage): boolean;
  /** Those whose messages are not in it. */
  aside: AsideBoards;
  /** The store gave up so many before they were handed on. */
  onMissed(count: number): void;
  onMoved(): void;
  /** Whether there is somebody to hand messages on to. */
  isWanted(): boolean;
  /** There is more to hand on. */
  onRead(): void;
  /** The store could not be read. */
  onFault(error: unknown): void;
}

export class Lane {
  /** All before it is over, or of a board that is aside. */
  next = 1;
  missed = 0;
  refused = 0;
  waiting: DeliveredMessage[] = [];
  private readonly over = new OverBook<AsideBoard>();
  private readonly follower: StoreFollower;

  constructor(private readonly options: LaneOptions) {
    const { store, onFault, isWanted } = options;
    this.follower = new StoreFollower({
      store,
      room: () => (isWanted() && !this.isFull() && this.over.size < MOST_OVER ? AHEAD : 0),
      take: (page) => this.take(page),
      onFault,
    });
  }

  load(next: number, missed: number, refused: number): void {
    Object.assign(this, { next, missed, refused });
    this.follower.next = next;
  }

  /** Messages that wait, and those that are over. */
  get size(): number {
    return this.over.size + this.waiting.length;
  }

  /** With so many more there is no room for others. */
  isFull(more = 0): boolean {
    return this.waiting.length + more >= AHEAD;
  }

  isOver(n: number): boolean {
    return n < this.next || this.over.has(n);
  }

  rewind(): void {
    this.waiting = [];
    this.follower.next = this.next;
  }

  /** Reads on, where there is more, and room for it. */
  wake(): void {
    this.follower.wake();
  }

  stop(): void {
    this.follower.stop();
  }

  /** The other side has it, or never will. */
  land(n: number, refused: number): void {
    if (n >= this.next) this.over.set(n, { refused });
    this.advance();
  }

  /** The board goes on by itself, from `n` on. */
  leave(board: AsideBoard, n: number): void {
    this.over.set(n, { owner: board });
    for (const one of this.waiting)
      if (this.options.aside.claim(one) === board) this.over.set(one.n, { owner: board });
    this.waiting = this.waiting.filter(({ device }) => device !== board.device);
    this.advance();
  }

  /** A board that is aside has handed it on. */
  disown(n: number): void {
    this.over.disown(n);
  }

  private take({ messages, gaps }: Page): void {
    for (const { from, to } of gaps) this.miss(from, to);
    for (const message of messages) this.place(message);
    this.advance();
    this.options.onRead();
  }

  private place(message: DeliveredMessage): void {
    const { n } = message;
    const { aside, accepts } = this.options;
    if (this.over.has(n)) return;
    const owner = aside.claim(message);
    if (owner !== undefined) this.over.set(n, n < owner.next ? {} : { owner });
    else if (accepts(message)) this.waiting.push(message);
    else this.over.set(n);
  }

  private miss(from: number, to: number): void {
    const count = this.over.miss(from, to);
    if (count > 0) this.options.onMissed(count);
  }

  private advance(): void {
    const { aside, onMoved } = this.options;
    const before = this.next;
    for (const [n, { end, missed = 0, refused = 0, owner }] of this.over.pass(this.next)) {
      this.next = end;
      this.missed += missed;
      this.refused += refused;
      if (owner !== undefined && !aside.pass(owner, n)) this.missed++;
    }
    aside.reach(this.next);
    if (this.next !== before) onMoved();
  }
}
