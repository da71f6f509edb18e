/** A client over TCP or a cable, made of the shared codec and the host's transports: a session without hellos. */
import { once } from "node:events";
import { connect } from "node:net";
import { nodeEngine } from "../host/platform/engine.ts";
import { Outbox } from "../host/transports/outbox.ts";
import { tcpTransport } from "../host/transports/tcp-transport.ts";
import type { Transport } from "../host/transports/transport.ts";
import { Frame } from "../shared/link/frame.ts";
import { createLink, type Link, LinkLimit } from "../shared/link/link.ts";
import { linkDeadline, openLink, receiveChunk, tickLink } from "../shared/link/receive-frame.ts";
import { flushLink, sendBytes } from "../shared/link/send-frame.ts";
import {
  bindSendBuffer,
  connectSession,
  detachSession,
  sessionDeadline,
  tickSession,
} from "../shared/session/lifecycle.ts";
import { pump } from "../shared/session/pump.ts";
import { acceptPackets, receiveBytes } from "../shared/session/receive.ts";
import { appendPacket, createSendBuffer, type SendBuffer } from "../shared/session/send-buffer.ts";
import type { Session, SessionHandler } from "../shared/session/state.ts";
import { createSession } from "../shared/session/state.ts";

const SLOT_BYTES = 600;
/** Times its window: where a window's bytes are moved to the front seldom, for it is a copy of them all. */
const BUFFER_WINDOWS = 4;
/** What a board's hello says it takes. */
const RX_BYTES = 16_384;
/** As the gateway's: room for the largest frame and large chunks behind it. */
const LINK_BUFFER_BYTES = 4096;

export class SessionSender implements SessionHandler {
  readonly session: Session;
  /** Packets acknowledged. */
  acknowledged = 0;
  /** Packets received. */
  received = 0;
  onOpen: () => void = () => {};
  /** Called when packets may have been received. */
  onReceived: () => unknown = () => {};
  /** Called when packets were acknowledged: there may be room. */
  onRoom: () => unknown = () => {};
  private main: SendBuffer;
  private readonly link: Link | null;
  private transport: Transport | null = null;
  private outbox!: Outbox;
  private timer: NodeJS.Timeout | null = null;
  private timerAt = Infinity;

  /** `window`: bytes that may be unacknowledged. `hasLink`: it speaks over a cable. */
  constructor(window: number, hasLink = false) {
    this.main = createSendBuffer(new Uint8Array(BUFFER_WINDOWS * window), window);
    const slot = createSendBuffer(new Uint8Array(SLOT_BYTES), SLOT_BYTES);
    this.session = createSession(true, new Uint8Array(0), nodeEngine, this, slot, new Uint8Array(0), window);
    this.link = hasLink ? this.makeLink() : null;
    if (hasLink) this.session.maxInFlight = LinkLimit.PACKETS_IN_FLIGHT;
  }

  /** Connects and begins the session, or resumes it over a new connection; resolves once packets flow. */
  async start(port: number): Promise<void> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    await this.attach(tcpTransport(socket));
  }

  /** The same over any transport. */
  async attach(transport: Transport): Promise<void> {
    this.transport = transport;
    this.outbox = new Outbox(transport);
    const isCurrent = () => this.transport === transport;
    transport.start({
      onChunk: (chunk) => isCurrent() && this.hear(chunk),
      onDrain: () => isCurrent() && this.unblock(),
      onClose: (reason) => isCurrent() && this.lose(reason),
    });
    const open = new Promise<void>((resolve) => {
      this.onOpen = resolve;
    });
    if (this.link === null) connectSession(this.session, performance.now());
    else openLink(this.link, performance.now());
    this.settle();
    await open;
    if (this.session.main === null) bindSendBuffer(this.session, this.main);
  }

  /** The same to a whole gateway: as the board `id`, once the hellos are exchanged. */
  async startAs(id: string, port: number): Promise<void> {
    const { main } = this;
    this.main = createSendBuffer(new Uint8Array(0), 0);
    await this.start(port);
    this.main = main;
    const hello = {
      id,
      epoch: "",
      seq: 1,
      rx: RX_BYTES,
      max: RX_BYTES,
      fw: "bench",
      board: "NODE",
      caps: [],
      lost: 0,
    };
    const payload = Buffer.from(JSON.stringify({ hello }));
    const answered = new Promise<void>((resolve) => {
      this.onReceived = () => this.received > 0 && resolve();
    });
    appendPacket(this.session.slot, payload, 0, payload.length);
    this.settle();
    await answered;
    bindSendBuffer(this.session, main);
  }

  /** Pulls the cable. */
  cut(): void {
    const { transport } = this;
    this.transport = null;
    transport?.close();
    detachSession(this.session, performance.now());
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
    if (this.transport === null) return;
    pump(this.session);
    if (this.link !== null) flushLink(this.link, performance.now());
    if (!this.outbox.flush()) this.session.blocked = true;
    this.armTimer();
  }

  private hear(chunk: Uint8Array): void {
    if (this.link === null) receiveBytes(this.session, chunk, 0, chunk.length, performance.now());
    else receiveChunk(this.link, chunk, performance.now());
    this.onRoom();
    this.onReceived();
    this.settle();
  }

  private unblock(): void {
    this.session.blocked = false;
    this.settle();
  }

  private lose(reason: string): void {
    throw new Error(`session sender: ${reason}`);
  }

  onOutput(bytes: Uint8Array, start: number, end: number): void {
    if (this.link === null) this.outbox.append(bytes, start, end);
    else sendBytes(this.link, bytes, start, end, performance.now());
  }

  onPacket(_bytes: Uint8Array, _start: number, _end: number, index: number): void {
    this.received = index + 1;
    acceptPackets(this.session, index + 1, 0); // within a chunk no clock is read: what is owed is looked at behind it
  }

  onAcknowledged(count: number): void {
    this.acknowledged += count;
  }

  onDisconnect(code: number): void {
    throw new Error(`session sender: dropped with code ${code}`);
  }
  onClosed(): void {}

  private makeLink(): Link {
    const session = this.session;
    const link = createLink(
      true,
      Math.floor(Math.random() * 256),
      nodeEngine,
      {
        onWrite: (bytes, start, end) => this.outbox.append(bytes, start, end),
        onOpened: () => connectSession(session, performance.now()),
        onBroken: (reason) => this.lose(`link broken: ${String.fromCharCode(reason)}`),
        onData: (bytes, start, end) => receiveBytes(session, bytes, start, end, performance.now()),
        onLog() {},
        onRepl() {},
      },
      new Uint8Array(LINK_BUFFER_BYTES),
      Frame.MAX_PAYLOAD,
    );
    link.rx = LinkLimit.BYTES_IN_FLIGHT;
    return link;
  }

  private armTimer(): void {
    const link = this.link === null ? Infinity : linkDeadline(this.link);
    const deadline = Math.min(link, sessionDeadline(this.session));
    if (deadline >= this.timerAt) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timerAt = deadline;
    this.timer = setTimeout(() => this.tick(), Math.max(0, deadline - performance.now()));
  }

  private tick(): void {
    this.timer = null;
    this.timerAt = Infinity;
    if (this.link !== null) tickLink(this.link, performance.now());
    tickSession(this.session, performance.now());
    this.settle();
  }
}
