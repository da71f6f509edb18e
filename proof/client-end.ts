/** A client of the shared codec that sends numbered packets and checks those it gets. */
import { nodeEngine } from "../host/platform/engine.ts";
import type { Code } from "../shared/session/codes.ts";
import { bindSendBuffer } from "../shared/session/lifecycle.ts";
import { pump } from "../shared/session/pump.ts";
import { acceptPackets } from "../shared/session/receive.ts";
import { createSendBuffer, type SendBuffer } from "../shared/session/send-buffer.ts";
import { createSession, type Session, type SessionHandler } from "../shared/session/state.ts";
import { appendNumbered, checkNumbered } from "./numbered-packets.ts";
import { hold } from "./proof.ts";

const LARGEST_PACKET = 4096;

export class ClientEnd implements SessionHandler {
  session: Session;
  readonly buffer: SendBuffer;
  appended = 0;
  delivered = 0;
  acknowledged = 0;
  /** Why its session dropped the connection, or ended for good; 0 while it did not. */
  disconnected: Code | 0 = 0;
  closed: Code | 0 = 0;
  /** Where its bytes go; null while it has no connection. */
  output: { put(bytes: Uint8Array, start: number, end: number): void } | null = null;

  constructor(
    private readonly now: () => number,
    bufferBytes: number,
    /** How many of its packets the other side has for good: no more may be acknowledged. */
    private readonly durable: () => number,
  ) {
    this.buffer = createSendBuffer(new Uint8Array(2 * bufferBytes), bufferBytes);
    this.session = this.newSession();
  }

  /** Appends packets up to `total` as far as there is room, and sends what may go. */
  fill(total: number): void {
    while (this.appended < total && appendNumbered(this.buffer, this.appended)) this.appended++;
    pump(this.session);
  }

  /** After its session ended, with the same packets still to be sent. */
  beginAnew(): void {
    this.closed = 0;
    this.session = this.newSession();
  }

  onOutput(bytes: Uint8Array, start: number, end: number): void {
    this.output?.put(bytes, start, end);
  }

  onPacket(bytes: Uint8Array, start: number, end: number, index: number): void {
    checkNumbered(bytes, start, end, index, this.delivered);
    this.delivered++;
    acceptPackets(this.session, this.delivered, this.now());
  }

  onAcknowledged(count: number): void {
    this.acknowledged += count;
    hold(
      this.acknowledged <= this.durable(),
      () => `the client was told of ${this.acknowledged} packets, ${this.durable()} are durable`,
    );
  }

  onOpen(): void {}

  onDisconnect(code: Code): void {
    this.disconnected = code;
  }

  onClosed(code: Code): void {
    this.closed = code;
  }

  private newSession(): Session {
    const slot = createSendBuffer(new Uint8Array(1), 1);
    const none = new Uint8Array(0);
    const session = createSession(true, none, nodeEngine, this, slot, none, LARGEST_PACKET);
    bindSendBuffer(session, this.buffer);
    return session;
  }
}
