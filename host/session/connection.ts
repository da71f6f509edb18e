/**
 * The run loop: one transport, at most one session at a time, one timer (architecture §4).
 *
 *   TCP      chunk ─▶ exchange: acceptor, then session                    for as long as the socket lives
 *   serial   chunk ─▶ link ─bytes─▶ exchange: acceptor, then session      anew for every opening of the link
 *   dialled  chunk ─▶ exchange: session, which has asked first            for as long as the socket lives
 *
 * Losing the transport or the link ends what it carried here, never the session.
 */
import { Break, Slip } from "../../shared/link/frame.ts";
import type { Link, LinkHandler } from "../../shared/link/link.ts";
import { breakLink, linkDeadline, receiveChunk, tickLink } from "../../shared/link/receive-frame.ts";
import { flushLink, sendBytes } from "../../shared/link/send-frame.ts";
import { codeName } from "../../shared/session/code-names.ts";
import { Code } from "../../shared/session/codes.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { Outbox } from "../transports/outbox.ts";
import { type Burst, TextBursts } from "../transports/text-bursts.ts";
import type { Transport, TransportHandler } from "../transports/transport.ts";
import { breakWords } from "./break-words.ts";
import type { Carrier } from "./carrier.ts";
import type { Exchange, SessionRole } from "./exchange.ts";
import { gatewayLink, type LinkSettings, limitsOf } from "./gateway-link.ts";
import type { HostSession } from "./host-session.ts";
import { LinkTally } from "./link-tally.ts";
import { Patience } from "./patience.ts";
import { cable, nowhere, type Wire } from "./wire.ts";
import type { WireState } from "./wire-shape.ts";
import { readWireState } from "./wire-state.ts";

/** A timer later than this was held up by the process itself. */
const STALL_MS = 100;

/** Hears what passes on a wire, as it passes. It must not throw, and must copy what it keeps. */
export interface Tap {
  onChunk(from: "board" | "gateway", chunk: Uint8Array): void;
  /** So many bytes left that are nobody else's: a board is given its key. */
  onSecret(bytes: number): void;
  onOver(reason: string): void;
}

export class Connection implements Carrier, TransportHandler {
  readonly name: string;
  readonly remoteAddress: string;
  readonly wire: Wire;
  readonly link: Link | null;
  private exchange: Exchange | null = null;
  private readonly outbox: Outbox;
  /** Before a board has opened the link: what it says instead. */
  private readonly bursts: TextBursts | null;
  private readonly patience = new Patience();
  /** Why it was dropped; 0 while it was not. */
  private dropped: Code | 0 = 0;
  private isStarted = false;
  private timer: NodeJS.Timeout | null = null;
  private timerAt = Infinity;
  private isSettling = false;
  private isOver = false;
  private tap: Tap | null = null;
  /** What leaves next is not for the tap. */
  private hasSecret = false;

  constructor(
    private readonly transport: Transport,
    private readonly role: SessionRole,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly linkSettings: LinkSettings | null,
    private readonly onOver: (connection: Connection) => void,
    /** What a socket vouches for; a serial line is a cable. */
    network: Wire = nowhere,
    private readonly tally = new LinkTally(),
  ) {
    this.name = transport.name;
    this.remoteAddress = transport.remoteAddress;
    this.wire = linkSettings === null ? network : cable;
    this.outbox = new Outbox(transport);
    this.link = linkSettings === null ? null : gatewayLink(linkSettings, this.linkHandler());
    this.bursts = this.link === null ? null : new TextBursts((burst) => this.tell(burst));
    tally.begun(this.link);
  }

  /** Begins to listen, after so many ms: until then nothing is read. */
  start(afterMs = 0): void {
    if (this.isStarted) return;
    if (afterMs > 0) {
      this.timer = setTimeout(() => this.start(), afterMs);
      return;
    }
    this.isStarted = true;
    this.timer = null;
    if (this.link === null) this.beginExchange();
    this.transport.start(this);
    this.settle();
  }

