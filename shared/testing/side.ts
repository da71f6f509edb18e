/** One end of a session with everything it says written down: for tests that tell a story in simulated time. */
import { nodeEngine } from "../../host/platform/engine.ts";
import type { Code } from "../session/codes.ts";
import { bindSendBuffer } from "../session/lifecycle.ts";
import { pump } from "../session/pump.ts";
import { acceptPackets, receiveBytes } from "../session/receive.ts";
import type { SendBuffer } from "../session/send-buffer.ts";
import { appendPacket, createSendBuffer } from "../session/send-buffer.ts";
import type { Session, SessionHandler } from "../session/state.ts";
import { createSession } from "../session/state.ts";

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
export const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
export const SESSION_ID = bytesOf("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");

export interface SideOptions {
  isClient: boolean;
  id?: Uint8Array;
  maxPacket?: number;
  bufferBytes?: number;
  /** Count packets when they are delivered (the default), or only when the test says so. */
  acceptsAtOnce?: boolean;
  /** The send buffer is bound from the start: no hellos. */
  bound?: boolean;
}

export class Side implements SessionHandler {
  readonly session: Session;
  readonly buffer: SendBuffer;
  readonly packets: string[] = [];
  readonly indexes: number[] = [];
  readonly events: string[] = [];
  acknowledged = 0;
  disconnected: Code | 0 = 0;
  closed: Code | 0 = 0;
  now = 0;
  private output: Uint8Array[] = [];

  constructor(private readonly options: SideOptions) {
    const id = options.id ?? (options.isClient ? new Uint8Array(0) : SESSION_ID);
    const size = options.bufferBytes ?? 65536;
    const slot = createSendBuffer(new Uint8Array(512), 512);
    this.buffer = createSendBuffer(new Uint8Array(2 * size), size);
    this.session = createSession(
      options.isClient,
      id,
      nodeEngine,
      this,
      slot,
      new Uint8Array(0),
      options.maxPacket ?? 65536,
    );
    if (options.bound !== false) bindSendBuffer(this.session, this.buffer);
  }

  /** What it sent since the last call, as one run of bytes. */
  take(): Uint8Array {
    const all = Buffer.concat(this.output);
    this.output = [];
    return Uint8Array.from(all);
  }

  takeHex(): string {
    return hexOf(this.take());
  }

  /** Hands it bytes, given as hex or as they are. */
  hear(bytes: Uint8Array | string, now = this.now): void {
    this.now = now;
    const chunk = typeof bytes === "string" ? bytesOf(bytes) : bytes;
    receiveBytes(this.session, chunk, 0, chunk.length, now);
  }

  /** Appends a packet and sends what may go; what appendPacket said. */
  send(data: Uint8Array | string): number {
    const bytes = typeof data === "string" ? bytesOf(data) : data;
    const held = appendPacket(this.buffer, bytes, 0, bytes.length);
    pump(this.session);
    return held;
  }

  onOutput(bytes: Uint8Array, start: number, end: number): void {
    this.output.push(bytes.slice(start, end));
  }

  onPacket(bytes: Uint8Array, start: number, end: number, index: number): void {
    this.packets.push(hexOf(bytes.slice(start, end)));
    this.indexes.push(index);
    if (this.options.acceptsAtOnce !== false) acceptPackets(this.session, index + 1, this.now);
  }

  onAcknowledged(count: number): void {
    this.acknowledged += count;
  }

  onOpen(resumed: boolean): void {
    this.events.push(resumed ? "resumed" : "opened");
  }

  onDisconnect(code: number): void {
    this.disconnected = code;
    this.events.push(`disconnect ${code}`);
  }

  onClosed(code: number): void {
    this.closed = code;
    this.events.push(`closed ${code}`);
  }
}
