/** A simulated board on a pseudo-terminal, which a serial port opens as it opens a cable. */
import { openPty, type Pty, ptyBaud } from "../transports/pty.ts";
import { putLink, removeLink } from "../transports/terminal-link.ts";
import { SimulatedBoard } from "./simulated-board.ts";
import type { SimulatedBoardOptions } from "./simulated-board-options.ts";

export interface PtyBoardOptions extends Omit<SimulatedBoardOptions, "transport"> {
  /** A link to the terminal is kept here, so that its path does not depend on the terminal's number. */
  link?: string;
}

export class PtyBoard {
  private pty: Pty | undefined;
  private simulated: SimulatedBoard | undefined;

  constructor(private readonly options: PtyBoardOptions) {}

  /** What to open: the link, or the terminal itself. Known while it runs. */
  get path(): string {
    return this.options.link ?? this.running.pty.path;
  }

  /** The board at the end of the cable, while it runs. */
  get board(): SimulatedBoard {
    return this.running.board;
  }

  /** Opens the terminal, then switches the board on. Rejects with PTY_UNAVAILABLE, or PATH_TAKEN by what is no such link. */
  async start(): Promise<void> {
    if (this.pty) throw new TypeError("start: the board runs already");
    this.pty = await openPty();
    const { path } = this.pty;
    this.simulated = new SimulatedBoard({
      // Asked for only where consoleBaud makes it matter.
      baudOfHost: () => ptyBaud(path),
      ...this.options,
      transport: { kind: "serial", port: this.pty },
    });
    try {
      if (this.options.link) await putLink(this.options.link, this.pty.path);
      this.simulated.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Switches off, unplugs, removes the link. */
  async stop(): Promise<void> {
    this.simulated?.stop();
    if (this.pty && this.options.link) removeLink(this.options.link);
    await this.pty?.close();
    this.simulated = undefined;
    this.pty = undefined;
  }

  private get running(): { pty: Pty; board: SimulatedBoard } {
    if (!this.pty || !this.simulated) throw new TypeError("the board does not run: start() it first");
    return { pty: this.pty, board: this.simulated };
  }
}
