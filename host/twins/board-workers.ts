/**
 * Boards as workers of the hub: a task is a request to a board, and its id the request's key, so that it is done once
 * whatever restarts meanwhile.
 *
 *   task ─run─▶ request, key = id ─bytes leave─▶ onRunning ─outcome─▶ onResult | onError
 *     kill ─▶ withdrawn while no byte has left, else the board is told and frees what it held (MoniQue KILL4)
 */
import type { LocalKill, LocalTask, LocalTaskEvents, LocalWorkers } from "../hub/local-workers.ts";
import { ErrorCode, KILLED_TEXT } from "../monique/codes.ts";
import type { Outcome, RequestBook } from "../peers/request-book.ts";
import type { Clock } from "../platform/clock.ts";
import { BowlineError } from "../platform/errors.ts";
import { suggest } from "../platform/suggest.ts";
import type { Router } from "../router/router.ts";
import { type BoardTask, readBoardTask } from "./board-task-content.ts";
import type { PartNames } from "./names.ts";
import { type Withdrawing, withdraw } from "./withdraw.ts";

export interface BoardWorkerServices {
  names: PartNames;
  router: Pick<Router, "submit"> & Withdrawing;
  book: Pick<RequestBook, "byKey" | "outcome" | "asks" | "facts" | "isOpen">;
  clock: Clock;
  /** Whether it is a board of this gateway, also one that is away. */
  isBoard(id: string): boolean;
  /** Names of all its parts. */
  taken: ReadonlySet<string>;
}

interface Running {
  controller: AbortController;
  /** 0: not accepted yet. */
  rq: number;
  device: string;
  events: LocalTaskEvents;
  isTold: boolean;
  /** It was killed: what becomes of that; null: it was not. */
  withdrawing: Promise<LocalKill> | null;
}

/** Of a task that never expires. */
const DEFAULT_TIMEOUT_MS = 60_000;
/** As long as any request may wait. */
const MAX_TIMEOUT_MS = 3_600_000;

export class BoardWorkers implements LocalWorkers {
  private readonly running = new Map<string, Running>();
  private readonly byRequest = new Map<number, Running>();
  /** Boards by their spec. */
  private readonly bySpec = new Map<string, string>();

  constructor(private readonly services: BoardWorkerServices) {}

  accepts(spec: string): boolean {
    const { names } = this.services;
    if (!names.isOfProject(spec)) return false;
    return spec === names.request || this.boardOf(spec) !== undefined;
  }

  refusal(spec: string): string | undefined {
    const { names, taken } = this.services;
    if (!names.isOfProject(spec) || this.accepts(spec)) return undefined;
    if (taken.has(spec)) return `${spec} is a part of the gateway and takes no tasks; boards do`;
    const known = [...this.bySpec.keys()].filter((one) => this.boardOf(one) !== undefined);
    const near = suggest(
      names.ownOf(spec),
      known.map((one) => names.ownOf(one)),
    );
    const like = known.find((one) => names.ownOf(one) === near);
    const seen = `there is no board for ${spec}, and no component listens for it`;
    return like === undefined ? seen : `${seen}; did you mean ${like}?`;
  }

  names(): ReadonlySet<string> {
    return this.services.taken;
  }

  /** There is such a board. */
  noteBoard(id: string): void {
    this.bySpec.set(this.services.names.board(id), id);
  }

  run(task: LocalTask, events: LocalTaskEvents): void {
    const { id, spec, message } = task;
    if (this.running.has(id)) throw new Error(`task ${id} is being run already`);
    const asked = readBoardTask(message, this.boardOf(spec));
    if (typeof asked === "string") return events.onError(ErrorCode.INPUT, asked);
    const remainingMs = this.timeOf(message.expires_at);
    const running: Running = {
      ...{
        controller: new AbortController(),
        rq: 0,
        device: asked.device,
        events,
        isTold: false,
        withdrawing: null,
      },
    };
    this.running.set(id, running);
    this.ask(id, asked, remainingMs, running).then(
      (end) => this.end(id, running, end),
      (error) => this.refuse(id, running, error),
    );
  }

