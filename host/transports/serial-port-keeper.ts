/**
 * Keeps one serial port open for ever: opens it, and again whenever it was lost, until stop().
 *
 * The path is followed afresh at each opening, as /dev/serial/by-id names change their device. Not every unplugged port
 * says 'close' (node-serialport#1330), so the device node is looked at every second as well.
 */
import { stat } from "node:fs/promises";
import { BowlineError } from "../platform/errors.ts";
import { openSerial, type SerialOptions } from "./serial-transport.ts";
import type { Transport } from "./transport.ts";

// The last delay and an opening together must stay below 2 s, counted from the return of the device.
const BACKOFF_MS = [200, 400, 800, 1600] as const;
const CHECK_MS = 1000;

export interface SerialPortKeeperOptions extends SerialOptions {
  /** For each opening a new transport, to be started at once. */
  onTransport(transport: Transport): void;
  /** The port cannot be opened; called once for each change of the error's code, not for each retry. */
  onWaiting(error: BowlineError): void;
  /** For tests: instead of the real port and its device node. */
  open?: (options: SerialOptions) => Promise<KeptTransport>;
  identify?: (path: string) => Promise<string>;
}

/** What the keeper needs to know of a transport beyond its interface. */
export interface KeptTransport extends Transport {
  readonly closed: Promise<string>;
  close(reason?: string): void;
}

export class SerialPortKeeper {
  private isStopped = false;
  private running: Promise<void> = Promise.resolve();
  private transport: KeptTransport | undefined;
  private retries = 0;
  private waitingCode = "";
  private wake: () => void = () => {};

  constructor(private readonly options: SerialPortKeeperOptions) {}

  start(): void {
    this.running = this.run();
  }

  /** Closes the port; resolves when it is closed. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.transport?.close();
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      await this.holdOnce();
      if (!this.isStopped) await this.pause();
    }
  }

  /** One opening, to its end. */
  private async holdOnce(): Promise<void> {
    const identity = await this.identify(); // before the opening: a device swapped in between is noticed by the first check
    const transport = await this.tryOpen();
    if (transport === undefined) return;
    this.transport = transport;
    if (this.isStopped) transport.close();
    else this.options.onTransport(transport);
    const checks = setInterval(() => this.check(transport, identity), CHECK_MS).unref();
    await transport.closed;
    clearInterval(checks);
    this.transport = undefined;
  }

  private async tryOpen(): Promise<KeptTransport | undefined> {
    try {
      const transport = await (this.options.open ?? openSerial)(this.options);
      this.waitingCode = "";
      return transport;
    } catch (error) {
      if (!(error instanceof BowlineError)) throw error;
      if (error.code !== this.waitingCode && !this.isStopped) this.options.onWaiting(error);
      this.waitingCode = error.code;
      return undefined;
    }
  }

  private async check(transport: KeptTransport, identity: string): Promise<void> {
    const found = await this.identify();
    // Only a port that stays open for a while ends the back-off; one that closes at once would loop at full speed.
    if (found === identity) this.retries = 0;
    else transport.close(found === "" ? "the device node is gone" : "the path leads to another device");
  }

  private identify(): Promise<string> {
    return (this.options.identify ?? identifyDevice)(this.options.path);
  }

  private pause(): Promise<void> {
    const delayMs = BACKOFF_MS[Math.min(this.retries++, BACKOFF_MS.length - 1)];
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Which device the path leads to now; the inode tells a node made anew. "" for none. */
async function identifyDevice(path: string): Promise<string> {
  return stat(path).then(
    ({ dev, ino, rdev }) => `${dev} ${ino} ${rdev}`,
    () => "",
  );
}
