/** Publishes with so many unanswered as is fastest for the peer, which is found by trying. */
import type { FarProcess } from "./far-end.ts";

/** Publishes without an answer. MQTT ends at 65 535. */
const WINDOWS = [100, 1000, 5000];
const TRY_MESSAGES = 10_000;

export class WindowedPublisher {
  private window = WINDOWS[0];
  private published = 0;

  constructor(
    private readonly messages: readonly Buffer[],
    private readonly far: FarProcess,
    private readonly send: (message: Buffer, done: (error?: Error | null) => void) => void,
  ) {}

  async findWindow(): Promise<void> {
    await this.timeOf(this.window); // warm
    const took = new Map<number, number>();
    for (const window of WINDOWS) took.set(window, await this.timeOf(window));
    this.window = WINDOWS.reduce((best, one) => (took.get(one)! < took.get(best)! ? one : best));
  }

  /** Resolves once all `count` are answered. */
  publish(count: number): Promise<void> {
    const { messages, window, send } = this;
    this.published += count;
    return new Promise((resolve, reject) => {
      let sent = 0;
      let done = 0;
      const onAnswer = (error?: Error | null) => {
        if (error) reject(error);
        else if (++done === count) resolve();
        else fill();
      };
      const fill = () => {
        while (sent < count && sent - done < window) send(messages[sent++ % messages.length], onAnswer);
      };
      fill();
    });
  }

  /** Resolves once all have come to the other end: a broker may answer before it delivers. */
  finish(): Promise<void> {
    return this.far.received(this.published);
  }

  private async timeOf(window: number): Promise<number> {
    this.window = window;
    const begin = performance.now();
    await this.publish(TRY_MESSAGES);
    await this.finish();
    return performance.now() - begin;
  }
}
