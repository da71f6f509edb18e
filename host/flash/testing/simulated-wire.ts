/** The simulated board at the other end of a wire that takes no time. */
import type { SerialEnd } from "../../simulator/port.ts";
import type { PromptWire } from "../prompt-wire.ts";

/** What the board says within one turn of the event loop is one burst. */
export class SimulatedWire implements PromptWire, SerialEnd {
  readonly name = "simulated board";
  baud = 115_200;
  onText: (text: string) => void = () => {};
  onLost: (reason: string) => void = () => {};
  private hearBoard: (bytes: Uint8Array) => void = () => {};
  private burst = "";

  /** As the other end of the board's port: what the board says. */
  write(said: Uint8Array | string): Promise<void> {
    if (typeof said === "string") this.hearBoard(Buffer.from(said, "latin1"));
    else this.gather(Buffer.from(said).toString("latin1"));
    return Promise.resolve();
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.hearBoard = listener;
  }

  setBaud(baud: number): Promise<void> {
    this.baud = baud;
    return Promise.resolve();
  }

  pulseReset(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.onText = () => {};
    return Promise.resolve();
  }

  private gather(text: string): void {
    if (this.burst === "") {
      setImmediate(() => {
        const { burst } = this;
        this.burst = "";
        this.onText(burst);
      });
    }
    this.burst += text;
  }
}
