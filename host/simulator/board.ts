/** The global API of a simulated board for one run of its program. */
import { createHash } from "node:crypto";
import { inspect } from "node:util";
import type { Air } from "./air.ts";
import type { BoardWire } from "./board-wire.ts";
import { flatten } from "./bytes.ts";
import { createEngineApi } from "./engine-api.ts";
import { createNet } from "./net.ts";
import type { Pins } from "./pins.ts";
import type { Run } from "./run.ts";
import { createSerial } from "./serial.ts";
import type { FlashStorage } from "./storage.ts";
import { createTimers } from "./timers.ts";
import { createWifi } from "./wifi.ts";

/** Variables of the heap, as on an Espruino Pico, and what the firmware takes of them. */
const HEAP_VARIABLES = 5100;
const USED_VARIABLES = 1900;
const FIRMWARE_VERSION = "2v29";

export interface BoardOptions {
  id: string;
  seed: number;
  storage: FlashStorage;
  pins: Pins;
  /** Where its gateway is on the network, and who listens to what passes. */
  gateway?: { host: string; port: number };
  wire?: BoardWire;
  /** The Wi-Fi around it. */
  air?: Air;
  /** Bytes leave by Serial1. */
  writeSerial(bytes: Uint8Array): void;
  /** Text of the console, without its newline. */
  onConsole(line: string): void;
  /** load(), E.reboot() and the watchdog: the program begins again. */
  onRestart(reason: string): void;
  /** reset(): the board stays at its prompt, the program is gone. */
  onReset(): void;
}

export interface Board {
  receiveSerial(bytes: Uint8Array): void;
  raiseErrorFlag(flag: string): void;
  print(line: string): void;
  /** The program has been loaded: 'init' and onInit() are told. */
  init(): void;
}

/** Fills the run's global object. */
export function createBoard(run: Run, options: BoardOptions): Board {
  let consoleDevice: string | null = "Serial1";
  const setConsole = (device: string | null) => {
    consoleDevice = device;
  };
  const { seed, pins, onRestart } = options;
  const getConsole = () => consoleDevice;
  const engine = createEngineApi(run, { seed, setConsole, getConsole, onReboot: onRestart });
  const serial = createSerial(run, {
    seed,
    write: options.writeSerial,
    isConsole: () => consoleDevice === "Serial1",
    makeConsole: () => setConsole("Serial1"),
    onBufferFull: () => engine.raise("BUFFER_FULL"),
  });
  // What is printed goes out on the port while the port is the console (espruino §4.2).
  const print = (line: string) => {
    if (run.isOver) return;
    options.onConsole(line);
    if (consoleDevice === "Serial1") options.writeSerial(Buffer.from(`${line}\r\n`, "latin1"));
  };
  const { global } = run.realm;
  const printValues = (...values: unknown[]) => print(values.map(format).join(" "));
  Object.assign(global, pins.attach(run), createTimers(run), {
    global,
    E: engine.api,
    Serial1: serial.api,
    process: createProcess(run, options.id, getConsole),
    require: createRequire(run, options),
    console: {
      log: printValues,
      info: printValues,
      warn: printValues,
      error: printValues,
      debug: printValues,
    },
    print: printValues,
    getSerial: () => serialNumberOf(options.id),
    getTime: () => run.getTime(),
    setTime: (seconds: number) => {
      run.timeOffset = seconds - run.uptimeS;
    },
    load: () => onRestart("load()"),
    reset: () => options.onReset(),
  });
  return {
    receiveSerial: serial.receive,
    raiseErrorFlag: engine.raise,
    print,
    init: () => {
      engine.emit("init");
      run.call(global.onInit);
    },
  };
}

function createProcess(run: Run, id: string, getConsole: () => string | null) {
  return {
    version: FIRMWARE_VERSION,
    get env() {
      return {
        VERSION: FIRMWARE_VERSION,
        BOARD: "SIMULATOR",
        RAM: 98_304,
        FLASH: 393_216,
        STORAGE: 262_144,
        SERIAL: serialNumberOf(id),
        CONSOLE: getConsole() ?? "null",
        MODULES: "Storage,net,Wifi,crypto",
      };
    },
    memory: () => {
      const usage = USED_VARIABLES + (Math.floor(run.uptimeS) % 40); // garbage comes and goes
      return { free: HEAP_VARIABLES - usage, usage, total: HEAP_VARIABLES, history: 0, gc: 0, gctime: 0 };
    },
  };
}

function createRequire(run: Run, { storage, gateway, wire, air }: BoardOptions) {
  const wifi = createWifi(run, air);
  const modules = new Map<string, object>([
    ["Storage", storage.api(run)],
    ["net", createNet(run, wifi.isUp, gateway, wire)],
    ["Wifi", wifi.api],
    ["crypto", { SHA256: (data: unknown) => sha256(run, data) }],
  ]);
  return (name: string) => {
    const found = modules.get(name);
    if (found === undefined) throw new run.realm.Error(`Module "${name}" not found`);
    return found;
  };
}

function sha256(run: Run, data: unknown): ArrayBuffer {
  return new run.realm.Uint8Array(createHash("sha256").update(flatten(data)).digest()).buffer;
}

/** Three words, as boards print theirs; the same for the same id. */
function serialNumberOf(id: string): string {
  const digest = createHash("sha256").update(id).digest("hex");
  return `${digest.slice(0, 8)}-${digest.slice(8, 16)}-${digest.slice(16, 24)}`;
}

function format(value: unknown): string {
  return typeof value === "string" ? value : inspect(value, { breakLength: Number.POSITIVE_INFINITY });
}