  async kill(id: string): Promise<LocalKill> {
    const running = this.running.get(id);
    if (running === undefined) return "unknown";
    if (running.rq !== 0) {
      running.withdrawing ??= withdraw(this.services.router, running.rq);
      return running.withdrawing;
    }
    // It is withdrawn as soon as it is accepted, in the same turn.
    running.controller.abort();
    return "withdrawn";
  }

  /** A request is other than before: its bytes may have left. */
  noteRequest(rq: number): void {
    const { book } = this.services;
    const running = this.byRequest.get(rq);
    if (running === undefined || running.isTold) return;
    if (!book.isOpen(rq) || book.facts(rq)?.isSent !== true) return;
    running.isTold = true;
    running.events.onRunning(running.device);
  }

  private async ask(
    id: string,
    { device, message }: BoardTask,
    remainingMs: number,
    running: Running,
  ): Promise<Outcome> {
    const { book, router } = this.services;
    const known = book.byKey(id);
    if (known !== undefined) {
      if (!book.asks(known, device, message))
        return { outcome: "rejected", code: "KEY_REUSED", reason: REUSED };
      return this.follow(known, running, book.outcome(known)!);
    }
    if (remainingMs <= 0)
      return { outcome: "expired", reason: "its time was over when it came to its board" };
    const { signal } = running.controller;
    const { rq, outcome } = await router.submit(device, message, remainingMs, { key: id, signal });
    return this.follow(rq, running, outcome);
  }

  private follow(rq: number, running: Running, outcome: Promise<Outcome>): Promise<Outcome> {
    running.rq = rq;
    this.byRequest.set(rq, running);
    this.noteRequest(rq);
    return outcome;
  }

  private async end(id: string, running: Running, end: Outcome): Promise<void> {
    // Its request is over, and its board may be at it until it has heard so.
    if (end.outcome === "cancelled") await running.withdrawing;
    this.forget(id, running);
    const { events } = running;
    switch (end.outcome) {
      case "delivered": {
        const { re, err, ...value } = end.reply;
        return err === undefined ? events.onResult(value) : events.onError(ErrorCode.FOREIGN, String(err));
      }
      case "expired":
        return events.onError(
          ErrorCode.TECHNICAL,
          end.reason ?? `${running.device} was not there in time, or took nothing; it was not asked`,
        );
      case "unknown":
        return events.onError(ErrorCode.TECHNICAL, `it may or may not have been done: ${end.reason}`);
      case "rejected":
        return events.onError(ErrorCode.TECHNICAL, `${end.reason} (${end.code})`);
      case "cancelled":
        return events.onError(ErrorCode.KILLED, KILLED_TEXT);
    }
  }

  /** It never came to a board's requests. */
  private refuse(id: string, running: Running, error: unknown): void {
    this.forget(id, running);
    if (!(error instanceof BowlineError)) throw error;
    const isInput = error.code === "DEVICE_UNKNOWN" || error.code === "REQUEST_TOO_BIG";
    running.events.onError(
      isInput ? ErrorCode.INPUT : ErrorCode.TECHNICAL,
      `${error.message} (${error.code})`,
    );
  }

  private forget(id: string, running: Running): void {
    this.running.delete(id);
    this.byRequest.delete(running.rq);
  }

  private timeOf(expiresAt: number): number {
    if (expiresAt === 0) return DEFAULT_TIMEOUT_MS;
    return Math.min(expiresAt - this.services.clock.wall(), MAX_TIMEOUT_MS);
  }

  /** The board of this spec, which is its name as a component as well. */
  boardOf(spec: string): string | undefined {
    const id = this.bySpec.get(spec);
    if (id === undefined || this.services.isBoard(id)) return id;
    this.bySpec.delete(spec);
    return undefined;
  }
}

const REUSED = "its id is the key of another request to a board";
