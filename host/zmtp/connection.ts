/**
 * One ZMTP connection over a transport: greeting and READY within their time, then messages and commands both ways.
 *
 * What is sent in one turn of the event loop leaves in one write. What the transport does not take waits in the backlog, up to
 * its marks.
 */
import { Outbox } from "../transports/outbox.ts";
import type { Transport, TransportHandler } from "../transports/transport.ts";
import type { Backlog } from "./backlog.ts";
import { Budget } from "./budget.ts";
import { noProperties, type Properties, readPing, readProperties, readReason } from "./command.ts";
import { type DecoderHandler, ZmtpDecoder } from "./decoder.ts";
import { encodeCommand } from "./encoder.ts";
import type { ZmtpFault } from "./fault.ts";
import { type Greeting, greeting } from "./greeting.ts";
import type { ZmtpLimits } from "./limits.ts";
import type { ZmtpPeer } from "./peer.ts";

export type SocketType = "PUSH" | "PULL" | "PUB" | "SUB";

export interface ConnectionRole {
  /** Sorts of socket that may be at the other end. */
  accepts: readonly string[];
  /** Our command READY, encoded. */
  ready: Uint8Array;
}

/** Who owns a connection is told; each call names it. */
export interface ConnectionOwner<C> {
  /** Both have said READY. */
  onReady(connection: C): void;
  /** The parts are valid during the call only. */
  onMessage(connection: C, parts: readonly Uint8Array[]): void;
  /** A command that is none of the connection's own. */
  onCommand(connection: C, name: string, body: Uint8Array): void;
  /** It is ended for what it said; onClosed follows. */
  onFault(connection: C, fault: ZmtpFault): void;
  /** Nothing waits in the backlog any more. */
  onDrained?(connection: C): void;
  /** The last call. */
  onClosed(connection: C, reason: string): void;
}

/** Keeps chunks until all sockets of a turn were heard. */
export interface ChunkReader {
  later(connection: ZmtpConnection, chunk: Uint8Array): void;
  /** Reads now what is kept. */
  readAll(): void;
}

/** So much is gathered before it is written within the turn; larger messages are written as they are. */
const WRITE_BYTES = 65_536;

let lastKey = 0;

export class ZmtpConnection implements ZmtpPeer, TransportHandler, DecoderHandler {
  readonly key = ++lastKey;
  readonly address: string;
  readonly isLoopback: boolean;
  readonly names: readonly string[];
  properties: Properties = noProperties;
  isReady = false;
  /** Of its READY: PUSH, SUB … */
  socketType = "";
  /** Something arrived since this was last made false. */
  isHeard = false;
  /** Commands nobody here knows; they are passed over. */
  unknownCommands = 0;
  private readonly decoder: ZmtpDecoder;
  private readonly outbox: Outbox;
  private timer: NodeJS.Timeout | undefined;
  private isBlocked = false;
  private isSettling = false;
  private isClosing = false;
  private isOver = false;
  private reason = "";
  private readonly settled = () => this.settleNow();

  constructor(
    private readonly transport: Transport,
    private readonly role: ConnectionRole,
    private readonly limits: ZmtpLimits,
    private readonly owner: ConnectionOwner<ZmtpConnection>,
    private readonly backlog: Backlog,
    /** null: chunks are read as they come. */
    private readonly reader: ChunkReader | null,
    /** Of what has come of messages that are not whole. */
    unfinished = new Budget(Infinity),
  ) {
    this.address = transport.name.replace(/^tcp /, "");
    this.isLoopback = transport.remoteAddress === "";
    this.names = transport.names ?? [];
    this.decoder = new ZmtpDecoder(limits, this, unfinished);
    this.outbox = new Outbox(transport);
  }

  start(): void {
    const { handshakeMs } = this.limits;
    this.timer = setTimeout(() => {
      const text = `waiting for READY: none within ${handshakeMs} ms`;
      this.fail({ code: "HANDSHAKE_TIMEOUT", text });
    }, handshakeMs);
    this.transport.start(this);
    // The other end may show no more than its first bytes before it has seen ours.
    this.write(greeting);
  }

  /** Messages are taken: both have said READY, and neither has said more. */
  get isOpen(): boolean {
    return this.isReady && !this.isClosing;
  }

  /** False: the marks are reached, or there is no connection any more; the message was not taken. */
  send(message: Uint8Array): boolean {
    if (!this.isOpen) return false;
    if (this.isBlocked || this.backlog.length > 0) return this.wait(message);
    this.write(message);
    return true;
  }

  /** Bytes that wait in the backlog. */
  get waitingBytes(): number {
    return this.backlog.bytes;
  }

  /** What waits is nobody's any more. */
  forgetWaiting(): void {
    this.backlog.clear();
  }

  /** In front of what waits in the backlog. */
  sendCommand(name: string, body: Uint8Array): void {
    if (!this.isClosing) this.write(encodeCommand(name, body));
  }

