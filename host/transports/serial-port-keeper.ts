/**
 * Keeps one serial port open for ever: opens it, and again whenever it was lost or no board speaks on it, until stop().
 * While it is lent it is left alone.
 *
 * The path is followed afresh at each opening, as /dev/serial/by-id names change their device. Not every unplugged port
 * says 'close' (node-serialport#1330), so the device is looked at every second as well.
 */
import { BowlineError } from "../platform/errors.ts";
import { identifyDevice } from "./device-identity.ts";
import { openSerial, type SerialOptions } from "./serial-transport.ts";
import type { DueStep, SilenceLadder, Step } from "./silence-ladder.ts";
import type { Transport } from "./transport.ts";
import { rebindUsb } from "./usb-rebind.ts";
import { whenReleased } from "./when-released.ts";

// The last delay and an opening together must stay below 2 s, counted from the return of the device: steps, and no
// jitter (platform/backoff.ts), for nobody else waits for this port.
const BACKOFF_MS = [200, 400, 800, 1200] as const;
const CHECK_MS = 1000;
/** While there is no device at all, its return is looked for so often, which costs less than trying to open it. */
const RETURN_MS = 400;
/** A port that is there, but not ours to have, is not coming back from anywhere; to ask who has it costs a walk through /proc. */
const REFUSED_MS = 5000;
const REFUSALS: readonly string[] = ["SERIAL_BUSY", "SERIAL_PERMISSION"];

export interface SerialPortKeeperOptions extends Omit<SerialOptions, "resetOnOpen"> {
  /** Whether the board is reset: by no opening, by each, or by the ladder's only. */
  resetOnOpen: "never" | "always" | "if_silent";
  /** What is done about silence. */
  ladder: SilenceLadder;
  /** For each opening a new transport, to be started at once; what is returned counts the valid frames it brought so far. */
  onTransport(transport: Transport): () => number;
  /** The port cannot be opened; called once for each change of the error's code, not for each retry. */
  onWaiting(error: BowlineError): void;
  /** The port cannot be opened; called for each try. */
  onFailed?(code: string): void;
  /** No board spoke for long: the port is closed and this is done. */
  onStep(due: DueStep): void;
  /** It could not be done; the ladder goes on. */
  onStepFailed(error: BowlineError): void;
  /** A board speaks on the port after steps were taken. */
  onHeardAgain(): void;
  /** For tests: instead of the real port, its device, its USB device and its descriptors. */
  open?: (options: SerialOptions) => Promise<KeptTransport>;
  identify?: (path: string) => Promise<string>;
  rebind?: (path: string, signal: AbortSignal) => Promise<void>;
  release?: (path: string) => Promise<void>;
}

/** What the keeper needs to know of a transport beyond its interface. */
export interface KeptTransport extends Transport {
  readonly closed: Promise<string>;
  close(reason?: string): void;
}

/** One opening of the port. */
interface Opening {
  transport: KeptTransport;
  identity: string;
  frames: () => number;
  heard: number;
}

export class SerialPortKeeper {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private transport: KeptTransport | undefined;
  private retries = 0;
  /** There was no device when it was last to be opened. */
  private isGone = false;
  private waitingCode = "";
  /** What the ladder wants done with the next opening; kept until there is one. */
  private step: Step | undefined;
  private wake: () => void = () => {};
  private isLent = false;
  /** Tells who waits for it that the port is closed, and will not be opened while it is lent. */
  private onLentOut: () => void = () => {};

  constructor(private readonly options: SerialPortKeeperOptions) {}

  start(): void {
    this.running = this.run();
  }

  /** Closes the port; resolves when it is closed. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.transport?.close();
    this.wake();
    await this.running;
  }

  /** Closes the port and leaves it alone until giveBack(), which must follow; resolves once we have it open no more. */
  async lend(): Promise<void> {
    this.isLent = true;
    const lentOut = new Promise<void>((resolve) => {
      this.onLentOut = resolve;
    });
    this.transport?.close("the port is lent");
    this.wake();
    await Promise.race([lentOut, this.running]);
    await (this.options.release ?? whenReleased)(this.options.path);
  }

  /** Opens it again, at once. */
  giveBack(): void {
    this.isLent = false;
    this.wake();
  }

  /** The port is not ours to open now. */
  private get isAside(): boolean {
    return this.isStopped || this.isLent;
  }

