/** The messages committed last, so that whoever follows them live costs no reading. */
import type { DeliveredMessage } from "./store.ts";

const MOST = 1024;

export class RecentMessages {
  private messages: DeliveredMessage[] = [];

  /** Of the first message held; Infinity when there is none. */
  get first(): number {
    return this.messages[0]?.n ?? Infinity;
  }

  add(messages: readonly DeliveredMessage[]): void {
    if (messages.length === 0) return;
    if (messages.length >= MOST) this.messages = messages.slice(-MOST);
    else {
      this.messages.push(...messages);
      // Twice as many before the older half goes: one move for many messages.
      if (this.messages.length > 2 * MOST) this.messages = this.messages.slice(-MOST);
    }
  }

  clear(): void {
    this.messages = [];
  }

  read(from: number, limit: number, device?: string): DeliveredMessage[] {
    const start = Math.max(0, from - this.first);
    if (device === undefined) return this.messages.slice(start, start + limit);
    const found: DeliveredMessage[] = [];
    for (let i = start; i < this.messages.length && found.length < limit; i++)
      if (this.messages[i].device === device) found.push(this.messages[i]);
    return found;
  }
}
