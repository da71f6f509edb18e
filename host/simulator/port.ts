/**
 * The serial port of a simulated board as hardware: its input buffer, its speed, and the wire to whoever is at the other
 * end. What comes while the board is off is gone.
 */
import { type Random, seededRandom } from "../transports/random.ts";
import type { WireTap } from "./board-wire.ts";
import { InputBuffer } from "./input-buffer.ts";

/** The other end of Serial1; a Pty is one. */
export interface SerialEnd {
  write(bytes: Uint8Array): unknown;
  onData(listener: (bytes: Uint8Array) => void): void;
}

export interface PortOptions {
  capacity: number;
  hasFlowControl: boolean;
  seed: number;
  /** Speed after power-on, until the program sets another. */
  consoleBaud?: number;
  /** How fast the other end speaks. Where both are known and differ, neither understands a byte. */
  baudOfHost?(): number;
  tap: WireTap | undefined;
  /** 03 came: it is heard at once, before what waits. */
  onInterrupt(): void;
  /** Something waits, and is to be taken when the board is idle. */
  onInput(): void;
  /** Bytes were lost. */
  onLost(): void;
}

const CTRL_C = 3;
/** It may cost a process to ask. What the other end sends, it sends at its speed of now; what it is sent follows soon. */
const BAUD_KNOWN_MS = 50;

export class Port {
  readonly input: InputBuffer;
  private baud: number | undefined;
  private hostBaud = { value: 0, at: Number.NEGATIVE_INFINITY };
  private isPowered = false;
  private readonly random: Random;

  constructor(
    private readonly options: PortOptions,
    private readonly end: SerialEnd | undefined,
  ) {
    this.random = seededRandom(options.seed ^ 0xba0d);
    this.input = new InputBuffer({
      capacity: options.capacity,
      hasFlowControl: options.hasFlowControl,
      sendControl: (byte) => this.write(Uint8Array.of(byte)),
      onLost: options.onLost,
    });
    end?.onData((bytes) => this.receive(bytes));
  }

  powerOn(): void {
    this.input.takeAll();
    this.baud = this.options.consoleBaud;
    this.isPowered = true;
  }

  powerOff(): void {
    this.isPowered = false;
  }

  /** The program chose another speed. */
  setup(baud: number): void {
    if (this.baud !== undefined) this.baud = baud;
  }

  receive(bytes: Uint8Array): void {
    if (!this.isPowered) return;
    const heard = this.isUnderstood(0) ? bytes : this.garble(bytes);
    this.options.tap?.pass("gateway", heard);
    this.input.push(heard);
    if (heard.includes(CTRL_C)) this.options.onInterrupt();
    this.options.onInput();
  }

  write(bytes: Uint8Array): void {
    if (!this.isPowered || this.end === undefined || bytes.length === 0) return;
    this.options.tap?.pass("board", bytes);
    this.end.write(this.isUnderstood(BAUD_KNOWN_MS) ? bytes : this.garble(bytes));
  }

  /** maxAgeMs: how long ago the other end's speed may have been asked for. */
  private isUnderstood(maxAgeMs: number): boolean {
    const { baudOfHost } = this.options;
    if (this.baud === undefined || baudOfHost === undefined) return true;
    const now = performance.now();
    if (now - this.hostBaud.at >= maxAgeMs) this.hostBaud = { value: baudOfHost(), at: now };
    return this.hostBaud.value === this.baud;
  }

  /** Bits read at the wrong time: bytes with their upper bit set, fewer or more of them as the speeds have it. */
  private garble(bytes: Uint8Array): Uint8Array {
    return bytes.map(() => 0x80 | (this.random() * 0x80));
  }
}
