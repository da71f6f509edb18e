/** A client that reads only when it is told to. */
import { Writable } from "node:stream";

export class SlowClient extends Writable {
  text = "";
  private release: (() => void) | null = null;

  constructor() {
    super({ highWaterMark: 16_384 });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    this.release = done;
  }

  /** Reads on until nothing more comes. */
  async readAll(): Promise<void> {
    while (this.release !== null) {
      const { release } = this;
      this.release = null;
      release();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** The numbers of the messages that were read. */
  get numbers(): number[] {
    return [...this.text.matchAll(/^id: (\d+)\ndata: {"n"/gm)].map(([, n]) => Number(n));
  }
}