  stop(): void {
    if (!this.isStarted && this.timer !== null) clearTimeout(this.timer);
    this.start(); // what was never heard still hears that it is over
    this.settleNow();
    this.transport.close();
  }

  /** The board it carries is known, and has proved itself where it had to. */
  get isAdmitted(): boolean {
    return this.exchange?.session?.isConfirmed === true;
  }

  /** Why it was dropped or refused; 0 while it was not. */
  get fault(): Code | 0 {
    return this.dropped || (this.exchange?.refusal ?? 0);
  }

  /** Valid frames heard on the link. */
  get frames(): number {
    return this.link?.frames ?? 0;
  }

  /** The other end takes nothing: it does not read. */
  get isStalled(): boolean {
    return this.patience.isStalled(this.clock.now());
  }

  /** From now on `tap` hears every chunk of both directions; null: nobody does. */
  setTap(tap: Tap | null): void {
    this.tap = tap;
    this.outbox.onWrite = tap === null ? null : (chunk) => this.tellWrite(tap, chunk);
  }

  /** How far both directions are read and written. True between two turns, and before a chunk that the tap hears is read. */
  get wireState(): WireState {
    return readWireState(this.link, this.exchange);
  }

  /** The session it carries, once it was asked for. */
  get session(): HostSession | null {
    return this.exchange?.session ?? null;
  }

  onChunk(chunk: Uint8Array): void {
    if (this.tap !== null) this.tap.onChunk("board", chunk);
    this.tally.rxBytes += chunk.length;
    const now = this.clock.now();
    this.guard(() => {
      if (this.link === null) this.exchange?.hear(chunk, 0, chunk.length, now);
      else {
        if (!this.link.isOpen) this.bursts?.push(chunk);
        receiveChunk(this.link, chunk, now);
      }
    });
    this.settleNow();
  }

  onDrain(): void {
    this.patience.reset();
    this.exchange?.unblock();
    this.settleNow();
  }

  onClose(reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.tally.ended(this.link);
    if (this.timer !== null) clearTimeout(this.timer);
    this.bursts?.stop();
    this.exchange?.end(reason);
    // A socket's end by itself is no news: boards say that they are gone, strangers never were there.
    const level = this.link === null ? "debug" : "info";
    this.log[level]({ via: this.name, reason }, "connection over");
    this.tap?.onOver(reason);
    this.onOver(this);
  }

  get gathered(): number {
    return this.outbox.gathered;
  }

  output(bytes: Uint8Array, start: number, end: number): void {
    if (this.tap !== null && this.session?.isSecret) this.hasSecret = true;
    if (this.link === null) this.outbox.append(bytes, start, end);
    else sendBytes(this.link, bytes, start, end, this.clock.now());
  }

  settle(): void {
    if (this.isSettling || this.isOver) return;
    this.isSettling = true;
    queueMicrotask(() => this.settleNow());
  }

  /** The session wants no more of this connection: what it said last still leaves. */
  drop(code: Code): void {
    this.dropped = code;
    const level = this.link === null && !this.isAdmitted ? "debug" : "info";
    if (this.exchange !== null) this.exchange.session = null;
    if (this.link === null) {
      this.flush();
      this.transport.close();
    } else {
      flushLink(this.link, this.clock.now());
      breakLink(this.link, code === Code.DEAD ? Break.TIMEOUT : Break.ASKED, this.clock.now());
      this.settle();
    }
    if (code !== Code.CLOSED) this.log[level]({ via: this.name, code: codeName(code) }, "connection dropped");
  }

  private tellWrite(tap: Tap, chunk: Uint8Array): void {
    if (this.hasSecret) tap.onSecret(chunk.length);
    else tap.onChunk("gateway", chunk);
    this.hasSecret = false;
  }

