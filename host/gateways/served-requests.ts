/**
 * Requests of other gateways to boards of this one: each is executed at most once, whatever restarts meanwhile, and its
 * outcome goes back in the commit that forgets it.
 *
 *   i/ID   a request that came, until its reply is on its way; ID as the frame is known by
 *
 *   DATA ─commit─▶ i/ID ─▶ the board's requests, with ID as key ─outcome─▶ reply, i/ID gone: one commit
 *   CANCEL ─commit─▶ i/ID marked, or a word in advance (withdrawn.ts)
 *
 * What was accepted by the board's requests before a crash is found there by its key.
 */
import { decodeCancel } from "../iotgw/ending.ts";
import { type Frame, TTL_NONE } from "../iotgw/frame.ts";
import { FrameFault } from "../iotgw/frame-fault.ts";
import { DataError, WireError } from "../iotgw/wire-error.ts";
import type { Outcome, RequestBook } from "../peers/request-book.ts";
import type { Ticket } from "../peers/requests.ts";
import type { Clock } from "../platform/clock.ts";
import { BowlineError } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import type { Store } from "../store/store.ts";
import type { Arrived, Effect } from "./frame-intake.ts";
import type { Mesh } from "./mesh.ts";
import { formatMessageId, type MessageId, parseMessageId } from "./message-id.ts";
import { type AskedRequest, parseRequest } from "./request-content.ts";
import { prepareReply, type Refused } from "./request-reply.ts";
import { Withdrawn } from "./withdrawn.ts";

/** The boards of this gateway. */
export interface LocalBoards {
  submit(
    device: string,
    message: { ot: string },
    timeoutMs: number,
    options: { key?: string; signal?: AbortSignal },
  ): Promise<Ticket>;
  cancel(rq: number): boolean;
  /** Their names. */
  names(): string[];
}

interface ServedDocument extends AskedRequest {
  /** ms since 1970: when it came, and by when it must be answered. */
  addedAt: number;
  deadline: number;
  /** It was withdrawn. */
  isWithdrawn?: boolean;
}

interface Served {
  name: string;
  document: ServedDocument;
  /** ms of the monotonic clock. */
  deadline: number;
  /** `idle`: the store takes nothing at present. */
  state: "coming" | "running" | "idle" | "answering";
  controller: AbortController;
  /** Commits of a CANCEL that are not over: until then it is not forgotten, for they would bring it back. */
  marking: number;
  /** Waits for those. */
  end: Outcome | Refused | null;
}

/** A request that another gateway wants withdrawn, as it is audited. */
export interface PeerCancel {
  /** Who wants it. */
  gateway: bigint;
  /** What it is known by to the boards' requests. */
  key: string;
  /** "": it is not known. */
  ot: string;
  /** unknown: it has not come, and is refused when it does; refused: it is another gateway's. */
  end: "cancelled" | "finished" | "unknown" | "refused";
}

export interface ServingServices {
  mesh: Mesh;
  store: Store;
  book: RequestBook;
  boards: LocalBoards;
  clock: Clock;
  log: Log;
  onCancel?(cancel: PeerCancel): void;
}

const PREFIX = "i/";
/** Requests of one gateway that have come to no outcome. */
const MAX_OPEN = 1000;
/** ms: as long as any request may wait. */
const MAX_TIMEOUT_MS = 3_600_000;
const SHOWN_NAMES = 10;

export class ServedRequests {
  readonly counts = { served: 0, withdrawn: 0, refused: 0 };
  private readonly open = new Map<string, Served>();
  private readonly withdrawn: Withdrawn;

  constructor(private readonly services: ServingServices) {
    this.withdrawn = new Withdrawn(services.store, services.clock);
  }

  /** Reads what an earlier gateway took; start() goes on with it. */
  async load(): Promise<void> {
    await this.withdrawn.load();
    await this.adopt();
  }

  /** Boards, and the ways back, are known; or the store takes something again. */
  start(): void {
    for (const served of this.open.values()) if (served.state === "idle") this.run(served);
  }

  /** The store was opened anew: what a failed commit left is there. */
  async catchUp(): Promise<void> {
    await this.adopt();
    await this.withdrawn.load();
  }

  /** Requests of other gateways that have come to no outcome. */
  get depth(): number {
    return this.open.size;
  }

  // ── frames for this gateway ─────────────────────────────────────────────────────────────────────────────────

