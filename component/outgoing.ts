/** Messages on their way to the hub, in order: what has no room waits here, and its sender with it. */
import type { PushClient } from "../host/zmtp/push-client.ts";

export class Outgoing {
  private readonly waiting: { parts: readonly Uint8Array[]; onTaken: () => void }[] = [];
  private isDraining = false;
  private isStopped = false;

  constructor(private readonly client: PushClient) {}

  /** `onTaken`: there was room; also within this call. */
  send(parts: readonly Uint8Array[], onTaken: () => void = () => {}): void {
    if (this.waiting.length === 0 && this.client.send(parts)) return onTaken();
    this.waiting.push({ parts, onTaken });
    if (!this.isDraining) void this.drain();
  }

  /** What waits here is given up -> how many that were. */
  stop(): number {
    this.isStopped = true;
    return this.waiting.length;
  }

  private async drain(): Promise<void> {
    this.isDraining = true;
    while (this.waiting.length > 0) {
      await this.client.whenSent();
      if (this.isStopped) return;
      while (this.waiting.length > 0 && this.client.send(this.waiting[0].parts))
        this.waiting.shift()!.onTaken();
    }
    this.isDraining = false;
  }
}
