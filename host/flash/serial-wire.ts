/**
 * A serial port with a prompt at its other end. A prompt ends no line, so silence delimits what the board says, by
 * `@serialport/parser-inter-byte-timeout`.
 */
import { InterByteTimeoutParser } from "@serialport/parser-inter-byte-timeout";
import type { SerialPort } from "serialport";
import { keepLinesAtClose, openPort, pulseReset } from "../transports/serial-port.ts";
import type { PromptWire } from "./prompt-wire.ts";

/** An answer is told this much later than it came; at 9600 baud a byte takes 1 ms, and a driver bundles up to 16 ms of them. */
const SILENCE_MS = 20;
/** Of a board that never falls silent. */
const MAX_BURST_BYTES = 4096;
const XON = 0x11;
const XOFF = 0x13;
const FLOW_BYTES = new RegExp(`[${String.fromCharCode(XON, XOFF)}]`, "g");
/** A board that asked us to wait, and then says nothing, has been forgotten or was never asked (users 16). */
const XOFF_PATIENCE_MS = 2000;
/** The kernel's buffer of a board that reads nothing never drains. */
const DRAIN_PATIENCE_MS = 2000;

/** Rejects as openSerial() does. */
export async function openSerialWire(path: string, baud: number): Promise<PromptWire> {
  const port = await openPort(path, baud);
  const kept = keepLinesAtClose(path);
  return new SerialWire(path, baud, port, kept);
}

class SerialWire implements PromptWire {
  onText: (text: string) => void = () => {};
  onLost: (reason: string) => void = () => {};
  /** While the board asks to wait. */
  private stopped: { promise: Promise<void>; go(): void } | null = null;
  private isClosed = false;
  private isLost = false;
  /** Calls under way. serialport keeps a write to a port that is not open, with its callback, until it is opened again. */
  private readonly unsettled = new Set<() => void>();

  constructor(
    readonly name: string,
    public baud: number,
    private readonly port: SerialPort,
    private readonly kept: Promise<void>,
  ) {
    const parser = new InterByteTimeoutParser({ interval: SILENCE_MS, maxBufferSize: MAX_BURST_BYTES });
    port.on("data", (chunk: Buffer) => this.obeyFlow(chunk));
    port.pipe(parser).on("data", (burst: Buffer) => this.tell(burst));
    port.on("error", (error) => this.lose(error.message));
    port.on("close", (error: Error | null) => this.lose(error?.message ?? "it was closed"));
  }

  async write(text: string): Promise<void> {
    if (this.stopped !== null && (await this.isStillStopped())) {
      this.stopped = null;
      await this.send(String.fromCharCode(XON));
    }
    await this.send(text);
  }

  setBaud(baud: number): Promise<void> {
    this.baud = baud;
    return this.settled((done) => this.port.update({ baudRate: baud }, done));
  }

  pulseReset(): Promise<void> {
    return pulseReset(this.port);
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.kept;
    if (!this.port.isOpen) return;
    const isDrained = await within(
      DRAIN_PATIENCE_MS,
      this.settled((done) => this.port.drain(done)),
    );
    // What the board never took would keep close() waiting for 30 s. Else nothing is thrown away: the last line said counts.
    if (!isDrained) await this.settled((done) => this.port.flush(done));
    await this.settled((done) => this.port.close(done));
  }

  private obeyFlow(chunk: Buffer): void {
    const isStop = chunk.lastIndexOf(XOFF) > chunk.lastIndexOf(XON);
    const isGo = chunk.lastIndexOf(XON) > chunk.lastIndexOf(XOFF);
    if (isGo) {
      this.stopped?.go();
      this.stopped = null;
    } else if (isStop && this.stopped === null) {
      let go = () => {};
      const promise = new Promise<void>((resolve) => {
        go = resolve;
      });
      this.stopped = { promise, go };
    }
  }

  private isStillStopped(): Promise<boolean> {
    return within(XOFF_PATIENCE_MS, this.stopped!.promise).then((isGone) => !isGone);
  }

  private tell(burst: Buffer): void {
    const text = burst.toString("latin1").replace(FLOW_BYTES, "");
    if (text !== "" && !this.isClosed) this.onText(text);
  }

  private send(text: string): Promise<void> {
    return this.settled((done) => this.port.write(text, "latin1", done));
  }

  private lose(reason: string): void {
    for (const settle of this.unsettled) settle();
    if (this.isLost || this.isClosed) return;
    this.isLost = true;
    this.onLost(reason);
  }

  /** A call that fails has lost the port: who waits for an answer is told of it there. */
  private settled(call: (done: (error: Error | null | undefined) => void) => void): Promise<void> {
    if (!this.port.isOpen && this.isLost) return Promise.resolve();
    return new Promise((resolve) => {
      const settle = () => {
        this.unsettled.delete(settle);
        resolve();
      };
      this.unsettled.add(settle);
      call((error) => {
        if (error) this.lose(error.message);
        settle();
      });
    });
  }
}

/** Whether `promise` was fulfilled in that time. */
async function within(ms: number, promise: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const isDone = await Promise.race([promise.then(() => true as const), late]);
  clearTimeout(timer);
  return isDone;
}
