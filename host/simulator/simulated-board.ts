/**
 * A board that is not there: it runs the firmware bundle, unchanged, on the JavaScript and the API a board has, with a
 * serial port or the network to the outside. A restart loses its memory and keeps its Storage, as on a real one.
 */
import { readFileSync } from "node:fs";
import { Files } from "../../device/layout.mjs";
import { type Clock, systemClock } from "../platform/clock.ts";
import type { Air } from "./air.ts";
import { type Board, createBoard } from "./board.ts";
import type { BoardWire, WireTap } from "./board-wire.ts";
import { Pins } from "./pins.ts";
import { Run } from "./run.ts";
import { FlashStorage } from "./storage.ts";

/** The other end of Serial1; a Pty is one. */
export interface SerialEnd {
  write(bytes: Uint8Array): unknown;
  onData(listener: (bytes: Uint8Array) => void): void;
}

export interface SimulatedBoardOptions {
  id: string;
  /** The bundle's source, or the path of a .js file, read anew at every start of the program. */
  bundle: string;
  transport: { kind: "serial"; port: SerialEnd } | { kind: "tcp"; host: string; port: number };
  /** More of bowline.json: interval, grace, …. */
  config?: object;
  /** Where Storage is kept; in memory if absent. */
  storageDir?: string;
  /** Decides chunk sizes, temperature and analog values. */
  seed?: number;
  clock?: Clock;
  /** Hears what passes between it and its gateway. */
  wire?: BoardWire;
  /** The Wi-Fi networks around it; without, any network is there. */
  air?: Air;
  /** What the board prints, a line each. */
  onConsole?(line: string): void;
  /** The program began again, other than by start(). */
  onRestart?(reason: string): void;
}

const CONFIG_FILE = "bowline.json";
const BOOT_MS = 20; // a program that restarts at once must not keep this process from everything else
const DEFAULT_SEED = 1;

export class SimulatedBoard {
  readonly pins: Pins;
  /** The program's restarts since start(). */
  restarts = 0;
  private storage: FlashStorage | undefined;
  private run: Run | undefined;
  private board: Board | undefined;
  private bootTimer: NodeJS.Timeout | undefined;
  private isOn = false;
  private isPlugged = false;
  /** Of the cable. */
  private tap: WireTap | undefined;

  constructor(private readonly options: SimulatedBoardOptions) {
    this.pins = new Pins(options.seed ?? DEFAULT_SEED);
  }

  get id(): string {
    return this.options.id;
  }

  /** The board's flash; it outlives stop(). */
  get flash(): FlashStorage {
    this.storage ??= new FlashStorage(this.options.storageDir);
    return this.storage;
  }

  /** Power on: writes bowline.json and runs the bundle. Throws when its file cannot be read. */
  start(): void {
    if (this.isOn) throw new TypeError(`start: board ${this.id} runs already`);
    this.flash.write(CONFIG_FILE, Buffer.from(JSON.stringify(this.configuration)));
    this.plug();
    this.boot();
    this.isOn = true;
  }

  /** Power off. start() may follow. */
  stop(): void {
    this.isOn = false;
    clearTimeout(this.bootTimer);
    this.endRun();
  }

  /** Power off and on at once, as by its reset button. */
  reboot(): void {
    if (!this.isOn) throw new TypeError(`reboot: board ${this.id} is off`);
    this.restarts++;
    this.endRun();
    clearTimeout(this.bootTimer);
    this.boot();
  }

  /** Sets an error flag as the hardware does: FIFO_FULL, UART_OVERFLOW, …. */
  raiseErrorFlag(flag: string): void {
    this.board?.raiseErrorFlag(flag);
  }

  private get configuration(): object {
    const { id, transport, config } = this.options;
    const { kind, ...address } = transport;
    return { id, ...(kind === "serial" ? { port: "Serial1" } : { tcp: address }), ...config };
  }

  /** The port is wired once; what comes while no program runs is lost. */
  private plug(): void {
    const { transport } = this.options;
    if (this.isPlugged || transport.kind !== "serial") return;
    this.isPlugged = true;
    this.tap = this.options.wire?.open();
    transport.port.onData((bytes) => {
      this.tap?.pass("gateway", bytes);
      this.board?.receiveSerial(bytes);
    });
  }

  private boot(): void {
    const { id, bundle, transport, seed = DEFAULT_SEED, clock = systemClock } = this.options;
    const source = isPath(bundle) ? readFileSync(bundle, "utf8") : bundle;
    this.flash.write(Files.loader, Buffer.from(source, "latin1")); // its cold functions are read from there
    const run = new Run({ clock, onPrint: (line) => board.print(line) });
    const board = createBoard(run, {
      id,
      ...(transport.kind === "tcp" && { gateway: transport }),
      ...(this.options.wire !== undefined && { wire: this.options.wire }),
      ...(this.options.air !== undefined && { air: this.options.air }),
      seed,
      storage: this.flash,
      pins: this.pins,
      writeSerial: (bytes) => {
        if (transport.kind !== "serial" || run.isOver) return;
        this.tap?.pass("board", bytes);
        transport.port.write(bytes);
      },
      onConsole: (line) => this.options.onConsole?.(line),
      onRestart: (reason) => this.restart(run, reason),
      onReset: () => run.later(() => this.endRun()),
    });
    this.run = run;
    this.board = board;
    run.guard(() => run.realm.run(source, isPath(bundle) ? bundle : `${id}.js`));
    board.init();
  }

  /** The program asked for it, so it must return first. */
  private restart(run: Run, reason: string): void {
    if (this.run !== run || run.isOver) return;
    this.restarts++;
    run.end();
    this.board = undefined;
    this.options.onRestart?.(reason);
    this.bootTimer = setTimeout(() => this.bootAgain(), BOOT_MS);
  }

  /** Nobody called who could catch: a bundle that has vanished leaves the board without a program. */
  private bootAgain(): void {
    try {
      this.boot();
    } catch (error) {
      this.options.onConsole?.(`board ${this.id} cannot start: ${error}`);
    }
  }

  private endRun(): void {
    this.run?.end();
    this.run = undefined;
    this.board = undefined;
  }
}

function isPath(bundle: string): boolean {
  return /^[^\n]+\.js$/.test(bundle);
}
