/**
 * A board made of the shared codec alone, in Node: over any transport, with or without the link. It speaks first, says
 * hello, and sends what it is given as fast as the session takes it. For tests that need to see and say every packet.
 */
import { randomBytes } from "node:crypto";
import { createLink, type Link, LinkLimit } from "../../shared/link/link.ts";
import {
  breakLink,
  linkDeadline,
  openLink,
  receiveChunk,
  tickLink,
} from "../../shared/link/receive-frame.ts";
import { flushLink, sendBytes } from "../../shared/link/send-frame.ts";
import type { GatewayHello } from "../../shared/message.ts";
import { counterBytes, Proof, proofText, resumeText } from "../../shared/proof.ts";
import { Code } from "../../shared/session/codes.ts";
import {
  bindSendBuffer,
  closeSession,
  connectSession,
  detachSession,
  sessionDeadline,
  tickSession,
} from "../../shared/session/lifecycle.ts";
import { pump } from "../../shared/session/pump.ts";
import { acceptPackets, receiveBytes } from "../../shared/session/receive.ts";
import { appendPacket, clearPackets, createSendBuffer } from "../../shared/session/send-buffer.ts";
import { createSession, Limit, type Session, type SessionHandler } from "../../shared/session/state.ts";
import { byteString, mac } from "../admission/mac.ts";
import { nodeEngine } from "../platform/engine.ts";
import { Outbox } from "../transports/outbox.ts";
import type { Transport } from "../transports/transport.ts";

export interface BoardClientOptions {
  id: string;
  hasLink: boolean;
  bufferBytes?: number;
  /** Replaces the hello; for boards that misbehave. */
  hello?: object;
  /** Proves itself with this key, and wants the gateway to do so. */
  key?: Uint8Array;
}

export class BoardClient implements SessionHandler {
  session: Session;
  epoch = "";
  /** Numbered packets of the gateway, and the codes of sessions that ended. */
  readonly packets: string[] = [];
  readonly ends: Code[] = [];
  acknowledged = 0;
  linksOpened = 0;
  private readonly main;
  private readonly slot = createSendBuffer(new Uint8Array(1200), 1200);
  /** What it speaks through now; the link is kept while the board is on the network. */
  private link: Link | null = null;
  private cable: Link | null = null;
  private transport: Transport | null = null;
  private outbox: Outbox | null = null;
  private nextSeq = 1;
  private watermark = 0;
  private firstSeq = 1;
  private gatewayEpoch = "";
  /** Bytes the gateway can hold unread, once its hello has said so. */
  private gatewayRx: number = Limit.NONE;
  private nonce = Buffer.alloc(0);
  private timer: NodeJS.Timeout | null = null;
  /** What could not be appended yet. */
  private readonly backlog: Uint8Array[] = [];

  constructor(private readonly options: BoardClientOptions) {
    const size = options.bufferBytes ?? 16384;
    this.main = createSendBuffer(new Uint8Array(2 * size), size);
    this.session = this.newSession();
  }

  /** Speaks over `transport` from now on, a cable or not; the one before is forgotten. */
  attach(transport: Transport, hasLink = this.options.hasLink): void {
    this.detach();
    this.transport = transport;
    this.outbox = new Outbox(transport);
    // Late words of a transport that was replaced are not heard.
    const isCurrent = () => this.transport === transport;
    transport.start({
      onChunk: (chunk) => isCurrent() && this.hear(chunk),
      onDrain: () => isCurrent() && this.unblock(),
      onClose: () => isCurrent() && this.lose(),
    });
    if (hasLink) this.cable ??= this.newLink();
    this.link = hasLink ? this.cable : null;
    this.setWindows();
    if (this.link === null) connectSession(this.session, performance.now());
    else openLink(this.link, performance.now());
    this.settle();
  }

  detach(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    const old = this.transport;
    this.transport = null;
    old?.close();
    detachSession(this.session, performance.now());
  }

  /** Numbers the payload and sends it when there is room. */
  send(payload: Uint8Array | string): void {
    this.backlog.push(typeof payload === "string" ? Buffer.from(payload) : payload);
    this.sendBacklog();
    this.settle();
  }

  get unacknowledged(): number {
    return this.main.count + this.backlog.length;
  }

  private hear(chunk: Uint8Array): void {
    const now = performance.now();
    if (this.link !== null) receiveChunk(this.link, chunk, now);
    else receiveBytes(this.session, chunk, 0, chunk.length, now);
    this.settle();
  }

  private unblock(): void {
    this.session.blocked = false;
    pump(this.session);
    this.settle();
  }

  private lose(): void {
    this.transport = null;
    detachSession(this.session, performance.now());
  }

  onOutput(bytes: Uint8Array, start: number, end: number): void {
    if (this.link !== null) sendBytes(this.link, bytes, start, end, performance.now());
    else this.outbox?.append(bytes, start, end);
  }

  onPacket(bytes: Uint8Array, start: number, end: number, index: number): void {
    acceptPackets(this.session, index + 1, performance.now());
    const text = Buffer.from(bytes.slice(start, end)).toString();
    if (index === 0) return this.readHello(JSON.parse(text).hello);
    const seq = this.firstSeq + index - 1;
    if (seq <= this.watermark) return;
    this.watermark = seq;
    this.packets.push(text);
  }

