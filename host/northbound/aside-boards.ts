/**
 * The boards whose messages are held. Each goes on from its own cursor, one message at a time, up to where the others have
 * been read; once it has caught up it is one of them again.
 *
 *   others   ─────────────────────────────▶ reached … read
 *   board A  ──▶ next, held ·  ·   ·    ·              ·  : passed over by the others, A's own to hand on
 */
import type { Waits } from "../platform/backoff.ts";
import { Retry } from "../platform/retry.ts";
import type { DeliveredMessage, Store } from "../store/store.ts";
import { AsideBoard, type AsideView } from "./aside-board.ts";
import type { AsideDocument } from "./cursor.ts";

/** More of them are no matter of single boards any more. */
const MOST = 64;
/** Of a board read at once. */
const READ = 16;

export interface AsideOptions {
  store: Pick<Store, "read" | "fill">;
  accepts(message: DeliveredMessage): boolean;
  waits: Waits;
  /** ms since 1970. */
  wall(): number;
  /** There is something to hand on. */
  onReady(): void;
  /** A message of theirs is no longer theirs to hand on. */
  onOver(n: number): void;
  /** The store gave up so many before they were handed on. */
  onMissed(count: number): void;
  /** The board is one of the others again. */
  onJoined(device: string): void;
}

export class AsideBoards {
  private readonly boards = new Map<string, AsideBoard>();
  /** How far all has come but for these boards. */
  private reached = 1;

  constructor(private readonly options: AsideOptions) {}

  load(documents: readonly AsideDocument[], reached: number): void {
    this.reached = reached;
    for (const one of documents)
      this.boards.set(
        one.device,
        AsideBoard.of({ ...one, next: Math.min(one.next, reached) }, reached, this.newRetry()),
      );
  }

  private newRetry(): Retry {
    const { waits, onReady } = this.options;
    return new Retry(() => waits, onReady);
  }

  get hasRoom(): boolean {
    return this.boards.size < MOST;
  }

  get size(): number {
    return this.boards.size;
  }

  get(device: string): AsideBoard | undefined {
    return this.boards.get(device);
  }

  /** Their first message that the other side may not have; Infinity: there is none. */
  get first(): number {
    return Math.min(Infinity, ...[...this.boards.values()].map(({ next }) => next));
  }

  /** Where the other side stood before any of their messages was sent first; Infinity: there is none. */
  get place(): number {
    return Math.min(Infinity, ...[...this.boards.values()].map(({ place }) => place));
  }

  get behind(): number {
    return [...this.boards.values()].reduce((sum, { passed }) => sum + passed.total, 0);
  }

  /** Messages that were read. */
  get kept(): number {
    return [...this.boards.values()].reduce((sum, { messages }) => sum + messages.length, 0);
  }

  /** Those that were read: each board's next. */
  get heads(): DeliveredMessage[] {
    return [...this.boards.values()].flatMap(({ messages }) => messages.slice(0, 1));
  }

  /** Its message is not taken, and what follows it waits for it. */
  add(message: DeliveredMessage, place: number): AsideBoard {
    const { device, n } = message;
    const board = new AsideBoard(device, n, n + 1, place, this.options.wall(), this.newRetry());
    board.messages.push(message);
    this.boards.set(device, board);
    return board;
  }

  /** -> whose message the others leave alone, if it is that of a board here. */
  claim({ device, n }: DeliveredMessage): AsideBoard | undefined {
    const board = this.boards.get(device);
    if (board !== undefined && n >= board.until) board.until = n + 1;
    return board;
  }

  /** The cursor of the others has passed a message of `board`. -> false: the store gave it up before it was handed on */
  pass(board: AsideBoard, n: number): boolean {
    if (this.boards.get(board.device) !== board || n < board.next) return false;
    board.passed.add(n);
    return true;
  }

  reach(reached: number): void {
    this.reached = reached;
  }

  /** Not taken once more. */
  wait(board: AsideBoard, fault: string, mend: string): void {
    board.wait(fault, mend);
  }

  /** The other side has it, or never will. -> whether it is one of these, and was not over before */
  land({ device, n }: DeliveredMessage, place: number): boolean {
    const board = this.boards.get(device);
    if (board === undefined || board.next > n) return false;
    board.advance(n, place, this.reached);
    board.goOn();
    this.options.onOver(n);
    return true;
  }

  /** Another connection: what was forbidden may be allowed. `place`: from where on the other side was asked what it has. */
  begin(place?: number): void {
    for (const board of this.boards.values()) {
      board.stop();
      board.place = place ?? board.place;
    }
  }

  stop(): void {
    for (const board of this.boards.values()) board.stop();
  }

  /** It is last the next time. */
  turn(device: string): void {
    const board = this.boards.get(device)!;
    this.boards.delete(device);
    this.boards.set(device, board);
  }

  /** What may be handed on now, at most one message of a board. */
  *ready(): Generator<DeliveredMessage> {
    for (const board of [...this.boards.values()]) {
      if (board.isWaiting) continue;
      this.giveUp(board);
      this.skip(board);
      const [message] = board.messages;
      if (message === undefined) void this.read(board);
      else yield message;
    }
  }

  /** What is not for the other side. */
  private skip(board: AsideBoard): void {
    const { accepts, onOver } = this.options;
    for (let [one] = board.messages; one !== undefined && !accepts(one); [one] = board.messages) {
      board.advance(one.n, 0, this.reached);
      onOver(one.n);
    }
  }

  /** What the store has given up. Those beyond the others' cursor are counted when that passes them. */
  private giveUp(board: AsideBoard): void {
    const { store, onMissed } = this.options;
    const { oldest } = store.fill;
    if (oldest <= board.next) return;
    let count = 0;
    for (let [one] = board.messages; one !== undefined && one.n < oldest; [one] = board.messages) {
      count += Number(one.n < this.reached);
      board.advance(one.n, 0, this.reached);
    }
    count += board.passed.drop(oldest);
    if (count > 0) onMissed(count);
  }

  private async read(board: AsideBoard): Promise<void> {
    if (board.isReading) return;
    board.isReading = true;
    const { store, onReady } = this.options;
    const { until } = board;
    try {
      const found = await store.read(board.next, READ, board.device);
      board.messages = found.filter(({ n }) => n >= board.next && n < board.until);
      if (board.messages.length === 0 && until === board.until) this.join(board);
    } catch (error) {
      this.wait(board, `the store could not be read: ${error instanceof Error ? error.message : error}`, "");
    } finally {
      board.isReading = false;
    }
    onReady();
  }

  /** All its messages that the others passed over are over. */
  private join(board: AsideBoard): void {
    const { onMissed, onJoined } = this.options;
    this.boards.delete(board.device);
    // Those that the store gave up, and that nobody could tell the numbers of.
    if (board.passed.total > 0) onMissed(board.passed.total);
    onJoined(board.device);
  }

  documents(): AsideDocument[] {
    return [...this.boards.values()].map((board) => board.document());
  }

  views(): AsideView[] {
    return [...this.boards.values()]
      .map((board) => board.view())
      .sort((a, b) => a.since - b.since || (a.device < b.device ? -1 : 1));
  }
}
