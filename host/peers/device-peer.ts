/**
 * A board as the gateway knows it, whatever sessions carry it: its numbers, what it said, and what waits for it
 * (session part 4, architecture §5).
 */

import type { BoardHello, GatewayHello, Reply } from "../../shared/message.ts";
import { EMPTY_MESSAGE, Payload } from "../../shared/message.ts";
import { codeName } from "../../shared/session/code-names.ts";
import { Code } from "../../shared/session/codes.ts";
import {
  appendPacket,
  clearPackets,
  createSendBuffer,
  hasRoom,
  Refused,
} from "../../shared/session/send-buffer.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { ServerSession, SessionOwner } from "../session/server-session.ts";
import { nobody } from "../session/server-session.ts";
import type { DeliveredMessage, MessageStore } from "../store/store.ts";
import { freshEpoch, Numbering } from "./numbering.ts";
import { formatPayload, parsePayload } from "./payload.ts";
import { RequestQueue } from "./requests.ts";

/** Numbered packets on their way to one board, in bytes; what is beyond waits in the queue. */
const BUFFER_BYTES = 16384;

/** Numbers that may go out empty in front of a session's first packet; each takes 3 bytes of the reserved slot. */
const MAX_SKIPPED = 64;
const SKIPPED = formatPayload(JSON.parse(EMPTY_MESSAGE));
/** Index of the first numbered packet of a session that began with a hello alone. */
const FIRST_UNPROVED = 1;

/** What all peers of a gateway share. */
export interface PeerContext {
  /** Who this gateway is, and which life of its memory. */
  id: string;
  epoch: string;
  store: MessageStore;
  clock: Clock;
  log: Log;
  nextRequestNumber(): number;
  onMessage(message: DeliveredMessage): void;
  onChange(peer: DevicePeer): void;
}

export interface WelcomeOptions {
  said?: GatewayHello;
  extra?: Partial<GatewayHello>;
  firstIndex?: number;
}

export class DevicePeer implements SessionOwner {
  readonly requests: RequestQueue;
  hello: BoardHello | null = null;
  /** Packets taken as messages, dropped as repeats; messages that may be missing; sessions and connections so far. */
  readonly counts = { delivered: 0, repeats: 0, missing: 0, sessions: 0, connections: 0 };
  /** Messages the board had no room for, as it said last. */
  lost = 0;
  /** ms since 1970 of the last packet; 0 before. */
  lastAt = 0;
  last: DeliveredMessage | null = null;
  private readonly numbering: Numbering;
  private readonly buffer = createSendBuffer(new Uint8Array(0), BUFFER_BYTES);
  /** The number the next packet to the board gets. */
  private nextSeq = 1;
  private session: ServerSession | null = null;
  /** Of this session: the board's epoch, the number of its first numbered packet, and that packet's index. */
  private epochHere = "";
  private firstSeq = 1;
  private firstIndex = FIRST_UNPROVED;

  constructor(
    readonly id: string,
    private readonly context: PeerContext,
  ) {
    this.numbering = new Numbering(id, context.store);
    this.requests = new RequestQueue(
      id,
      context.nextRequestNumber,
      () => this.mostBytes,
      () => this.sendWaiting(),
    );
  }

  /** The largest request it takes, in bytes of JSON. */
  private get mostBytes(): number {
    return Math.min(this.hello?.max ?? Payload.MAX_HELLO, BUFFER_BYTES - 3);
  }

  get isConnected(): boolean {
    return this.session?.carrier != null;
  }

  get epoch(): string {
    return this.numbering.epoch;
  }

  /** The session that speaks for it now. */
  get serverSession(): ServerSession | null {
    return this.session;
  }

  /** The gateway's answer to a hello. It changes nothing: who claims to be this board may yet fail to prove it. */
  answer(session: ServerSession, hello: BoardHello): GatewayHello {
    const { id, epoch, clock } = this.context;
    const { rx, max } = session;
    const heartbeat = session.session.syncIntervalMax;
    const seq = this.seqFor(hello);
    const yourEpoch = hello.epoch || freshEpoch();
    return { id, epoch, seq, rx, max, yourEpoch, t: clock.wall(), heartbeat };
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
    this.supersede();
    this.session = session;
    this.hello = hello;
    this.lost = hello.lost;
    this.epochHere = arrival.epoch;
    this.firstSeq = hello.seq;
    this.firstIndex = firstIndex;
    this.counts.sessions++;
    this.counts.missing += arrival.missing;
    if (arrival.missing > 0) this.say("messages may be missing", { missing: arrival.missing });
    if (arrival.isNewLife) this.beginAnew();
    session.confirm(hello.rx);
    session.setOwner(this);
    if (said === undefined) session.greet(formatPayload({ hello: { ...answer, ...extra } }));
    // Once a hello is made its session begins with exactly that number (session part 4).
    for (let i = 0; i < skipped; i++) session.greet(SKIPPED);
    session.bind(this.buffer);
    session.accept(firstIndex);
    this.onConnected();
    return 0;
  }

