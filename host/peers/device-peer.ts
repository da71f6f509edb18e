/**
 * A board as the gateway knows it, whatever sessions carry it: its numbers, what it said, and what waits for it
 * (session part 4, architecture §5).
 */

import type { BoardHello, GatewayHello } from "../../shared/message.ts";
import { EMPTY_MESSAGE, Payload } from "../../shared/message.ts";
import { codeName } from "../../shared/session/code-names.ts";
import { Code } from "../../shared/session/codes.ts";
import { formatPayload } from "../platform/payload.ts";
import type { PeerQueue } from "../queue/peer-queue.ts";
import type { ServerSession } from "../session/server-session.ts";
import { nobody, type SessionOwner } from "../session/session-owner.ts";
import type { DeliveredMessage } from "../store/store.ts";
import { MOST_BYTES } from "./board-port.ts";
import { type Addressee, FIRST_UNPROVED, Inbound, isReply } from "./inbound.ts";
import { freshEpoch, Numbering } from "./numbering.ts";
import { Outbound, type PacketDocument } from "./outbound.ts";
import type { DeviceDocument, PeerContext, WelcomeOptions } from "./peer-context.ts";
import type { RequestDocument } from "./request-book.ts";
import type { Ticket } from "./requests.ts";
import { Requests } from "./requests.ts";
import { Sight } from "./sight.ts";

/** Numbers that may go out empty in front of a session's first packet; each takes 3 bytes of the reserved slot. */
const MAX_SKIPPED = 64;
const SKIPPED = formatPayload(JSON.parse(EMPTY_MESSAGE));

export class DevicePeer implements SessionOwner, Addressee {
  readonly requests: Requests;
  hello: BoardHello | null = null;
  /**
   * Packets taken as messages, dropped as repeats; numbers that were never seen; the most that boards which began anew
   * can have lost with their memory; sessions and connections so far.
   */
  readonly counts = { delivered: 0, repeats: 0, missing: 0, mayBeMissing: 0, sessions: 0, connections: 0 };
  /** Messages the board had no room for, as it said last. */
  lost = 0;
  last: DeliveredMessage | null = null;
  /** Since when it is connected, or away, ms since 1970; 0: since before this gateway. */
  since = 0;
  /** It has said that it goes, and has not come back. */
  hasLeft: boolean;
  /** Transport it speaks over now, or spoke over last; "" before the first. */
  via = "";
  private readonly sight: Sight;
  private readonly numbering: Numbering;
  private readonly inbound: Inbound;
  private readonly outbound: Outbound;
  private session: ServerSession | null = null;

  /** `known`: what an earlier gateway kept of it. */
  constructor(
    readonly id: string,
    private readonly context: PeerContext,
    known: DeviceDocument | null = null,
  ) {
    const { store, book, clock } = context;
    const { epoch = "", smallest = 0 } = known ?? {};
    this.hello = known?.hello ?? null;
    this.lost = this.hello?.lost ?? 0;
    this.hasLeft = known?.hasLeft === true;
    this.via = known?.via ?? "";
    const document = () => this.outbound.numbers();
    this.sight = new Sight({ device: id, store, document }, known?.forgotten === true);
    this.counts.delivered = store.watermarks(id).reduce((most, mark) => Math.max(most, mark.delivered), 0);
    this.numbering = new Numbering(id, store, epoch);
    this.outbound = new Outbound(id, store, book, clock, () => this.document);
    this.requests = new Requests(id, book, () => this.mostBytes, this.outbound);
    this.inbound = new Inbound(id, store, clock, this.numbering, this.requests, this, epoch, smallest);
    this.inbound.lastAt = known?.lastAt ?? 0;
  }

  /** Goes on with what an earlier gateway accepted for it. False when something of that is missing. */
  restore(
    nextSeq: number,
    packets: readonly [seq: number, packet: PacketDocument][],
    requests: readonly RequestDocument[],
  ): boolean {
    const { clock } = this.context;
    const carried = this.outbound.load(nextSeq, packets, this.requests);
    if (carried === null) return false;
    for (const request of requests) {
      const remainingMs = Math.min(request.timeoutMs, request.deadline - clock.wall());
      this.requests.restore(request, remainingMs, carried.get(request.rq) ?? null);
    }
    return true;
  }