  /** A DATA request. */
  receive({ frame, id, bytes, contentStart, end }: Arrived): Effect {
    const name = formatMessageId(id);
    const ttlMs = lifeOf(frame);
    if (this.withdrawn.has(name)) return this.refuseWithdrawn(id, ttlMs);
    const asked = parseRequest(bytes, contentStart, end);
    if (typeof asked === "string") return this.refuse(id, ttlMs, WireError.BAD_FRAME, asked);
    if (ttlMs === 0) return this.refuse(id, ttlMs, WireError.EXPIRED, "on its way");
    if (!this.services.boards.names().includes(asked.device))
      return this.refuse(id, ttlMs, DataError.DEVICE_UNKNOWN, this.unknown(asked.device));
    if (this.openOf(id.origin) >= MAX_OPEN)
      return this.refuse(
        id,
        ttlMs,
        WireError.QUEUE_FULL,
        `${MAX_OPEN} requests of gateway ${id.origin} wait`,
      );
    const addedAt = this.services.clock.wall();
    const served = this.enter(name, { ...asked, addedAt, deadline: addedAt + ttlMs }, ttlMs);
    return {
      changes: [{ key: PREFIX + name, value: served.document }],
      onCommitted: () => this.run(served),
      onFailed: () => this.open.delete(name),
    };
  }

  /**
   * A DATA request that was had before: while its time lasts it gets the reply that it got, and is never executed a second
   * time (iotgw §9). One that is not answered yet is answered once.
   */
  again({ frame, id }: Arrived): void {
    const { book, store } = this.services;
    const name = formatMessageId(id);
    const rq = this.open.has(name) ? undefined : book.byKey(keyOf(name));
    const ttlMs = lifeOf(frame);
    if (rq === undefined || ttlMs === 0) return;
    void book.outcome(rq)?.then((end) => {
      const reply = prepareReply(this.services, id, ttlMs, end);
      if (reply !== null) store.keep(reply.changes, reply.onCommitted);
    });
  }

  /** A CANCEL for this gateway. */
  cancel({ frame, id, bytes, contentStart, end }: Arrived): Effect {
    const lane = decodeCancel(bytes, contentStart, end);
    // Only who made a request may withdraw it.
    if (lane instanceof FrameFault || frame.ref === undefined || frame.ref.origin !== id.origin) {
      this.counts.refused++;
      const key = frame.ref === undefined || lane instanceof FrameFault ? "" : nameOf(frame.ref, lane);
      this.services.onCancel?.({ gateway: id.origin, key: keyOf(key), ot: "", end: "refused" });
      return {};
    }
    const name = nameOf(frame.ref, lane);
    const served = this.open.get(name);
    if (served !== undefined && served.state !== "answering") return this.mark(served);
    this.tellCancel(name, served);
    if (served !== undefined) return {};
    const changes = this.withdrawn.add(name, lifeOf(frame));
    return { changes, onFailed: () => this.withdrawn.drop(name) };
  }

  /** One that is not open, or has its end: it is not withdrawn any more, or not yet. */
  private tellCancel(name: string, served: Served | undefined): void {
    const { book, onCancel } = this.services;
    const key = keyOf(name);
    const rq = book.byKey(key);
    const ot = served?.document.message.ot ?? (rq === undefined ? undefined : book.view(rq)?.ot) ?? "";
    const isKnown = served !== undefined || rq !== undefined;
    onCancel?.({ gateway: parseMessageId(name).origin, key, ot, end: isKnown ? "finished" : "unknown" });
  }

  /** Withdrawn for good, also by the gateway after this one. */
  private mark(served: Served): Effect {
    served.marking++;
    const over = () => {
      served.marking--;
      if (served.end !== null && served.marking === 0) this.answer(served, served.end);
    };
    return {
      changes: [{ key: PREFIX + served.name, value: { ...served.document, isWithdrawn: true } }],
      onCommitted: () => {
        served.document.isWithdrawn = true;
        served.controller.abort();
        over();
      },
      onFailed: over,
    };
  }

  private refuseWithdrawn(id: MessageId, ttlMs: number): Effect {
    this.counts.withdrawn++;
    return this.refuse(id, ttlMs, WireError.CANCELLED, "it was withdrawn before it came");
  }

  private refuse(id: MessageId, ttlMs: number, error: number, reason: string): Effect {
    this.counts.refused++;
    return prepareReply(this.services, id, ttlMs, { error, reason }) ?? {};
  }

  private unknown(device: string): string {
    const known = this.services.boards.names();
    const seen =
      known.length === 0
        ? "no board has said hello there"
        : `known: ${known.slice(0, SHOWN_NAMES).join(", ")}`;
    return `no board ${JSON.stringify(device.slice(0, 64))}; ${seen}`;
  }

  // ── one request ─────────────────────────────────────────────────────────────────────────────────────────────