  onPacket(bytes: Uint8Array, start: number, end: number, index: number): void {
    const { store, clock } = this.context;
    const session = this.session!;
    const epoch = this.epochHere;
    const seq = this.firstSeq + index - this.firstIndex;
    this.numbering.see(epoch);
    this.lastAt = clock.wall();
    if (this.numbering.isRepeat(epoch, seq)) {
      this.counts.repeats++;
      store.whenCommitted(() => session.accept(index + 1));
      return;
    }
    this.numbering.take(epoch, seq);
    const message = parsePayload(bytes, start, end);
    if (message === null) {
      store.raise(this.id, epoch, seq, () => session.accept(index + 1));
      return;
    }
    const t = typeof message.t === "number" ? { t: message.t } : {};
    const onCommitted = (delivered: DeliveredMessage) => {
      session.accept(index + 1);
      this.deliver(delivered);
    };
    store.append({ device: this.id, epoch, seq, ...t, at: this.lastAt, message }, onCommitted, end - start);
  }

  onAcknowledged(): void {
    this.sendWaiting();
  }

  onConnected(): void {
    this.sendWaiting();
    this.counts.connections++;
    this.say("connected", { via: this.session?.via });
  }

  onDisconnected(): void {
    this.say("disconnected", { via: this.session?.via });
  }

  onClosed(code: Code): void {
    this.session = null;
    this.say("session over", { code: codeName(code) });
  }

  /** One session a speaker: a newer accepted hello ends the older, which has nothing more to say (D9). */
  private supersede(): void {
    this.session?.setOwner(nobody);
    this.session?.end(Code.SUPERSEDED);
  }

  private deliver(delivered: DeliveredMessage): void {
    this.counts.delivered++;
    this.last = delivered;
    const { ot, lost } = delivered.message;
    if (ot === "l:telemetry" && typeof lost === "number") this.lost = lost;
    if (typeof delivered.message.re === "number") this.requests.answer(delivered.message as unknown as Reply);
    this.context.onMessage(delivered);
  }

  /** Numbers what waits, as far as the session takes it: a packet gets its number when it is handed over, not before. */
  private sendWaiting(): void {
    const { session } = this;
    // While the board is away a request keeps waiting without a number: it can still be withdrawn without a trace.
    if (session === null || session.carrier === null) return;
    for (let payload = this.requests.peek(); payload !== undefined; payload = this.requests.peek()) {
      const most = this.mostBytes;
      if (payload.length > most) {
        this.requests.refuse(`the request has ${payload.length} bytes, ${this.id} takes ${most}`);
        continue;
      }
      if (!hasRoom(this.buffer, payload.length)) break;
      // Most boards are never asked anything: the bytes are reserved with the first request.
      if (this.buffer.bytes.length === 0) this.buffer.bytes = new Uint8Array(2 * BUFFER_BYTES);
      if (appendPacket(this.buffer, payload, 0, payload.length) === Refused.TOO_BIG)
        throw new RangeError("packet above the buffer");
      this.nextSeq++;
      this.requests.taken();
    }
    session.pump();
  }

  /** A board with a new epoch knows of nothing that was sent to it before. */
  private beginAnew(): void {
    clearPackets(this.buffer);
    this.requests.forget();
    this.say("began anew", { epoch: this.epochHere });
  }

  /** The number of the first packet for a board with this hello: one in a new life is sent nothing of what went before. */
  private seqFor(hello: BoardHello): number {
    return this.nextSeq - (this.numbering.isNewLife(hello.epoch) ? 0 : this.buffer.count);
  }

  private say(text: string, fields: object): void {
    this.context.log.info({ device: this.id, ...fields }, text);
    this.context.onChange(this);
  }
}