  /** Hands the backlog to the transport as far as it takes it. */
  drain(): void {
    if (!this.isOpen || this.backlog.length === 0) return;
    while (!this.isBlocked) {
      const message = this.backlog.shift();
      if (message === undefined) break;
      this.write(message);
    }
    if (this.backlog.length === 0) this.owner.onDrained?.(this);
  }

  pause(): void {
    this.transport.pause?.();
  }

  resume(): void {
    this.transport.resume?.();
  }

  /** What was sent in this turn still leaves, what waits in the backlog does not. */
  close(reason: string): void {
    if (this.isClosing || this.isOver) return;
    this.settleNow();
    this.end(reason);
  }

  read(chunk: Uint8Array): void {
    this.decoder.feed(chunk);
  }

  onChunk(chunk: Uint8Array): void {
    this.isHeard = true;
    const { reader } = this;
    if (reader === null) return void this.decoder.feed(chunk);
    // A handshake waits for nobody: its time is measured.
    const at = this.isReady ? 0 : this.decoder.feed(chunk);
    if (at === chunk.length || this.isClosing) return;
    const rest = chunk.subarray(at);
    reader.later(this, this.transport.givesChunksAway === true ? rest : Buffer.from(rest));
  }

  onDrain(): void {
    this.isBlocked = false;
    this.drain();
  }

  onClose(reason: string): void {
    this.reader?.readAll(); // what it said last came before
    this.isOver = true;
    this.isClosing = true;
    this.decoder.stop();
    clearTimeout(this.timer);
    this.owner.onClosed(this, this.reason || reason);
    this.isReady = false;
  }

  onGreeting(_greeting: Greeting): void {
    this.write(this.role.ready);
  }

  onCommand(name: string, body: Uint8Array): void {
    if (name === "ERROR") {
      const text = `the other end refuses: ${JSON.stringify(readReason(body))}`;
      return this.fail({ code: "REFUSED", text });
    }
    if (!this.isReady) return this.handshake(name, body);
    if (name === "PING") return this.answerPing(body);
    if (name !== "PONG") this.owner.onCommand(this, name, body);
  }

  onMessage(parts: readonly Uint8Array[]): void {
    if (this.isReady) return this.owner.onMessage(this, parts);
    this.fail({ code: "BAD_FRAME", text: "waiting for READY: a message; allowed is the command READY" });
  }

  onFault(fault: ZmtpFault): void {
    this.fail(fault);
  }

  /** Ends it for what it said. */
  fail(fault: ZmtpFault): void {
    if (this.isClosing) return;
    this.owner.onFault(this, fault);
    this.end(fault.text);
  }

  private wait(message: Uint8Array): boolean {
    const isTaken = this.backlog.push(message);
    if (this.isOpen) return isTaken;
    this.backlog.clear(); // to make room for it this connection itself was ended
    return false;
  }

  private handshake(name: string, body: Uint8Array): void {
    if (name !== "READY") {
      const text = `waiting for READY: the command ${JSON.stringify(name)}; allowed is READY`;
      return this.fail({ code: "BAD_COMMAND", text });
    }
    const properties = readProperties(body);
    if ("code" in properties) return this.fail(properties);
    this.properties = properties;
    this.socketType = Buffer.from(properties.get("socket-type") ?? []).toString("latin1");
    const { accepts } = this.role;
    if (!accepts.includes(this.socketType)) {
      const text = `reading READY: a ${JSON.stringify(this.socketType)} socket; allowed are ${accepts.join(", ")}`;
      return this.fail({ code: "BAD_SOCKET", text });
    }
    clearTimeout(this.timer);
    this.isReady = true;
    if (this.reader !== null) this.decoder.interrupt();
    this.owner.onReady(this);
    this.drain();
  }

  private answerPing(body: Uint8Array): void {
    const context = readPing(body);
    if ("code" in context) this.fail(context);
    else this.sendCommand("PONG", context);
  }

  private write(bytes: Uint8Array): void {
    if (bytes.length >= WRITE_BYTES) {
      this.flush();
      this.note(this.transport.write(bytes));
      return;
    }
    this.outbox.append(bytes, 0, bytes.length);
    if (this.outbox.gathered >= WRITE_BYTES) this.flush();
    else if (!this.isSettling) {
      this.isSettling = true;
      queueMicrotask(this.settled);
    }
  }

  private settleNow(): void {
    this.isSettling = false;
    if (!this.isOver) this.flush();
  }

  private flush(): void {
    this.note(this.outbox.flush());
  }

  /** A stream wants a pause after much that it has handed on at once, too. */
  private note(wantsMore: boolean): void {
    if (!wantsMore && this.transport.unsent !== 0) this.isBlocked = true;
  }

  private end(reason: string): void {
    this.isClosing = true;
    this.reason = reason;
    this.decoder.stop();
    clearTimeout(this.timer);
    this.transport.close();
  }
}
