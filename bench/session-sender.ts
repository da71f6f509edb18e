/** A client that sends packets over TCP as fast as its session takes them: the shared codec and the host's transport. */
import { once } from "node:events";
import { connect } from "node:net";
import { nodeEngine } from "../host/platform/engine.ts";
import { Outbox } from "../host/session/outbox.ts";
import { tcpTransport } from "../host/transports/tcp-transport.ts";
import type { Transport, TransportHandler } from "../host/transports/transport.ts";
import {
  bindSendBuffer,
  connectSession,
  detachSession,
  sessionDeadline,
  tickSession,
} from "../shared/session/lifecycle.ts";
import { pump } from "../shared/session/pump.ts";
import { acceptPackets, receiveBytes } from "../shared/session/receive.ts";
import { appendPacket, createSendBuffer } from "../shared/session/send-buffer.ts";
import type { Session, SessionHandler } from "../shared/session/state.ts";
import { createSession } from "../shared/session/state.ts";

const SLOT_BYTES = 600;

export class SessionSender implements SessionHandler, TransportHandler {
  readonly session: Session;
  /** Packets acknowledged. */
  acknowledged = 0;
  /** Called when packets were acknowledged: there may be room. */
  onRoom: () => unknown = () => {};
  private readonly main;
  private transport!: Transport;
  private outbox!: Outbox;
  private timer: NodeJS.Timeout | null = null;
  private timerAt = Infinity;

  /** `window`: bytes that may be unacknowledged. */
  constructor(window: number) {
    this.main = createSendBuffer(new Uint8Array(2 * window), window);
    const slot = createSendBuffer(new Uint8Array(SLOT_BYTES), SLOT_BYTES);
    this.session = createSession(true, new Uint8Array(0), nodeEngine, this, slot, new Uint8Array(0), window);
  }

  /** Connects and begins the session. */
  async start(port: number): Promise<void> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    this.transport = tcpTransport(socket);
    this.outbox = new Outbox(this.transport);
    this.transport.start(this);
    connectSession(this.session, performance.now());
    bindSendBuffer(this.session, this.main);
    this.settle();
  }

  /** Bytes that may be appended now. */
  get room(): number {
    return this.main.limit - (this.main.tail - this.main.head);
  }

  /** False: no room now. It leaves with settle(). */
  send(packet: Uint8Array): boolean {
    return appendPacket(this.main, packet, 0, packet.length) > 0;
  }

  settle(): void {
    pump(this.session);
    if (!this.outbox.flush()) this.session.blocked = true;
    this.armTimer();
  }

  onChunk(chunk: Uint8Array): void {
    receiveBytes(this.session, chunk, 0, chunk.length, performance.now());
    this.onRoom();
    this.settle();
  }

  onDrain(): void {
    this.session.blocked = false;
    this.settle();
  }

  onClose(reason: string): void {
    detachSession(this.session, performance.now());
    throw new Error(`session sender: ${reason}`);
  }

  onOutput(bytes: Uint8Array, start: number, end: number): void {
    this.outbox.append(bytes, start, end);
  }

  onPacket(_bytes: Uint8Array, _start: number, _end: number, index: number): void {
    acceptPackets(this.session, index + 1, performance.now());
  }

  onAcknowledged(count: number): void {
    this.acknowledged += count;
  }

  onOpen(): void {}
  onDisconnect(code: number): void {
    throw new Error(`session sender: dropped with code ${code}`);
  }
  onClosed(): void {}

  private armTimer(): void {
    const deadline = sessionDeadline(this.session);
    if (deadline >= this.timerAt) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timerAt = deadline;
    this.timer = setTimeout(() => this.tick(), Math.max(0, deadline - performance.now()));
  }

  private tick(): void {
    this.timer = null;
    this.timerAt = Infinity;
    tickSession(this.session, performance.now());
    this.settle();
  }
}
