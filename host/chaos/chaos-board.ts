/**
 * A simulated board of `bowline chaos`: the real firmware with the program that counts, behind a line that breaks. What
 * the board did is read from its console, which does not pass through what is being tested.
 */
import { SimulatedBoard } from "../simulator/simulated-board.ts";
import type { SimulatedBoardOptions } from "../simulator/simulated-board-options.ts";
import type { CountedEnd } from "./counted-end.ts";
import { filler } from "./filler.ts";
import { Tally } from "./tally.ts";

export interface ChaosBoardOptions {
  id: string;
  bundle: string;
  /** Messages it is to send. */
  count: number;
  seed: number;
  transport: SimulatedBoardOptions["transport"];
  /** What it printed and nobody expects: a fault of its program. */
  onComplaint(line: string): void;
}

const COMPLAINT = /^Uncaught|ERROR|OUT OF MEMORY/;

export class ChaosBoard implements CountedEnd {
  /** Messages its firmware has accepted. */
  sent = 0;
  /** Requests it carried out. */
  readonly ran = new Tally();
  private readonly board: SimulatedBoard;

  constructor(private readonly options: ChaosBoardOptions) {
    const { id, bundle, count, seed, transport } = options;
    this.board = new SimulatedBoard({
      id,
      bundle,
      seed,
      transport,
      config: { grace: 0, interval: 0, chaos: count },
      onConsole: (line) => this.read(line),
      onRestart: (reason) => options.onComplaint(`the board restarted: ${reason}`),
    });
  }

  get id(): string {
    return this.options.id;
  }

  get count(): number {
    return this.options.count;
  }

  start(): void {
    this.board.start();
  }

  stop(): void {
    this.board.stop();
  }

  private read(line: string): void {
    const [, sent, i, text] = /^sent (\d+)$|^ran (\d+) (.*)$/.exec(line) ?? [];
    if (sent !== undefined) this.sent = Number(sent);
    else if (i !== undefined) this.ran.take(Number(i), text === filler(Number(i)));
    else if (COMPLAINT.test(line)) this.options.onComplaint(line);
  }
}