  private enter(name: string, document: ServedDocument, remainingMs: number): Served {
    const served: Served = {
      ...{ name, document, deadline: this.services.clock.now() + remainingMs, state: "coming" },
      ...{ controller: new AbortController(), marking: 0, end: null },
    };
    this.open.set(name, served);
    return served;
  }

  /** What is in the store and is not known. */
  private async adopt(): Promise<void> {
    const { store, clock } = this.services;
    const found = await store.records<ServedDocument>(PREFIX);
    const named = found.map(([key, document]) => [key.slice(PREFIX.length), document] as const);
    for (const [name, document] of named.sort(([a], [b]) => seqOf(a) - seqOf(b))) {
      if (this.open.has(name)) continue;
      const { addedAt, deadline } = document;
      this.enter(name, document, deadline - Math.max(clock.wall(), addedAt)).state = "idle";
    }
  }

  /** It is in the store: hands it to its board, or finds that this was done. */
  private run(served: Served): void {
    served.state = "running";
    this.execute(served).then(
      (end) => this.ended(served, end),
      (error) => this.notAccepted(served, error),
    );
  }

  private async execute(served: Served): Promise<Outcome> {
    const { book, boards, clock } = this.services;
    const { document, controller, name } = served;
    const key = keyOf(name);
    const known = book.byKey(key);
    const outcome = known === undefined ? undefined : book.outcome(known);
    if (known !== undefined && outcome !== undefined) {
      if (document.isWithdrawn) boards.cancel(known);
      controller.signal.addEventListener("abort", () => boards.cancel(known));
      return outcome;
    }
    if (document.isWithdrawn) return { outcome: "cancelled" };
    const remainingMs = served.deadline - clock.now();
    if (remainingMs <= 0)
      return { outcome: "expired", reason: "its time was over when it came to its board" };
    const { signal } = controller;
    this.counts.served++;
    const ticket = await boards.submit(document.device, document.message, remainingMs, { key, signal });
    return ticket.outcome;
  }

  private notAccepted(served: Served, error: unknown): void {
    if (!(error instanceof BowlineError)) throw error;
    const code = refusals[error.code];
    if (code !== undefined) return this.ended(served, { error: code, reason: error.message });
    // The store takes nothing: start() tries again.
    served.state = "idle";
    this.services.log.warn({ request: served.name, reason: error.message }, "a gateway's request waits");
  }

  private ended(served: Served, end: Outcome | Refused): void {
    served.end = end;
    if (served.marking === 0) this.answer(served, end);
  }

  private answer(served: Served, end: Outcome | Refused): void {
    if (served.state === "answering") return;
    served.state = "answering";
    const { store, clock, onCancel } = this.services;
    const { name, document } = served;
    if (document.isWithdrawn) {
      const isCancelled = "outcome" in end && end.outcome === "cancelled";
      const cancel = { gateway: parseMessageId(name).origin, key: keyOf(name), ot: document.message.ot };
      onCancel?.({ ...cancel, end: isCancelled ? "cancelled" : "finished" });
    }
    const remainingMs = Math.max(0, served.deadline - clock.now());
    const reply = prepareReply(this.services, parseMessageId(name), remainingMs, end);
    const over = { key: PREFIX + name, value: null };
    store.keep([over, ...(reply?.changes ?? [])], () => {
      this.open.delete(name);
      reply?.onCommitted();
    });
  }

  private openOf(origin: bigint): number {
    let count = 0;
    for (const name of this.open.keys()) if (name.startsWith(`${origin}.`)) count++;
    return count;
  }
}

const nameOf = ({ origin, epoch, seq }: NonNullable<Frame["ref"]>, lane: number) =>
  formatMessageId({ origin, epoch, lane, seq });

/** What a request is known by to the boards' requests; with a space, which no key of a person has. */
const keyOf = (name: string) => `gateway ${name}`;

/** As a lane's frames came: its numbers rise, and as text 10 would stand before 9. */
const seqOf = (name: string) => parseMessageId(name).seq;

/** ms that are left of it; TTL_NONE is more than any request may have. */
function lifeOf({ qos }: Frame): number {
  const { ttlMs } = qos!;
  return ttlMs === TTL_NONE ? MAX_TIMEOUT_MS : Math.min(ttlMs, MAX_TIMEOUT_MS);
}

/** Why a board's requests take no more, as the other gateway is told. */
const refusals: Readonly<Record<string, number>> = {
  DEVICE_UNKNOWN: DataError.DEVICE_UNKNOWN,
  QUEUE_FULL: WireError.QUEUE_FULL,
  REQUEST_TOO_BIG: WireError.TOO_BIG,
};
