/**
 * What carries bytes between one board and one life of the gateway: a socket, or a cable. Each end may find it gone
 * before the other does, or never (session D11); what was on its way may still come long after.
 */
import type { Transport, TransportHandler } from "../../host/transports/transport.ts";
import { Lane } from "../lane.ts";
import type { Carriage } from "./board-program.ts";
import { virtualSetImmediate } from "./virtual-time.ts";

/** The board's end. */
export interface BoardEnd {
  onBytes(bytes: Uint8Array): void;
  onGone(): void;
}

/** Longest piece of a 'data' event (espruino §4.1). */
const SERIAL_CHUNK = 64;

export class Wire implements Transport {
  readonly name: string;
  readonly remoteAddress = "";
  readonly unsent = 0;
  readonly up = new Lane();
  readonly down = new Lane();
  /** The gateway's end takes no more for now. */
  isFull = false;
  /** Nothing tells either end of the other's. */
  isSilent = false;
  hostKnows = false;
  boardKnows = false;
  private isClosing = false;
  private handler: TransportHandler | null = null;

  constructor(
    readonly kind: Carriage,
    number: number,
    private readonly board: BoardEnd,
    private readonly onHostOutput: (chunk: Uint8Array) => void,
  ) {
    this.name = kind === "tcp" ? `tcp 192.0.2.1:${number}` : "serial /dev/ttyS0";
  }

  start(handler: TransportHandler): void {
    this.handler = handler;
  }

  write(chunk: Uint8Array): boolean {
    if (this.hostKnows || this.isClosing) return true;
    this.onHostOutput(chunk);
    if (!this.boardKnows) this.down.put(chunk, 0, chunk.length);
    return !this.isFull;
  }

  /** The gateway closes its end: what it wrote still leaves. */
  close(): void {
    if (this.isClosing) return;
    this.isClosing = true;
    virtualSetImmediate(() => this.endForHost("closed here"));
  }

  drain(): void {
    if (!this.isFull) return;
    this.isFull = false;
    if (!this.hostKnows) this.handler?.onDrain();
  }

  /** The board writes. */
  put(bytes: Uint8Array): void {
    if (!this.hostKnows) this.up.put(bytes, 0, bytes.length);
  }

  deliverUp(most: number): void {
    this.up.deliver(most, (bytes, start, end) => {
      if (!this.hostKnows) this.handler?.onChunk(bytes.slice(start, end));
    });
    if (this.boardKnows && !this.isSilent && this.up.size === 0) this.endForHost("ended by the other side");
  }

  deliverDown(most: number): void {
    this.down.deliver(most, (bytes, start, end) => {
      const step = this.kind === "serial" ? SERIAL_CHUNK : end - start;
      const copy = bytes.slice(start, end);
      for (let at = 0; at < copy.length && !this.boardKnows; at += step)
        this.board.onBytes(copy.subarray(at, at + step));
    });
    if (this.hostKnows && !this.isSilent && this.down.size === 0) this.endForBoard();
  }

  /** The gateway learns that it is gone. */
  endForHost(reason: string): void {
    if (this.hostKnows) return;
    this.hostKnows = true;
    this.up.clear();
    this.handler?.onClose(reason);
  }

  /** The board learns that it is gone; of a cable it never does. */
  endForBoard(): void {
    if (this.boardKnows) return;
    this.boardKnows = true;
    this.down.clear();
    this.board.onGone();
  }

  /** The board ended it by itself. */
  leave(): void {
    this.boardKnows = true;
    this.down.clear();
  }

  get isOver(): boolean {
    return this.hostKnows && this.boardKnows;
  }
}
