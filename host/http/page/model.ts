/** All that the page knows, in slices; what every view needs of the gateway itself is here. */
import type { ProblemsView } from "../../problems/problem.ts";
import { BoardsModel } from "./boards-model.ts";
import { NewestModel } from "./newest-model.ts";
import type { Gap, Message, Ports, Session, Status } from "./shapes.ts";
import { Answer, type Ask, type Slice } from "./slice.ts";
import { BoardModel } from "./views/board-model.ts";
import { ComponentModel } from "./views/component-model.ts";
import { IrcModel } from "./views/irc-model.ts";
import type { AuditedKill } from "./views/kills.tsx";
import { TimelineModel } from "./views/timeline-model.ts";
import type { Letter, Peers, Queues, Upstream } from "./wire-shapes.ts";
import { WorkModel } from "./work-model.ts";

/** Messages of the past a page begins with, and goes back to when more went by: enough to fill its lists. */
export const REPLAY = 500;
const STATUS_EVERY_MS = 5000;
/** Clocks that are no further apart are the same one: an answer takes its time. */
const CLOCKS_APART_MS = 2000;
const PROBLEMS_EVERY_MS = 15_000;
const PORTS_EVERY_MS = 5000;
const QUEUES_EVERY_MS = 2000;
/** What changes with a person's deeds, and seldom else. */
const RARE_EVERY_MS = 10_000;

/** connecting: not yet; refused: the token is not valid (any more); tokenless: there is none. */
export type Feed = "connecting" | "live" | "lost" | "refused" | "tokenless";

/** What is shown is how things were. */
export function isPast(feed: Feed): boolean {
  return feed !== "connecting" && feed !== "live";
}

export class Model {
  feed: Feed = "connecting";
  /** When the page last heard of the gateway, by its clock, ms since 1970. */
  heardAt = 0;
  /** By how much the gateway's clock is ahead of this machine's. */
  private aheadMs = 0;
  status: Status | null = null;
  /** Messages are numbered anew: what is shown is void. */
  isAnew = false;
  /** The message to go on with; 0 before the first status. */
  next = 0;

  readonly boards = new BoardsModel();
  readonly newest = new NewestModel();
  readonly problems = new Answer<ProblemsView>("/api/v1/problems", PROBLEMS_EVERY_MS, "problems");
  readonly ports = new Answer<Ports>("/api/v1/ports", PORTS_EVERY_MS);
  readonly sessions = new Answer<{ sessions: Session[] }>("/api/v1/sessions", PORTS_EVERY_MS);
  readonly queues = new Answer<Queues>("/api/v1/queue", QUEUES_EVERY_MS);
  readonly letters = new Answer<{ dead: Letter[] }>("/api/v1/queue/dead", RARE_EVERY_MS);
  readonly upstreams = new Answer<{ northbound: Upstream[] }>("/api/v1/northbound", QUEUES_EVERY_MS);
  readonly peers = new Answer<Peers>("/api/v1/peers", PORTS_EVERY_MS);
  readonly work = new WorkModel();
  readonly kills = new Answer<{ kills: AuditedKill[] }>("/api/v1/kills?limit=50", PORTS_EVERY_MS);
  readonly irc = new IrcModel();
  readonly timeline = new TimelineModel();

  /** The one that is looked at. */
  board = new BoardModel("");
  component = new ComponentModel("");

  readonly statusAsk: Ask = {
    key: "status",
    path: () => "/api/v1/status",
    everyMs: STATUS_EVERY_MS,
    take: (status: Status) => this.takeStatus(status),
  };
  private readonly messages: Slice = {
    asks: [],
    events: {
      message: (message: Message) => this.takeMessage(message),
      gap: (gap: Gap) => this.takeGap(gap),
    },
  };
  /** Whichever view is open. */
  readonly always: readonly Slice[] = [this.problems];
  /** All whose events are heard. */
  readonly slices: readonly Slice[] = [
    ...[this.messages, this.boards, this.problems, this.ports],
    ...[this.work.components, this.work.tasks, this.irc, this.timeline],
  ];

  get isControl(): boolean {
    return this.status?.role === "control";
  }

  /** A board is looked at. */
  openBoard(id: string): readonly Slice[] {
    if (this.board.id !== id) this.board = new BoardModel(id);
    return [this.boards, ...this.board.slices];
  }

  /** A component is looked at, or all of them. */
  openComponent(name: string): readonly Slice[] {
    if (name === "") return [this.work.components];
    if (this.component.name !== name) this.component = new ComponentModel(name);
    return [this.component.answer];
  }

  /** All that the gateway tells of is by its clock: what is to be so old, or to come from so far back, counts from here. */
  get now(): number {
    return Date.now() + this.aheadMs;
  }

  takeStatus(status: Status): void {
    const aheadMs = status.at - Date.now();
    // Times on the page do not tremble with how long each answer took.
    if (Math.abs(aheadMs) < CLOCKS_APART_MS) this.aheadMs = 0;
    else if (Math.abs(aheadMs - this.aheadMs) >= CLOCKS_APART_MS) this.aheadMs = aheadMs;
    this.isAnew = this.status?.epoch !== status.epoch;
    this.status = status;
    this.boards.toldN = status.store.next - 1;
    if (!this.isAnew) this.skipTo(status.store.next - REPLAY);
  }

  /** What was shown is void, and `next` starts over. */
  beginAnew(): void {
    this.isAnew = false;
    this.newest.clear();
    for (const slice of this.slices) slice.clear?.();
    this.next = Math.max(1, (this.status?.store.next ?? 1) - REPLAY);
  }

  takeMessage(message: Message): void {
    // A stream that was opened anew may begin with what is here already.
    if (message.n < this.next) return;
    this.next = message.n + 1;
    this.newest.takeMessage(message);
    this.boards.takeMessage(message);
  }

  takeGap(gap: Gap): void {
    this.newest.takeGap(gap);
    this.next = gap.to + 1;
  }

  /** So much went by, as while nobody looked, that the page does not read it all: it is counted. */
  private skipTo(n: number): void {
    if (this.feed !== "live" && n > this.next) this.takeGap({ from: this.next, to: n - 1 });
  }
}
