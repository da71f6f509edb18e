/** The firmware as a schedule runs it: a function that begins a new life of it, given the board's globals. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { flatten, toByteString } from "../../host/simulator/bytes.ts";
import { seededRandom } from "../../host/transports/random.ts";
import type { Code } from "../../shared/session/codes.ts";
import { virtualNow } from "./virtual-time.ts";

/** What device/testing/schedules.ts exports. */
export interface BoardProgram {
  peer: { nextSeq: number; watermark: number; myEpoch: string; greeted: boolean; session: { phase: number } };
  begin(config: object, onRun: (request: RunRequest) => void, onDrop: (code: Code) => void): void;
  speakOver(kind: Carriage, address: object): void;
  tick(): void;
  sendText(text: string): boolean;
  reply(request: RunRequest, fields: object): void;
  heldCount(): number;
}
export type Carriage = "tcp" | "serial";

export interface RunRequest {
  rq: number;
  retry?: boolean;
}

/** A socket as the firmware sees it, and as the network calls it. */
export interface BoardSocket {
  on(event: string, listener: (data?: string) => void): void;
  write(text: string): void;
  end(): void;
}

/** What of the board is outside of its program. */
export interface Surroundings {
  /** Bytes leave by the serial port. */
  onSerialOutput(bytes: Uint8Array): void;
  onSerialListener(listener: (chunk: Uint8Array) => void): void;
  connect(onConnected: (socket: BoardSocket) => void): BoardSocket;
}

/** Names the program finds in its global scope. */
const GLOBALS = [
  "E",
  "Serial1",
  "boardRequire",
  "process",
  "getTime",
  "getSerial",
  "global",
  "atob",
  "btoa",
  "Math",
];

/** Put in place by the build: the bundled program, which leaves its exports in `boardProgram`. */
declare const BOARD_SOURCE: string;

const beginProgram = new Function(...GLOBALS, `${BOARD_SOURCE}; return boardProgram;`);

export function createProgram(id: string, seed: number, outside: Surroundings): BoardProgram {
  const random = seededRandom(seed);
  const E = {
    CRC32: (bytes: Uint8Array) => crc32(bytes),
    toString: (...data: unknown[]) => toByteString(flatten(...data)),
    toUint8Array: (...data: unknown[]) => flatten(...data),
    toArrayBuffer: (text: string) => flatten(text).buffer,
    setConsole() {},
    hwRand: () => Math.floor(random() * 0x7fffffff),
  };
  const serial = {
    setup() {},
    setConsole() {},
    removeAllListeners: () => outside.onSerialListener(() => {}),
    on: (_event: string, listener: (chunk: Uint8Array) => void) => outside.onSerialListener(listener),
    write: (bytes: Uint8Array) => outside.onSerialOutput(bytes),
  };
  const modules: Record<string, object> = {
    net: {
      connect: (_address: object, onConnected: (socket: BoardSocket) => void) => outside.connect(onConnected),
    },
    crypto: {
      SHA256: (data: unknown) => new Uint8Array(createHash("sha256").update(flatten(data)).digest()).buffer,
    },
  };
  const board = {
    env: { BOARD: "SCHEDULE", RAM: 96 },
    memory: () => ({ free: 1000, total: 2500, usage: 1500, history: 0 }),
  };
  const math = Object.assign(Object.create(Math), { random });
  return beginProgram(
    E,
    serial,
    (name: string) => modules[name],
    board,
    () => virtualNow() / 1000,
    () => id,
    {},
    atob,
    btoa,
    math,
  );
}
