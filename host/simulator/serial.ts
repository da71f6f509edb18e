/**
 * Serial1 as a program sees it. Bytes from outside come as 'data' events of byte strings, 1…63 long; while the port is
 * the console there are none (espruino §4.1, §4.2).
 */
import { randomInteger, seededRandom } from "../transports/random.ts";
import { flatten, toByteString } from "./bytes.ts";
import { Listeners } from "./listeners.ts";
import type { Run } from "./run.ts";

const MAX_CHUNK = 63;
const KEPT_WITHOUT_LISTENER = 512;

export interface SerialOptions {
  seed: number;
  write(bytes: Uint8Array): void;
  setup(baud: number): void;
  isConsole(): boolean;
  makeConsole(): void;
  onBufferFull(): void;
}

export interface SerialPort {
  /** What the program sees. */
  readonly api: object;
  /** Bytes came in, as a byte string, and no program is running. */
  receive(bytes: string): void;
}

export function createSerial(run: Run, options: SerialOptions): SerialPort {
  const random = seededRandom(options.seed);
  const listeners = new Listeners(run);
  let waiting = "";
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    run.later(deliver);
  }

  function deliver(): void {
    isScheduled = false;
    while (waiting !== "" && listeners.has("data") && !options.isConsole()) {
      const size = randomInteger(random, 1, MAX_CHUNK);
      const chunk = waiting.slice(0, size);
      waiting = waiting.slice(size);
      listeners.emit("data", chunk);
    }
    if (waiting.length <= KEPT_WITHOUT_LISTENER) return;
    waiting = waiting.slice(0, KEPT_WITHOUT_LISTENER);
    options.onBufferFull();
  }

  const write = (...data: unknown[]) => options.write(flatten(...data));
  const api = {
    ...listeners.api,
    setup: (baud?: unknown) => {
      if (typeof baud === "number") options.setup(baud);
    },
    on: (event: string, listener: () => void) => {
      listeners.api.on(event, listener);
      schedule();
    },
    write,
    print: (text: unknown) => write(String(text).replace(/\n/g, "\r\n")),
    println: (text: unknown) => write(`${text}\r\n`),
    inject: (...data: unknown[]) => {
      waiting += toByteString(flatten(...data));
      schedule();
    },
    available: () => waiting.length,
    flush: () => {},
    isConnected: () => true,
    setConsole: () => options.makeConsole(),
    toString: () => "Serial1",
  };

  function receive(bytes: string): void {
    if (run.isOver) return;
    waiting += bytes;
    deliver();
  }

  return { api, receive };
}
