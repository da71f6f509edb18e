/**
 * Requests from IRC to boards, whether in JSON or in words: each is in the store before it is handed to its board, is
 * executed at most once whatever restarts meanwhile, and is forgotten in the commit that keeps its answer.
 *
 *   iq/KEY   a request that has no outcome yet, with who asked it and how they are answered
 *
 *   line ─proved, allowed─▶ commit iq/KEY ─▶ the board's requests, by key ─outcome─▶ commit: answer, iq/KEY gone
 */
import type { Outcome, RequestBook } from "../peers/request-book.ts";
import type { Ticket } from "../peers/requests.ts";
import type { Clock } from "../platform/clock.ts";
import { BowlineError } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import type { RecordChange, Store } from "../store/store.ts";

/** As it is kept. */
export interface AskDocument {
  network: string;
  nick: string;
  /** null: asked in private. */
  channel: string | null;
  /** The operator, as the configuration names them. */
  who: string;
  device: string;
  message: { ot: string; [field: string]: unknown };
  /** ms since 1970. */
  deadline: number;
  addedAt: number;
  /** words: for people; datum, raw: as a Datum. */
  style: "words" | "raw" | "datum";
  /** Of a Datum: what the answer says it answers, from whom and to whom. */
  re: string | number | null;
  src: string;
  dst: string;
  /** Ascending as they were taken; earlier gateways kept none. */
  order?: number;
}

/** It never came to a board. */
export interface Refusal {
  refused: string;
  reason: string;
}

export interface AskServices {
  store: Store;
  book: RequestBook;
  clock: Clock;
  log: Log;
  submit(
    device: string,
    message: { ot: string },
    timeoutMs: number,
    options: { key: string },
  ): Promise<Ticket>;
  cancel(rq: number): boolean;
  /** Whether `who` may ask that, as the configuration is now. */
  mayAsk(who: string, device: string, ot: string): boolean;
  /** Keeps the answer in one commit with `changes`. */
  answer(ask: AskDocument, end: Outcome | Refusal, changes: RecordChange[], onKept: () => void): void;
}

interface Ask {
  key: string;
  document: AskDocument;
  state: "coming" | "running" | "idle" | "answering";
  isWithdrawn: boolean;
  /** The board's request, once it was accepted. */
  rq: number | null;
}

const ASKS = "iq/";
/** Of one operator, without an outcome. */
const MAX_OPEN = 100;

export class Asks {
  private readonly open = new Map<string, Ask>();
  private isStarted = false;
  /** Of the last one taken. */
  private order = 0;

  constructor(private readonly services: AskServices) {}

  get depth(): number {
    return this.open.size;
  }

  /** Reads what an earlier gateway took; start() goes on with it. */
  async load(): Promise<void> {
    const kept = await this.services.store.records<AskDocument>(ASKS);
    kept.sort(([, a], [, b]) => orderOf(a) - orderOf(b) || a.addedAt - b.addedAt);
    for (const [name, document] of kept) {
      this.order = Math.max(this.order, orderOf(document));
      this.enter(name.slice(ASKS.length), document, "idle");
    }
  }

  /** Boards are known; or the store takes something again. */
  start(): void {
    this.isStarted = true;
    for (const ask of this.open.values()) if (ask.state === "idle") this.run(ask);
  }

  /** Resolves with why it is not accepted, null when it is. One that was asked before gets the answer that it got. */
  async accept(key: string, document: AskDocument): Promise<Refusal | null> {
    if (this.open.has(key)) return null;
    const theirs = [...this.open.values()].filter((ask) => ask.document.who === document.who).length;
    if (theirs >= MAX_OPEN)
      return {
        refused: "QUEUE_FULL",
        reason: `${theirs} requests of ${document.who} wait, ${MAX_OPEN} allowed`,
      };
    const ask = this.enter(key, { ...document, order: ++this.order }, "coming");
    const { store } = this.services;
    return new Promise((resolve) => {
      store.put([{ key: ASKS + key, value: ask.document }], {
        onCommitted: () => {
          resolve(null);
          this.run(ask);
        },
        onFailed: (fault) => {
          this.open.delete(key);
          store.keep([{ key: ASKS + key, value: null }], () => {});
          resolve({ refused: fault.code, reason: fault.message });
        },
      });
    });
  }