  /** What is kept of it beside its numbers. */
  private get document(): Omit<DeviceDocument, "nextSeq"> {
    const { epoch, smallest, lastAt } = this.inbound;
    return {
      hello: this.hello,
      epoch,
      smallest,
      ...(this.isForgotten && { forgotten: true }),
      ...(this.hasLeft && { hasLeft: true }),
      ...(this.via !== "" && { via: this.via }),
      ...(lastAt > 0 && { lastAt }),
    };
  }

  /** The largest request it takes, in bytes of JSON. */
  private get mostBytes(): number {
    return Math.min(this.hello?.max ?? Payload.MAX_HELLO, MOST_BYTES);
  }

  /** Resolves once `message` is accepted as a request to this board. */
  request(
    message: { ot: string },
    timeoutMs: number,
    options: { key?: string; signal?: AbortSignal } = {},
  ): Promise<Ticket> {
    return this.requests.add(message, timeoutMs, this.context.clock.wall() + timeoutMs, options);
  }

  /** Shows it no more until it speaks. Resolves once that is safe; rejects with DEVICE_BUSY. */
  async forget(): Promise<void> {
    await this.sight.forget(this.isConnected, this.requests.open);
    this.context.log.info({ device: this.id }, "forgotten");
  }

  get isForgotten(): boolean {
    return this.sight.isForgotten;
  }

  /** Numbered packets that the board has not acknowledged. */
  get unacknowledged(): number {
    return this.outbound.unacknowledged;
  }

  /** What goes to it; null: nothing ever has. */
  get queue(): PeerQueue | null {
    return this.outbound.queue;
  }

  get isConnected(): boolean {
    return this.session?.carrier != null;
  }

  /** ms since 1970 of the last packet; 0 before. */
  get lastAt(): number {
    return this.inbound.lastAt;
  }

  get epoch(): string {
    return this.numbering.epoch;
  }

  /** The highest number of its present epoch that is durable. */
  get watermark(): number {
    return this.numbering.watermark;
  }

  /** The session that speaks for it now. */
  get serverSession(): ServerSession | null {
    return this.session;
  }

  /** The gateway's answer to a hello. It changes nothing: who claims to be this board may yet fail to prove it. */
  answer(session: ServerSession, hello: BoardHello): GatewayHello {
    const { id, store, clock } = this.context;
    const { rx, max } = session;
    const heartbeat = session.session.syncIntervalMax;
    const seq = this.seqFor(hello);
    const yourEpoch = hello.epoch || freshEpoch();
    return { id, epoch: store.epoch, seq, rx, max, yourEpoch, t: clock.wall(), heartbeat };
  }

  /**
   * It has been admitted on `session`: takes it over, or says why not. `said` is the answer its hello has had already,
   * when it had to prove itself first; `extra` goes into the one it has now.
   */
  welcome(
    session: ServerSession,
    hello: BoardHello,
    { said, extra, firstIndex = FIRST_UNPROVED }: WelcomeOptions = {},
  ): Code | 0 {
    // A late word of a connection that is older than the one it speaks over now (D10).
    if (this.session !== null && session.order < this.session.order) return Code.SUPERSEDED;
    const answer = said ?? this.answer(session, hello);
    // The older session may have gone on while this one proved itself. Too far, and the board says hello once more.
    const skipped = this.seqFor(hello) - answer.seq;
    if (skipped < 0 || skipped > MAX_SKIPPED) return Code.SUPERSEDED;
    const arrival = this.numbering.arrive(hello.epoch, hello.seq, answer.yourEpoch);
    if (arrival === null) return Code.DUPLICATE_ID;
    this.sayTakenOver(session);
    this.supersede();
    this.session = session;
    const forgotten = this.hello?.room ?? 0;
    const lost = arrival.isNewLife ? 0 : this.lost;
    this.hello = hello;
    this.inbound.begin(arrival.epoch, hello.seq, firstIndex);
    this.counts.sessions++;
    this.counts.missing += arrival.missing;
    if (arrival.missing > 0)
      this.say("messages may be missing", { event: "loss", missing: arrival.missing }, "warn");
    if (arrival.isNewLife) this.beginAnew(forgotten);
    this.noteLost(hello.lost, lost);
    this.requests.refuseLarge();
    session.confirm(hello.rx);
    session.setOwner(this);
    if (said === undefined) session.greet(formatPayload({ hello: { ...answer, ...extra } }));
    // Once a hello is made its session begins with exactly that number (session part 4).
    for (let i = 0; i < skipped; i++) session.greet(SKIPPED);
    this.outbound.open(session, hello.epoch === "");
    session.accept(firstIndex);
    this.begin({ event: "up" }, "connected");
    this.context.store.putLater([this.outbound.numbers()]);
    return 0;
  }

