/**
 * Every request the gateway accepted, until some time after its outcome: kept in the store, so that it outlives the
 * gateway (session part 4).
 *
 *   q/NUMBER   a request that has come to no outcome        x/NUMBER   what became of one that has
 */
import { createHash } from "node:crypto";
import type { Reply } from "../../shared/message.ts";
import type { Clock } from "../platform/clock.ts";
import type { RecordChange, Store } from "../store/store.ts";
import { KeptOutcomes } from "./kept-outcomes.ts";

export type Outcome =
  | { outcome: "delivered"; reply: Reply }
  /** Never left the gateway. */
  | { outcome: "expired"; reason?: string }
  | { outcome: "cancelled" }
  /** It left, and no answer came in time, or the board forgot it. */
  | { outcome: "unknown"; reason: string }
  /** Another gateway refused it: it was not done. `code`: as in iotgw §4, or of the command. */
  | { outcome: "rejected"; code: string; reason: string };

/** A request as it is kept. */
export interface RequestDocument {
  rq: number;
  device: string;
  message: { ot: string; retry?: unknown; [field: string]: unknown };
  /** ms since 1970, and how long after it was accepted. */
  deadline: number;
  timeoutMs: number;
  /** Given by who asked, so that asking again finds the same request. */
  key?: string;
  /** A number was given to it: its bytes may have left. */
  isSent?: boolean;
  /** It was sent to a life of the board that is over. */
  hasLeft?: boolean;
  /** Of one to a board behind another gateway: that one's host id, and what its frame is known by. */
  gateway?: string;
  frame?: string;
}

/** What is committed with a request, and told of it before anybody else. */
export interface Companion {
  changes: RecordChange[];
  onCommitted(): void;
  onFailed(): void;
}

interface OutcomeDocument {
  rq: number;
  device: string;
  ot: string;
  /** ms since 1970: when it came to it, when it was accepted, and by when it had to be answered; of an older gateway's the first. */
  at: number;
  acceptedAt?: number;
  deadline?: number;
  key?: string;
  /** Of one with a key: what it asked (fingerprint()). */
  asked?: string;
  end: Outcome;
}

/** What is shown of a request. `state`: waiting, or its outcome. */
export interface RequestView {
  rq: number;
  device: string;
  ot: string;
  state: "waiting" | Outcome["outcome"];
  /** ms since 1970: by when it must be answered; when it came to its outcome. */
  deadline?: number;
  at?: number;
  reply?: Reply;
  reason?: string;
  /** Of one that was rejected. */
  code?: string;
}

/** What its view does not tell. */
export interface RequestFacts {
  /** Of one that can be asked again. */
  key?: string;
  /** Bytes of it may have left. */
  isSent: boolean;
  /** When it was accepted, and by when it has or had to be answered, ms since 1970; 0: not known any more. */
  acceptedAt: number;
  deadline: number;
}

/** Outcomes that are kept; the oldest go first. */
const KEPT_OUTCOMES = 10_000;
/** Requests shown at once. */
const SHOWN = 1000;
/** Larger numbers would not be small integers on a board. */
const NUMBERS = 1e9;

export class RequestBook {
  private readonly open = new Map<number, RequestDocument>();
  private readonly ended = new KeptOutcomes<OutcomeDocument>(KEPT_OUTCOMES);
  private readonly keys = new Map<string, number>();
  private readonly accepting = new Map<number, Promise<void>>();
  private readonly waiting = new Map<number, ((outcome: Outcome) => void)[]>();
  private number = 0;
  /** A request is there, on its way, or has come to its outcome. */
  onChange: (rq: number) => void = () => {};

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {}

  /** Reads what an earlier gateway accepted. Returns what has come to no outcome and is for a board of this gateway, in order. */
  async load(): Promise<RequestDocument[]> {
    for (const [, document] of await this.store.records<RequestDocument>("q/")) this.enter(document);
    for (const [, document] of await this.store.records<OutcomeDocument>("x/")) {
      // A reply that was in the store although its commit had failed, and a request that waited again by then.
      if (this.open.delete(document.rq))
        this.store.putLater([{ key: nameOf("q", document.rq), value: null }]);
      this.note(document);
    }
    const [last] = await this.store.records<{ rq: number }>("c/rq");
    // A store that is new begins with the time, so that a late reply to an older one's request answers none of ours.
    this.number = last?.[1].rq ?? Math.floor(this.clock.wall() / 1000) % NUMBERS;
    return [...this.open.values()].filter(({ gateway }) => gateway === undefined);
  }