  /** Withdraws what `who` asked under `re`, or else what is `re` here; false: there is no such request. */
  cancel(who: string, re: string | number): boolean {
    const theirs = [...this.open.values()].filter(({ document }) => document.who === who);
    // What its asker calls it first: our number for it may be what they call another one.
    const called = theirs.filter(({ document }) => same(document.re, re));
    const meant = called.length > 0 ? called : theirs.filter(({ rq }) => same(rq, re));
    const found = meant.find(({ state }) => state !== "answering");
    if (found === undefined) return false;
    found.isWithdrawn = true;
    if (found.rq !== null) return this.services.cancel(found.rq);
    return true;
  }

  rename(network: string, from: string, to: string, fold: (name: string) => string): void {
    for (const { document } of this.open.values())
      if (document.network === network && fold(document.nick) === fold(from)) document.nick = to;
  }

  private enter(key: string, document: AskDocument, state: Ask["state"]): Ask {
    const ask: Ask = { key, document, state, isWithdrawn: false, rq: null };
    this.open.set(key, ask);
    return ask;
  }

  private run(ask: Ask): void {
    if (!this.isStarted) {
      ask.state = "idle";
      return;
    }
    ask.state = "running";
    this.execute(ask)
      .then(
        (end) => this.end(ask, end),
        (error) => this.notAccepted(ask, error),
      )
      // What is to be said makes no answer: that something went wrong does.
      .catch((error: unknown) => this.end(ask, this.failed(ask, error)))
      .catch((error: unknown) => {
        this.services.log.error(
          { request: ask.key, error: String(error) },
          "a request from IRC is not answered",
        );
      });
  }

  private async execute(ask: Ask): Promise<Outcome | Refusal> {
    const { book, submit, clock, cancel, mayAsk } = this.services;
    const { who, device, message, deadline, addedAt } = ask.document;
    const key = boardKey(ask.key);
    const known = book.byKey(key);
    const outcome = known === undefined ? undefined : book.outcome(known);
    // It is at its board, or was: whoever may ask by now, it is answered.
    if (known !== undefined && outcome !== undefined) {
      ask.rq = known;
      return outcome;
    }
    if (ask.isWithdrawn) return { outcome: "cancelled" };
    // It was let in by an earlier gateway, which was configured otherwise.
    if (!mayAsk(who, device, message.ot))
      return { refused: "NOT_ALLOWED", reason: `${who} may not ask ${message.ot} of ${device} any more` };
    const remainingMs = deadline - Math.max(clock.wall(), addedAt);
    if (remainingMs <= 0)
      return { outcome: "expired", reason: "its time was over when it came to its board" };
    const ticket = await submit(device, message, remainingMs, { key });
    ask.rq = ticket.rq;
    if (ask.isWithdrawn) cancel(ticket.rq);
    return ticket.outcome;
  }

  private notAccepted(ask: Ask, error: unknown): void {
    if (!(error instanceof BowlineError)) return this.end(ask, this.failed(ask, error));
    // Of a store that is low nobody is told when it is not, and it takes the answer.
    const isStores =
      (error.code.startsWith("STORE_") && error.code !== "STORE_LOW") || this.services.store.fault !== null;
    if (!isStores) return this.end(ask, { refused: error.code, reason: error.message });
    // The store takes nothing: start() tries again.
    ask.state = "idle";
    this.services.log.warn({ request: ask.key, reason: error.message }, "a request from IRC waits");
  }

  private failed(ask: Ask, error: unknown): Refusal {
    this.services.log.error({ request: ask.key, error: String(error) }, "a request from IRC failed");
    return { refused: "INTERNAL", reason: "an internal fault; the gateway's log has it" };
  }

  private end(ask: Ask, end: Outcome | Refusal): void {
    ask.state = "answering";
    const over = [{ key: ASKS + ask.key, value: null }];
    this.services.answer(ask.document, end, over, () => this.open.delete(ask.key));
  }
}

/** What a request is known by to the boards' requests; with a space, which no key of a person has. */
const boardKey = (key: string) => `irc ${key}`;

const orderOf = ({ order }: AskDocument) => order ?? 0;

const same = (a: string | number | null, b: string | number) => a !== null && String(a) === String(b);