  onPacket(bytes: Uint8Array, start: number, end: number, index: number): void {
    this.inbound.take(this.session!, bytes, start, end, index);
  }

  onAcknowledged(count: number): void {
    this.outbound.acknowledged(count);
  }

  /** Its session goes on. */
  onConnected(): void {
    const { sent, repeats } = this.session?.again ?? { sent: 0, repeats: 0 };
    const again = { ...(sent > 0 && { sentAgain: sent }), ...(repeats > 0 && { repeats }) };
    this.begin({ event: "resumed", ...again }, "session resumed");
  }

  private begin(fields: object, text: string): void {
    this.sight.remember();
    this.outbound.pump();
    this.counts.connections++;
    this.hasLeft = false;
    this.since = this.context.clock.wall();
    this.via = this.session?.via ?? "";
    this.say(text, { ...fields, via: this.via });
  }

  onWritable(): void {
    this.outbound.pump();
  }

  onDisconnected(why: string): void {
    this.inbound.tellRepeats();
    this.since = this.context.clock.wall();
    this.context.store.putLater([this.outbound.numbers()]);
    this.say("disconnected", { event: "down", via: this.session?.via, why });
  }

  onClosed(code: Code): void {
    this.hasLeft = code === Code.CLOSED && this.session?.isClosedHere === false;
    this.session = null;
    this.outbound.close();
    if (this.hasLeft) this.context.store.putLater([this.outbound.numbers()]);
    this.say("session over", { event: "over", code: codeName(code) });
  }

  /** One session a speaker: a newer accepted hello ends the older, which has nothing more to say (D9). */
  private supersede(): void {
    this.session?.setOwner(nobody);
    this.session?.end(Code.SUPERSEDED);
    this.outbound.close();
  }

  /** Half open, or somebody else's with the same name: whoever looks after boards wants to know (users X3). */
  private sayTakenOver({ via }: ServerSession): void {
    if (this.isConnected)
      this.context.log.warn(
        { device: this.id, event: "moved", via, before: this.session?.via },
        "taken over",
      );
  }

  /** Its last packet is noted from time to time, so that a gateway that is killed knows of it to a minute. */
  noteLast(): void {
    this.context.store.putLater([this.outbound.numbers()]);
  }

  /** What a session gave up is said again in the next: no line of the log, for nothing is wrong. */
  repeated(times: number): void {
    const fields = { device: this.id, event: "repeats", repeats: times };
    this.context.log.debug(fields, "packets that are here already came again");
  }

  /** It is in the store, and nobody was told yet. */
  deliver(message: DeliveredMessage): void {
    this.counts.delivered++;
    this.last = message;
    const content = message.message;
    if (content.ot === "l:telemetry" && typeof content.lost === "number") this.noteLost(content.lost);
    if (isReply(content)) this.requests.answer(content);
    this.context.onMessage(message);
  }

  /**
   * A board with a new epoch knows of nothing that was sent to it before, and lost what it had not delivered: at most
   * the `room` bytes it kept.
   */
  private beginAnew(room: number): void {
    this.requests.forget();
    const { epoch, smallest } = this.inbound;
    const most = smallest === 0 ? 0 : Math.floor(room / (smallest + 1));
    this.counts.mayBeMissing += most;
    this.say("began anew", { event: "reset", epoch, ...(most > 0 && { mayBeMissing: most }) });
  }

  /** The number of the first packet for a board with this hello: one in a new life is sent nothing of what went before. */
  private seqFor(hello: BoardHello): number {
    return this.outbound.seqFor(this.numbering.isNewLife(hello.epoch));
  }

  /** Messages it had no room for since it began, and how many of them were known. */
  private noteLost(lost: number, known = this.lost): void {
    this.lost = lost;
    if (lost <= known) return;
    if (this.hello !== null) this.hello = { ...this.hello, lost };
    this.context.store.putLater([this.outbound.numbers()]);
    this.say("had no room for messages", { event: "loss", missing: lost - known }, "warn");
  }

  private say(text: string, fields: object, level: "info" | "warn" = "info"): void {
    this.context.log[level]({ device: this.id, ...fields }, text);
    this.context.onChange(this);
  }
}