  /** Those without an outcome that go to boards behind other gateways, in order. */
  remote(): RequestDocument[] {
    return [...this.open.values()].filter(({ gateway }) => gateway !== undefined);
  }

  /**
   * The answer to a request was in a commit that failed: if it is in the store all the same, the request comes to it now.
   * To be called when the store was opened anew.
   */
  async findAnswer(rq: number): Promise<void> {
    const [found] = await this.store.records<OutcomeDocument>(nameOf("x", rq));
    if (found !== undefined) this.end(rq, found[1].end);
  }

  /** Resolves once the request is safe in the store; rejects with the store's fault. */
  accept(
    document: Omit<RequestDocument, "rq">,
    companion: Companion = alone,
  ): { rq: number; accepted: Promise<void> } {
    this.number = (this.number % NUMBERS) + 1;
    const whole = { ...document, rq: this.number };
    this.enter(whole);
    const { fault: refusal } = this.store;
    const accepted = new Promise<void>((resolve, reject) => {
      const changes = [
        { key: nameOf("q", whole.rq), value: whole },
        { key: "c/rq", value: { rq: whole.rq } },
        ...companion.changes,
      ];
      const onCommitted = () => {
        resolve();
        companion.onCommitted();
      };
      const onFailed = (fault: Error) => {
        this.open.delete(whole.rq);
        if (whole.key !== undefined) this.keys.delete(whole.key);
        companion.onFailed();
        // It may be there all the same, and would be sent by the gateway after this one.
        if (refusal === null) this.store.putLater([{ key: changes[0].key, value: null }]);
        reject(fault);
        // Who asked again meanwhile, with the same key, is told as well.
        this.settle(whole.rq, { outcome: "expired", reason: fault.message });
      };
      this.store.put(changes, { onCommitted, onFailed });
    });
    this.accepting.set(whole.rq, accepted);
    const isOver = () => this.accepting.delete(whole.rq);
    accepted.then(isOver, isOver);
    return { rq: whole.rq, accepted };
  }

  /** What changes in the store with this outcome; end() follows once it is written. */
  changes(rq: number, end: Outcome): RecordChange[] {
    const request = this.open.get(rq);
    if (request === undefined) return [];
    return [
      { key: nameOf("q", rq), value: null },
      { key: nameOf("x", rq), value: this.outcomeDocument(request, end) },
    ];
  }

  /** The request has come to its outcome: who waits is told. */
  end(rq: number, end: Outcome): void {
    const request = this.open.get(rq);
    if (request === undefined) return;
    this.open.delete(rq);
    this.note(this.outcomeDocument(request, end));
    this.onChange(rq);
    this.settle(rq, end);
  }

  /** Ends it. Who waits is told once that is written: told before, the next gateway might come to another outcome. */
  conclude(rq: number, end: Outcome): void {
    this.store.keep(this.changes(rq, end), () => this.end(rq, end));
  }

  /** What changes in the store when the request gets a number, or waits for one again. */
  sent(rq: number, isSent: boolean): RecordChange[] {
    const request = this.open.get(rq);
    if (request === undefined) return [];
    request.isSent = isSent;
    this.onChange(rq);
    return [{ key: nameOf("q", rq), value: { ...request } }];
  }

  /** It was given a number, and the board knows of none: it has forgotten it, or was never told. */
  waitsAgain(rq: number, hasLeft: boolean): void {
    const request = this.open.get(rq);
    if (request !== undefined && hasLeft) request.hasLeft = true;
    this.store.putLater(this.sent(rq, false));
  }

  isOpen(rq: number): boolean {
    return this.open.has(rq);
  }

  /** The outcome of a request, now or once it has one; undefined when there is no such request. */
  outcome(rq: number): Promise<Outcome> | undefined {
    const ended = this.ended.get(rq);
    if (ended !== undefined) return Promise.resolve(ended.end);
    if (!this.open.has(rq)) return undefined;
    return new Promise((resolve) => {
      const waiting = this.waiting.get(rq) ?? [];
      waiting.push(resolve);
      this.waiting.set(rq, waiting);
    });
  }

