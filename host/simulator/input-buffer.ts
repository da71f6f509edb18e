/**
 * What a port takes in while the board is busy. There is no more room than that: what comes above it is lost, and the board
 * is told so, later, by FIFO_FULL (espruino §4.1). With flow control XOFF asks the other end in time to stop.
 */
import { toByteString } from "./bytes.ts";

const XON = 0x11;
const XOFF = 0x13;
/** Eighths of the room at which the other end is asked to stop, and to go on. */
const STOP_EIGHTHS = 6;
const GO_EIGHTHS = 3;

export interface InputBufferOptions {
  capacity: number;
  hasFlowControl: boolean;
  /** XON or XOFF for the other end. */
  sendControl(byte: number): void;
  onLost(): void;
}

export class InputBuffer {
  /** Bytes that found no room. */
  lost = 0;
  private waiting = "";
  private isStopped = false;

  constructor(private readonly options: InputBufferOptions) {}

  get length(): number {
    return this.waiting.length;
  }

  push(bytes: Uint8Array): void {
    const { capacity, hasFlowControl, sendControl, onLost } = this.options;
    const room = capacity - this.waiting.length;
    this.waiting += toByteString(bytes.subarray(0, room));
    if (hasFlowControl && !this.isStopped && 8 * this.waiting.length > STOP_EIGHTHS * capacity) {
      this.isStopped = true;
      sendControl(XOFF);
    }
    if (bytes.length <= room) return;
    this.lost += bytes.length - room;
    onLost();
  }

  /** The next byte, or undefined. */
  take(): number | undefined {
    if (this.waiting === "") return undefined;
    const byte = this.waiting.charCodeAt(0);
    this.drop(1);
    return byte;
  }

  /** All of it, as a byte string. */
  takeAll(): string {
    const all = this.waiting;
    this.drop(all.length);
    return all;
  }

  private drop(count: number): void {
    const { capacity, sendControl } = this.options;
    this.waiting = this.waiting.slice(count);
    if (!this.isStopped || 8 * this.waiting.length > GO_EIGHTHS * capacity) return;
    this.isStopped = false;
    sendControl(XON);
  }
}