  onAcknowledged(count: number): void {
    this.acknowledged += count;
    this.sendBacklog();
  }

  onOpen(resumed: boolean): void {
    if (resumed) return;
    const { id, hello } = this.options;
    const seq = this.nextSeq - this.main.count;
    const mine = {
      id,
      epoch: this.epoch,
      seq,
      rx: 65536,
      max: 16000,
      fw: "test",
      board: "TEST",
      caps: [],
      lost: 0,
      ...(this.options.key && { nonce: this.drawNonce() }),
    };
    this.sendUnnumbered({ hello: hello ?? mine });
  }

  /** From the reserved slot. */
  private sendUnnumbered(message: object): void {
    const payload = Buffer.from(JSON.stringify(message));
    appendPacket(this.slot, payload, 0, payload.length);
    pump(this.session);
  }

  private drawNonce(): string {
    this.nonce = randomBytes(Proof.NONCE_SIZE);
    return this.nonce.toString("base64");
  }

  private proofOf(role: string, hello: GatewayHello): string {
    const [theirs, mine, session] = [
      Buffer.from(hello.nonce ?? "", "base64"),
      this.nonce,
      this.session.id,
    ].map(byteString);
    const text = proofText(role, theirs, mine, session, this.options.id, hello.id);
    return mac(this.options.key!, text).toString("base64");
  }

  private resumeId(session: Session): Uint8Array {
    if (session.id.length === 0) return session.id; // it asks for a new one
    const counter = counterBytes(++session.resumes);
    const proof = mac(this.options.key!, resumeText(byteString(session.id), counter));
    return Buffer.concat([
      session.id,
      Buffer.from(counter, "latin1"),
      proof.subarray(0, Proof.RESUME_MAC_SIZE),
    ]);
  }

  onDisconnect(code: Code): void {
    if (this.link !== null) breakLink(this.link, 0x71, performance.now());
    else this.transport?.close();
    if (code === Code.VERSION_UNSUPPORTED) this.transport = null;
  }

  onClosed(code: Code): void {
    this.ends.push(code);
    this.session = this.newSession();
    this.gatewayRx = Limit.NONE;
    this.setWindows();
  }

  private readHello(hello: GatewayHello): void {
    if (this.options.key) {
      if (hello.proof !== this.proofOf("g", hello)) return closeSession(this.session, performance.now());
      this.sendUnnumbered({ proof: this.proofOf("b", hello) });
    }
    if (hello.epoch !== this.gatewayEpoch) this.watermark = hello.seq - 1;
    this.gatewayEpoch = hello.epoch;
    this.firstSeq = hello.seq;
    this.epoch = hello.yourEpoch;
    this.gatewayRx = hello.rx;
    this.setWindows();
    bindSendBuffer(this.session, this.main);
    this.sendBacklog();
  }

  private sendBacklog(): void {
    while (
      this.backlog.length > 0 &&
      appendPacket(this.main, this.backlog[0], 0, this.backlog[0].length) > 0
    ) {
      this.backlog.shift();
      this.nextSeq++;
    }
    pump(this.session);
  }

  private newSession(): Session {
    clearPackets(this.slot);
    const session = createSession(
      true,
      new Uint8Array(0),
      nodeEngine,
      this,
      this.slot,
      new Uint8Array(0),
      65536,
    );
    if (this.options.key) session.resumeId = (s) => this.resumeId(s);
    return session;
  }

  /** What may be on its way: what the gateway's hello announced, and over a cable what that says (session D6). */
  private setWindows(): void {
    const { session, link } = this;
    session.maxInFlight = link === null ? Limit.NONE : LinkLimit.PACKETS_IN_FLIGHT;
    session.window = link === null ? this.gatewayRx : Math.min(this.gatewayRx, link.peerRx);
  }

  private newLink(): Link {
    const link = createLink(
      true,
      Math.floor(Math.random() * 256),
      nodeEngine,
      {
        onWrite: (bytes, start, end) => this.outbox?.append(bytes, start, end),
        onOpened: () => {
          this.linksOpened++;
          this.setWindows();
          connectSession(this.session, performance.now());
        },
        onBroken: () => detachSession(this.session, performance.now()),
        onData: (bytes, start, end) => receiveBytes(this.session, bytes, start, end, performance.now()),
        onLog: () => {},
        onRepl: () => {},
      },
      new Uint8Array(4096),
      256,
    );
    link.rx = LinkLimit.BYTES_IN_FLIGHT;
    return link;
  }

  private settle(): void {
    if (this.transport === null) return;
    const now = performance.now();
    if (this.link !== null) flushLink(this.link, now);
    if (this.outbox?.flush() === false) this.session.blocked = true;
    if (this.timer !== null) clearTimeout(this.timer);
    const deadline = Math.min(
      sessionDeadline(this.session),
      this.link === null ? Infinity : linkDeadline(this.link),
    );
    if (deadline === Infinity) return;
    this.timer = setTimeout(() => this.tick(), Math.max(0, deadline - now));
  }

  private tick(): void {
    const now = performance.now();
    if (this.link !== null) tickLink(this.link, now);
    tickSession(this.session, now);
    this.settle();
  }
}