  private get isStopped(): boolean {
    return this.stopping.signal.aborted;
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      if (this.isLent) await this.stayAside();
      const wasOpen = await this.holdOnce();
      if (this.isAside) continue;
      if (this.step === "rebind") await this.rebind();
      else if (!(wasOpen && this.step)) await this.pause();
    }
  }

  /** As long as it is lent. Whoever had it may have done anything to the board: nothing that was due is. */
  private async stayAside(): Promise<void> {
    while (this.isLent && !this.isStopped) {
      this.onLentOut();
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    this.step = undefined;
    this.waitingCode = "";
    this.retries = 0;
  }

  /** One opening, to its end; false when it did not open. */
  private async holdOnce(): Promise<boolean> {
    if (this.isAside) return false;
    const before = await this.identify(); // before the opening: a device swapped in between is noticed by the first check
    this.isGone = before === "";
    const transport = await this.tryOpen();
    if (transport === undefined) return false;
    this.isGone = false;
    // One that was not there before has come meanwhile, and was swapped for nothing.
    const identity = before === "" ? await this.identify() : before;
    this.transport = transport;
    this.beginWatch();
    const opening = { transport, identity, frames: () => 0, heard: 0 };
    if (this.isAside) transport.close();
    else opening.frames = this.options.onTransport(transport);
    const checks = setInterval(() => this.check(opening), CHECK_MS).unref();
    await transport.closed;
    clearInterval(checks);
    this.transport = undefined;
    return true;
  }

  /** A board that was plugged in anew gets its time; one that a step was to wake only the next step's. */
  private beginWatch(): void {
    const { ladder } = this.options;
    if (this.step === undefined) ladder.begin(performance.now());
    else ladder.resume(performance.now());
    this.step = undefined;
  }

  private async tryOpen(): Promise<KeptTransport | undefined> {
    const { resetOnOpen, path, baud, open = openSerial } = this.options;
    const isReset = resetOnOpen === "always" || this.step === "reset";
    try {
      const transport = await open({ path, baud, resetOnOpen: isReset ? "always" : "never" });
      this.waitingCode = "";
      return transport;
    } catch (error) {
      if (!(error instanceof BowlineError)) throw error;
      this.options.onFailed?.(error.code);
      if (error.code !== this.waitingCode && !this.isAside) this.options.onWaiting(error);
      this.waitingCode = error.code;
      return undefined;
    }
  }

  private async check(opening: Opening): Promise<void> {
    const found = await this.identify();
    if (this.transport !== opening.transport) return;
    if (found === opening.identity) {
      // Only a port that stays open for a while ends the back-off; one that closes at once would loop at full speed.
      this.retries = 0;
      this.listen(opening);
    } else {
      const reason =
        found === "" ? "the device node is gone" : "the path leads to another device, or to none";
      opening.transport.close(reason);
    }
  }

  private listen(opening: Opening): void {
    const { ladder, onStep, onHeardAgain } = this.options;
    const now = performance.now();
    const heard = opening.frames();
    if (heard !== opening.heard) {
      opening.heard = heard;
      if (ladder.isClimbing) onHeardAgain();
      ladder.begin(now);
      return;
    }
    const due = ladder.climb(now);
    if (due === undefined) return;
    this.step = due.step;
    onStep(due);
    opening.transport.close("no board speaks");
  }

  private async rebind(): Promise<void> {
    const { path, rebind = (name, signal) => rebindUsb(name, "/", signal), onStepFailed } = this.options;
    try {
      await rebind(path, this.stopping.signal);
    } catch (error) {
      if (!(error instanceof BowlineError)) throw error;
      onStepFailed(error);
    }
    this.step = "reopen";
  }

  private get longestDelayMs(): number {
    return REFUSALS.includes(this.waitingCode) ? REFUSED_MS : BACKOFF_MS[BACKOFF_MS.length - 1];
  }

  private identify(): Promise<string> {
    return (this.options.identify ?? identifyDevice)(this.options.path);
  }

  /** Until it is time for the next try, or a device that was gone is there again. */
  private async pause(): Promise<void> {
    const delayMs = BACKOFF_MS[this.retries++] ?? this.longestDelayMs;
    for (let waitedMs = 0; waitedMs < delayMs && !this.isAside; waitedMs += RETURN_MS) {
      await this.sleep(Math.min(RETURN_MS, delayMs - waitedMs));
      if (!this.isGone || (await this.identify()) === "") continue;
      this.retries = 0;
      return;
    }
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
