/** The global API of a simulated board for one run of its program. */
import { createHash } from "node:crypto";
import type { Air } from "./air.ts";
import type { BoardKind } from "./board-kinds.ts";
import type { BoardWire } from "./board-wire.ts";
import { flatten } from "./bytes.ts";
import type { BoardConsole } from "./console.ts";
import { createEngineApi } from "./engine-api.ts";
import { createNet } from "./net.ts";
import type { Pins } from "./pins.ts";
import type { Port } from "./port.ts";
import { printed } from "./print-value.ts";
import type { Run } from "./run.ts";
import { createSerial } from "./serial.ts";
import type { FlashStorage } from "./storage.ts";
import { createStorageApi } from "./storage-api.ts";
import { createTimers } from "./timers.ts";
import type { Watchdog } from "./watchdog.ts";
import { createWifi } from "./wifi.ts";

/** Program text takes about a variable a dozen bytes while its functions run from flash, buffers included (espruino §2.2). */
const BYTES_PER_VARIABLE = 12;
const VARIABLE_BYTES = 14;

export interface BoardOptions {
  id: string;
  seed: number;
  kind: BoardKind;
  storage: FlashStorage;
  pins: Pins;
  console: BoardConsole;
  port: Port;
  /** Where its gateway is on the network, and who listens to what passes. */
  gateway?: { host: string; port: number };
  wire?: BoardWire;
  /** The Wi-Fi around it. */
  air?: Air;
  /** Text of the console, without its newline. */
  onConsole(line: string): void;
  watchdog: Watchdog;
  /** E.reboot(): the board begins again, at once. */
  onReboot(reason: string): void;
  /** load() and reset(): once the program has returned. */
  onLoad(file?: string): void;
  onReset(): void;
}

export interface Board {
  /** Bytes for the program, while the port is not the console. */
  receiveSerial(bytes: string): void;
  raiseErrorFlag(flag: string): void;
  print(line: string): void;
  /** The program has been loaded: 'init' and onInit() are told. */
  init(): void;
}

/** Fills the run's global object. */
export function createBoard(run: Run, options: BoardOptions): Board {
  const { seed, pins, port, console, watchdog } = options;
  const engine = createEngineApi(run, {
    seed,
    setConsole: (device) => console.moveTo(device),
    getConsole: () => console.device,
    watchdog,
    onReboot: options.onReboot,
  });
  const serial = createSerial(run, {
    seed,
    write: (bytes) => {
      if (!run.isOver) port.write(bytes);
    },
    setup: (baud) => port.setup(baud),
    isConsole: () => console.isOnPort,
    makeConsole: () => console.moveTo("Serial1"),
    onBufferFull: () => engine.raise("BUFFER_FULL"),
  });
  const print = (line: string) => {
    if (run.isOver) return;
    for (const part of line.split("\n")) options.onConsole(part);
    console.print(`${line}\n`);
  };
  const { global } = run.realm;
  const printValues = (...values: unknown[]) => run.print(values.map(printed).join(" "));
  Object.assign(global, pins.attach(run), createTimers(run), {
    global,
    E: engine.api,
    Serial1: serial.api,
    process: createProcess(run, options),
    require: createRequire(run, options),
    console: {
      log: printValues,
      info: printValues,
      warn: printValues,
      error: printValues,
      debug: printValues,
    },
    print: printValues,
    echo: (isOn: unknown) => console.setEcho(Boolean(isOn)),
    getSerial: () => serialNumberOf(options.id),
    getTime: () => run.getTime(),
    setTime: (seconds: number) => {
      run.timeOffset = seconds - run.uptimeS;
    },
    load: (file?: unknown) => options.onLoad(file === undefined ? undefined : String(file)),
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

function createProcess(run: Run, { id, kind, storage, console }: BoardOptions) {
  return {
    version: kind.version,
    get env() {
      return {
        VERSION: kind.version,
        BOARD: kind.name,
        RAM: kind.ram,
        FLASH: 393_216,
        STORAGE: storage.memory.capacity,
        SERIAL: serialNumberOf(id),
        CONSOLE: console.device ?? "null",
        MODULES: "Storage,net,Wifi,crypto",
      };
    },
    memory: () => {
      const garbage = Math.floor(run.uptimeS) % 40; // comes and goes
      const wanted = kind.usedVariables + Math.ceil(run.loadedBytes / BYTES_PER_VARIABLE) + garbage;
      const [total, usage] = [kind.variables, Math.min(wanted, kind.variables)];
      return { free: total - usage, usage, total, history: 0, gc: 0, gctime: 0, blocksize: VARIABLE_BYTES };
    },
  };
}

function createRequire(run: Run, { storage, gateway, wire, air }: BoardOptions) {
  const wifi = createWifi(run, air);
  const modules = new Map<string, object>([
    ["Storage", createStorageApi(run, storage)],
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
