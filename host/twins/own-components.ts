/**
 * The gateway's own parts as components of the hub: how each is, what boards say, and tasks to boards.
 *
 *   part ─heartbeat─▶ tech      board ─message─▶ com: data:bowline_sim-1      com: config:bowline_sim-1 ─request─▶ board
 */
import type { OwnHeartbeat } from "../hub/views.ts";
import { formatData } from "../monique/data.ts";
import { drawId } from "../monique/id.ts";
import type { Message } from "../monique/message.ts";
import type { RequestBook } from "../peers/request-book.ts";
import type { Clock } from "../platform/clock.ts";
import type { Router } from "../router/router.ts";
import type { DeliveredMessage } from "../store/store.ts";
import { BoardWords } from "./board-words.ts";
import { BoardWorkers } from "./board-workers.ts";
import { Heartbeats } from "./heartbeats.ts";
import { PartNames } from "./names.ts";
import { boardPart, otherParts, type Part, type Seen } from "./parts.ts";
import type { Withdrawing } from "./withdraw.ts";

/** What it needs of the hub. */
export interface OwnHub {
  /** Whether anybody might hear what is published. */
  readonly isHeard: boolean;
  beat(heartbeat: OwnHeartbeat): void;
  publish(message: Message): void;
  forget(name: string): void;
}

export interface OwnComponentOptions {
  /** What their names begin with. */
  project: string;
  /** Of the gateway. */
  creator: string;
  frequencyMs: number;
  hub: OwnHub;
  router: Pick<Router, "submit" | "messages"> & Withdrawing;
  book: Pick<RequestBook, "byKey" | "outcome" | "asks" | "facts" | "isOpen">;
  clock: Clock;
  seen: Omit<Seen, "wordsOf">;
  /** Whether it is a board of this gateway. */
  isBoard(id: string): boolean;
  /** A message of a board in words for people. */
  say(message: Pick<DeliveredMessage, "device" | "message">): string;
}

export class OwnComponents {
  readonly workers: BoardWorkers;
  private readonly names: PartNames;
  private readonly heartbeats: Heartbeats;
  private readonly words: BoardWords;
  private readonly seen: Seen;
  private unsubscribe: (() => void) | undefined;

  constructor(private readonly options: OwnComponentOptions) {
    const { project, creator, frequencyMs, clock, router, book, isBoard, hub } = options;
    this.names = new PartNames(project);
    this.words = new BoardWords(options.say);
    this.seen = { ...options.seen, wordsOf: (board) => this.words.of(board) };
    this.heartbeats = new Heartbeats({
      ...{ creator, frequencyMs, clock },
      quiet: () => otherParts(this.names, this.seen),
      find: (name) => this.partOf(name),
      beat: (heartbeat) => hub.beat(heartbeat),
      forget: (name) => hub.forget(name),
    });
    const { names: taken } = this.heartbeats;
    this.workers = new BoardWorkers({ names: this.names, ...{ router, book, clock, isBoard, taken } });
  }

  /** Boards are known. */
  open(): void {
    for (const { id } of this.seen.boards()) this.workers.noteBoard(id);
  }

  start(): void {
    this.unsubscribe = this.options.router.messages.subscribe((message) => this.hear(message));
    for (const board of this.seen.boards()) this.heartbeats.lookAt(boardPart(this.names, board, this.seen));
    this.heartbeats.start();
  }

  stop(): void {
    this.unsubscribe?.();
    this.heartbeats.stop();
  }

  /** A board came, went or changed. */
  noteBoard(board: ReturnType<Seen["boards"]>[number]): void {
    this.workers.noteBoard(board.id);
    if (this.unsubscribe !== undefined) this.heartbeats.lookAt(boardPart(this.names, board, this.seen));
  }

  /** What is not a board may be other than before. */
  look(): void {
    if (this.unsubscribe !== undefined) this.heartbeats.look();
  }

  private hear({ device, message, at }: DeliveredMessage): void {
    // Those behind another gateway are told by that one. A reply is for who asked.
    if (!this.options.isBoard(device) || "re" in message) return;
    // Until its first words all that is said of a board is where it is.
    if (this.words.note({ device, message })) this.heartbeats.hurry(this.names.board(device));
    if (!this.options.hub.isHeard) return;
    this.options.hub.publish({
      ...{ id: drawId(), pid: "", creator: this.options.creator, created_at: at, expires_at: 0 },
      ...{ spec: this.names.board(device), encoding: "JSON", type: "data", data: formatData(message) },
    });
  }

  private partOf(name: string): Part | undefined {
    const id = this.workers.boardOf(name);
    const board = id === undefined ? undefined : this.seen.board(id);
    return board && boardPart(this.names, board, this.seen);
  }
}
