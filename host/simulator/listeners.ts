/** The on / removeListener / removeAllListeners that the board gives to E, ports and sockets. */
import type { Callback, Run } from "./run.ts";

export class Listeners {
  /** What `this` is in a listener: the object the program called on() of. */
  owner: object | undefined;
  private readonly listeners = new Map<string, Callback[]>();

  constructor(private readonly run: Run) {}

  has(event: string): boolean {
    return (this.listeners.get(event) ?? []).length > 0;
  }

  /** Calls the program's listeners, in the order they came. */
  emit(event: string, ...args: unknown[]): void {
    for (const listener of [...(this.listeners.get(event) ?? [])])
      this.run.callOn(this.owner, listener, ...args);
  }

  /** The functions for the object that the program sees. */
  readonly api = {
    on: (event: string, listener: Callback): void => {
      this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
    },
    removeListener: (event: string, listener: Callback): void => {
      this.listeners.set(
        event,
        (this.listeners.get(event) ?? []).filter((one) => one !== listener),
      );
    },
    removeAllListeners: (event?: string): void => {
      if (event === undefined) this.listeners.clear();
      else this.listeners.delete(event);
    },
  };
}
