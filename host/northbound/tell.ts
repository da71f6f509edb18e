/** What becomes of messages on their way to one system, as the log and the timeline tell it. */
import type { Log } from "../platform/log.ts";
import type { DeliveredMessage } from "../store/store.ts";

export class Teller {
  constructor(
    private readonly name: string,
    private readonly log: Log,
  ) {}

  refused({ device, n }: DeliveredMessage, reason: string): void {
    const fields = { upstream: this.name, device, n, event: "loss" };
    this.log.warn(fields, `a message is not taken by ${this.name}: ${reason}`);
  }

  missed(count: number): void {
    const text = `messages are not handed on to ${this.name}: the store gave them up before`;
    this.log.warn({ upstream: this.name, event: "loss", count }, text);
  }

  held(device: string, reason: string): void {
    const fields = { upstream: this.name, device, event: "fault" };
    this.log.warn(fields, `messages of ${device} are held, those of others pass: ${reason}`);
  }

  joined(device: string): void {
    this.log.info({ upstream: this.name, device, event: "mended" }, `messages of ${device} pass again`);
  }

  takesNothing(reason: string): void {
    this.log.warn({ upstream: this.name, event: "fault" }, `takes nothing: ${reason}`);
  }

  takesAgain(): void {
    this.log.info({ upstream: this.name, event: "mended" }, "takes messages again");
  }
}
