/**
 * A board that is not there: it runs the firmware bundle, unchanged, on the JavaScript and the API a board has, with a
 * serial port or the network to the outside, a prompt, and a flash that it boots from. A restart loses its memory and keeps
 * its Storage, as on a real one.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../platform/clock.ts";
import { type Board, createBoard } from "./board.ts";
import { type BoardKind, boardKinds } from "./board-kinds.ts";
import { runBootFiles, runFile } from "./boot.ts";
import { BoardConsole } from "./console.ts";
import { Factory } from "./factory.ts";
import { FlashMemory } from "./flash-memory.ts";
import { Pins } from "./pins.ts";
import { Port } from "./port.ts";
import { Run } from "./run.ts";
import type { SimulatedBoardOptions } from "./simulated-board-options.ts";
import { FlashStorage } from "./storage.ts";
import { Watchdog } from "./watchdog.ts";

const BOOT_MS = 20; // a program that restarts at once must not keep this process from everything else
const DEFAULT_SEED = 1;

type Next = { kind: "reset" } | { kind: "load"; file?: string };

export class SimulatedBoard {
  readonly pins: Pins;
  /** Its flash; it outlives stop(). */
  readonly flash: FlashStorage;
  /** The program's restarts since start(). */
  restarts = 0;
  private readonly kind: BoardKind;
  private readonly factory: Factory;
  private port: Port | undefined;
  private console: BoardConsole;
  private run: Run | undefined;
  private board: Board | undefined;
  /** What is to happen once the program has returned. */
  private next: Next | undefined;
  private bootTimer: NodeJS.Timeout | undefined;
  private idleHandle: NodeJS.Immediate | undefined;
  private isOn = false;
  private readonly watchdog = new Watchdog(() => {
    if (this.run) this.restart(this.run, "watchdog");
  });

  constructor(private readonly options: SimulatedBoardOptions) {
    this.kind = options.kind ?? boardKinds.simulator;
    this.pins = new Pins(options.seed ?? DEFAULT_SEED);
    this.factory = new Factory(options.bundle, this.configuration);
    this.flash = new FlashStorage(new FlashMemory(this.kind.flash, this.flashPath()), () =>
      this.console.print("Compacting... \n"),
    );
    this.console = this.createConsole();
  }

  get id(): string {
    return this.options.id;
  }

  /** Power on. Throws when the bundle's file cannot be read. */
  start(): void {
    if (this.isOn) throw new TypeError(`start: board ${this.id} runs already`);
    this.flash.memory.restorePower();
    this.port ??= this.createPort();
    this.isOn = true;
    this.powerOn();
  }

  /** Power off. start() may follow. */
  stop(): void {
    this.isOn = false;
    this.powerOff();
  }

  /** Power off and on at once, as by its reset button. */
  reboot(): void {
    if (!this.isOn) throw new TypeError(`reboot: board ${this.id} is off`);
    this.restarts++;
    this.powerOff();
    this.powerOn();
  }

  /**
   * Power fails once so many more words are written or pages erased, in the midst of what the program does. start() brings it
   * back, with its flash as the cut left it.
   */
  cutPowerAfter(operations: number, onCut: () => void = () => {}): void {
    this.flash.memory.cutPowerAfter(operations, () => {
      this.stop();
      onCut();
    });
  }

  /** As if the other end of the port had sent it. */
  type(text: string): void {
    this.port?.receive(Buffer.from(text, "latin1"));
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

  private flashPath(): string | undefined {
    const { storageDir } = this.options;
    if (storageDir === undefined) return undefined;
    mkdirSync(storageDir, { recursive: true });
    return join(storageDir, "flash.bin");
  }

  private createPort(): Port {
    const { transport, cable, wire, hasFlowControl = false, seed = DEFAULT_SEED } = this.options;
    const { consoleBaud, baudOfHost } = this.options;
    const isGateway = transport.kind === "serial";
    return new Port(
      {
        capacity: this.kind.inputBytes,
        hasFlowControl,
        seed,
        ...(consoleBaud !== undefined && { consoleBaud }),
        ...(baudOfHost && { baudOfHost }),
        tap: isGateway ? wire?.open() : undefined,
        onInterrupt: () => {
          if (this.console.isOnPort) this.console.interrupt();
        },
        onInput: () => this.wake(),
        onLost: () => this.raiseErrorFlag("FIFO_FULL"),
      },
      isGateway ? transport.port : cable,
    );
  }

  private createConsole(): BoardConsole {
    return new BoardConsole(this.kind, {
      write: (bytes) => this.port?.write(bytes),
      run: () => this.run,
      raiseErrorFlag: (flag) => this.raiseErrorFlag(flag),
      wake: () => this.wake(),
      reset: () => this.after({ kind: "reset" }),
    });
  }

  private powerOn(): void {
    this.factory.deliver(this.flash);
    this.port?.powerOn();
    this.port?.write(Buffer.from(this.kind.bootNoise, "latin1"));
    this.console = this.createConsole();
    if (!this.kind.startsInLimbo) this.console.moveTo("Serial1");
    const isButtonHeld = this.kind.hasButton && this.pins.get("BTN1") === 1;
    this.boot({ isPowerOn: true, isReset: isButtonHeld });
  }

  private powerOff(): void {
    clearTimeout(this.bootTimer);
    clearImmediate(this.idleHandle);
    this.idleHandle = undefined;
    this.next = undefined;
    this.watchdog.powerOff();
    this.port?.powerOff();
    this.run?.end();
    this.run = undefined;
    this.board = undefined;
  }

  private boot({ isPowerOn, isReset }: { isPowerOn: boolean; isReset: boolean }, file?: string): void {
    const { loopLimitMs, clock = systemClock } = this.options;
    const run = new Run({
      clock,
      ...(loopLimitMs !== undefined && { loopLimitMs }),
      onPrint: (line) => board.print(line),
      nameOf: (source) => this.factory.nameOf(source, `${this.id}.js`),
    });
    const board = this.createBoard(run);
    this.run = run;
    this.board = board;
    if (file !== undefined) run.realm.global.__FILE__ = file;
    runBootFiles(run, this.flash, { isPowerOn, isReset });
    const finish = () => {
      if (run.isOver) return;
      board.init();
      if (isPowerOn || isReset) this.console.greet();
      if (file !== undefined) runFile(run, this.flash, file);
    };
    if (run.stuck) run.stuck.onEnd = finish;
    else finish();
    if (!run.isOver && this.console.device === "Limbo") this.console.moveTo("Serial1");
    this.wake();
  }

  private createBoard(run: Run): Board {
    const { id, transport, wire, air, seed = DEFAULT_SEED } = this.options;
    return createBoard(run, {
      ...{ id, seed, kind: this.kind, storage: this.flash, pins: this.pins, watchdog: this.watchdog },
      console: this.console,
      port: this.port as Port,
      ...(transport.kind === "tcp" && { gateway: transport }),
      ...(wire !== undefined && { wire }),
      ...(air !== undefined && { air }),
      onConsole: (line) => this.options.onConsole?.(line),
      onReboot: (reason) => this.restart(run, reason),
      onLoad: (file) => {
        if (!run.isOver) this.after({ kind: "load", ...(file !== undefined && { file }) });
      },
      onReset: () => {
        if (!run.isOver) this.after({ kind: "reset" });
      },
    });
  }

  private after(next: Next): void {
    this.next = next;
    this.wake();
  }

  /** Looks after the port once whoever runs now has returned. */
  private wake(): void {
    this.idleHandle ??= setImmediate(() => {
      this.idleHandle = undefined;
      this.idle();
    });
  }

  private idle(): void {
    const { port, run, board } = this;
    if (port === undefined || run === undefined || board === undefined || run.isOver) return;
    if (!this.console.isOnPort && !run.stuck && port.input.length > 0)
      board.receiveSerial(port.input.takeAll());
    if (run.isOver) return;
    this.console.listen(port.input);
    if (run.isOver) return;
    if (this.next && !run.stuck) this.goOn(this.next);
    else this.console.settle();
  }

  private goOn(next: Next): void {
    this.next = undefined;
    if (next.kind === "load") return this.restart(this.run as Run, "load()", next.file);
    this.run?.end();
    this.console.restart();
    this.boot({ isPowerOn: false, isReset: true });
  }

  /** load() keeps the console and what waits at the port; anything else is as if power had gone. */
  private restart(run: Run, reason: string, file?: string): void {
    if (this.run !== run || run.isOver) return;
    this.restarts++;
    const isLoad = reason === "load()";
    if (isLoad) {
      run.end();
      this.console.restart();
    } else this.powerOff();
    this.options.onRestart?.(reason);
    this.bootTimer = setTimeout(() => this.bootAgain(isLoad, file), BOOT_MS);
  }

  /** Nobody called who could catch: a bundle that has vanished leaves the board without a program. */
  private bootAgain(isLoad: boolean, file?: string): void {
    try {
      if (!isLoad) return this.powerOn();
      this.factory.deliver(this.flash);
      this.boot({ isPowerOn: false, isReset: file !== undefined }, file);
    } catch (error) {
      this.options.onConsole?.(`board ${this.id} cannot start: ${error}`);
    }
  }
}
