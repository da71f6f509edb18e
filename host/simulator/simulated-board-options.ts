/** What a simulated board is made of, and who hears of it. */
import type { Clock } from "../platform/clock.ts";
import type { Air } from "./air.ts";
import type { BoardKind } from "./board-kinds.ts";
import type { BoardWire } from "./board-wire.ts";
import type { SerialEnd } from "./port.ts";

export interface SimulatedBoardOptions {
  id: string;
  /**
   * The program it left the factory with: a bundle's source, or the path of a .js file, read anew at every start. What is
   * flashed later stays, also over a new SimulatedBoard with the same storageDir. Absent: a board with an empty Storage.
   */
  bundle?: string;
  transport: { kind: "serial"; port: SerialEnd } | { kind: "tcp"; host: string; port: number };
  /** Beside the network: what its serial port is plugged into. */
  cable?: SerialEnd;
  /** Of the factory's bowline.json: interval, grace, …. */
  config?: object;
  /** What board it passes itself off as. */
  kind?: BoardKind;
  /** The folder where its flash is kept; in memory if absent. */
  storageDir?: string;
  /** Decides chunk sizes, temperature and analog values. */
  seed?: number;
  clock?: Clock;
  /** Hears what passes between it and its gateway. */
  wire?: BoardWire;
  /** The Wi-Fi networks around it; without, any network is there. */
  air?: Air;
  /** The port asks the other end to stop before its input buffer is full. */
  hasFlowControl?: boolean;
  /** Speed of the console after power-on. With baudOfHost, the speed of the other end: where they differ, all is garbage. */
  consoleBaud?: number;
  baudOfHost?(): number;
  /**
   * ms that any call of the program may take before it counts as an endless loop, which Ctrl-C and the watchdog end. Absent:
   * such a loop hangs this process too, but for statements at the prompt. It costs a thread each call.
   */
  loopLimitMs?: number;
  /** What the board prints, a line each. */
  onConsole?(line: string): void;
  /** The program began again, other than by start(). */
  onRestart?(reason: string): void;
}