  /** What one peer brings about costs its connection, not the gateway. */
  private guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.log.error({ via: this.name, error: String(error) }, "internal fault: the connection is closed");
      this.transport.close();
    }
  }

  /** A fresh wire: the next bytes are a request. */
  private beginExchange(): void {
    const heartbeat = this.linkSettings?.syncIntervalMaxMs;
    const settings = heartbeat === undefined ? {} : { syncIntervalMaxMs: heartbeat };
    const limits = this.link === null ? null : limitsOf(this.link, this.linkSettings!);
    this.exchange = this.role.beginExchange(this, settings, limits, this.clock.now());
  }

  private linkHandler(): LinkHandler {
    return {
      onWrite: (bytes, start, end) => {
        // Of a frame this is the last piece: an END within is escaped, and one before it is of no frame's bytes.
        if (bytes[end - 1] === Slip.END && bytes === this.link?.out) this.tally.txFrames++;
        this.outbox.append(bytes, start, end);
      },
      onOpened: () => this.beginExchange(),
      onBroken: (reason) => {
        this.tally.broken(reason);
        const why = `link broken: ${breakWords(reason)}`;
        this.log.info({ via: this.name }, why);
        this.exchange?.end(why);
        this.exchange = null;
      },
      onData: (bytes, start, end) => this.exchange?.hear(bytes, start, end, this.clock.now()),
      onLog: (bytes, start, end) => {
        const text = Buffer.from(bytes.slice(start, end)).toString("latin1");
        this.log.info({ via: this.name, text }, "the board says");
      },
    };
  }

  private tell({ text, isPrompt }: Burst): void {
    const mend = isPrompt
      ? "the board runs Espruino, but not this firmware: docs/wiring-and-flashing.md"
      : "";
    this.log.info(
      { via: this.name, event: "fault", text, ...(isPrompt && { mend }) },
      "the port says something that is not ours",
    );
  }

  settleNow(): void {
    this.isSettling = false;
    if (this.isOver) return;
    this.flush();
    this.armTimer();
  }

  private flush(): void {
    if (this.link !== null) flushLink(this.link, this.clock.now());
    const { gathered } = this.outbox;
    this.tally.txBytes += gathered;
    if (this.outbox.flush()) {
      if (gathered > 0) this.exchange?.flushed();
      return;
    }
    this.exchange?.block();
    if (!this.patience.refused(this.clock.now(), this.transport.unsent ?? 0)) this.giveUp();
  }

  private get giveUpAt(): number {
    return this.patience.endsAt(
      this.exchange?.session?.session.syncIntervalMax ?? this.linkSettings?.syncIntervalMaxMs,
    );
  }

  /** One timer, never later than the deadline. It is not moved when the deadline moves away: it looks again. */
  private armTimer(): void {
    const link = this.link === null ? Infinity : linkDeadline(this.link);
    const deadline = Math.min(link, this.exchange?.deadline ?? Infinity, this.giveUpAt);
    if (deadline >= this.timerAt) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timerAt = deadline;
    this.timer = setTimeout(() => this.onTimer(), Math.max(0, deadline - this.clock.now()));
  }

  /** After a stall of the process what has come in meanwhile is read first: it may be the heartbeat that is missed. */
  private onTimer(): void {
    if (this.clock.now() - this.timerAt < STALL_MS) this.tick();
    else setImmediate(() => this.tick());
  }

  private tick(): void {
    this.timer = null;
    this.timerAt = Infinity;
    if (this.isOver) return;
    const now = this.clock.now();
    if (now >= this.giveUpAt) return this.giveUp();
    this.guard(() => {
      if (this.link !== null) tickLink(this.link, now);
      this.exchange?.tick(now);
    });
    this.settleNow();
  }

  private giveUp(): void {
    if (this.dropped === Code.NOT_READING) return; // it is closing: what is still written is refused as well
    const seconds = Math.round(this.patience.lasted(this.clock.now()) / 1000);
    this.patience.reset();
    this.dropped = Code.NOT_READING;
    this.log.info(
      { via: this.name, event: "fault", code: codeName(Code.NOT_READING) },
      `stalled: no byte was taken for ${seconds} s, the connection is closed`,
    );
    this.transport.close();
  }
}