  /** The request that was accepted with this key. */
  byKey(key: string): number | undefined {
    return this.keys.get(key);
  }

  /** Resolves once request `rq` is safe in the store, at once when it is; rejects when it cannot be. */
  async whenAccepted(rq: number): Promise<void> {
    await this.accepting.get(rq);
  }

  /** Whether a request that was accepted with a key asks this of this board. */
  asks(rq: number, device: string, message: object): boolean {
    const open = this.open.get(rq);
    if (open !== undefined)
      return open.device === device && fingerprint(open.message) === fingerprint(message);
    const ended = this.ended.get(rq);
    return ended?.device === device && ended.asked === fingerprint(message);
  }

  view(rq: number): RequestView | undefined {
    const request = this.open.get(rq);
    if (request !== undefined) return viewOpen(request);
    const ended = this.ended.get(rq);
    return ended === undefined ? undefined : viewEnded(ended);
  }

  facts(rq: number): RequestFacts | undefined {
    const open = this.open.get(rq);
    if (open !== undefined) {
      const { key, isSent = false, deadline, timeoutMs } = open;
      return { isSent, acceptedAt: deadline - timeoutMs, deadline, ...(key !== undefined && { key }) };
    }
    const ended = this.ended.get(rq);
    if (ended === undefined) return undefined;
    const { key, end, acceptedAt = 0, deadline = 0 } = ended;
    const isSent = end.outcome === "delivered" || end.outcome === "unknown";
    return { isSent, acceptedAt, deadline, ...(key !== undefined && { key }) };
  }

  /** The newest that are known, the newest first. */
  views(): RequestView[] {
    const all = [...this.openViews(), ...this.ended.highest(SHOWN).map(viewEnded)];
    return all.sort((a, b) => b.rq - a.rq).slice(0, SHOWN);
  }

  /** Those that have come to no outcome. */
  openViews(): RequestView[] {
    return [...this.open.values()].map(viewOpen);
  }

  private outcomeDocument(request: RequestDocument, end: Outcome): OutcomeDocument {
    const { rq, device, message, key, deadline, timeoutMs } = request;
    const acceptedAt = deadline - timeoutMs;
    const document = { rq, device, ot: message.ot, at: this.clock.wall(), acceptedAt, deadline, end };
    return key === undefined ? document : { ...document, key, asked: fingerprint(message) };
  }

  private enter(document: RequestDocument): void {
    this.open.set(document.rq, document);
    if (document.key !== undefined) this.keys.set(document.key, document.rq);
    this.onChange(document.rq);
  }

  private settle(rq: number, end: Outcome): void {
    for (const resolve of this.waiting.get(rq) ?? []) resolve(end);
    this.waiting.delete(rq);
  }

  private note(document: OutcomeDocument): void {
    const oldest = this.ended.add(document);
    if (document.key !== undefined && !this.isTaken(document.key, document.rq))
      this.keys.set(document.key, document.rq);
    if (oldest === undefined) return;
    this.store.putLater([{ key: nameOf("x", oldest.rq), value: null }]);
    if (oldest.key !== undefined && this.keys.get(oldest.key) === oldest.rq) this.keys.delete(oldest.key);
  }

  /** A key that is free again once its request is long over may stand for another by now. */
  private isTaken(key: string, rq: number): boolean {
    const holder = this.keys.get(key);
    return holder !== undefined && holder !== rq && (this.open.has(holder) || holder > rq);
  }
}

const alone: Companion = { changes: [], onCommitted() {}, onFailed() {} };

/** Of a request's fields, in their order: who asks again says the same again. */
const fingerprint = (message: object) =>
  createHash("sha256").update(JSON.stringify(message)).digest("base64url");

const nameOf = (kind: string, rq: number) => `${kind}/${String(rq).padStart(10, "0")}`;

function viewOpen({ rq, device, message, deadline }: RequestDocument): RequestView {
  return { rq, device, ot: message.ot, state: "waiting", deadline };
}

function viewEnded({ rq, device, ot, at, end }: OutcomeDocument): RequestView {
  const view: RequestView = { rq, device, ot, state: end.outcome, at };
  if ("reply" in end) view.reply = end.reply;
  if ("reason" in end && end.reason !== undefined) view.reason = end.reason;
  if ("code" in end) view.code = end.code;
  return view;
}
