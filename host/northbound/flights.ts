/** Messages on their way to the other side, one of a board at most. */
import type { DeliveredMessage } from "../store/store.ts";

/** One of its own for each time that a message is handed on. */
export interface Flight {
  message: DeliveredMessage;
}

export class Flights {
  /** Handed on a second time. */
  repeated = 0;
  private readonly all = new Map<string, Flight>();
  /** By board: the message that was handed on last and is not known to be over. */
  private readonly handed = new Map<string, number>();
  private whenNone: (() => void) | null = null;

  get size(): number {
    return this.all.size;
  }

  get messages(): DeliveredMessage[] {
    return [...this.all.values()].map(({ message }) => message);
  }

  has(device: string): boolean {
    return this.all.has(device);
  }

  countOf(matches: (message: DeliveredMessage) => boolean): number {
    return this.messages.filter(matches).length;
  }

  begin(message: DeliveredMessage): Flight {
    const flight = { message };
    this.all.set(message.device, flight);
    if (this.handed.get(message.device) === message.n) this.repeated++;
    this.handed.set(message.device, message.n);
    return flight;
  }

  /** -> whether it was still on its way, and not given up for another one */
  end(flight: Flight): boolean {
    const { device } = flight.message;
    if (this.all.get(device) !== flight) return false;
    this.all.delete(device);
    this.look();
    return true;
  }

  /** Its message is over; another flight of it may still be on its way. */
  land(flight: Flight): void {
    const { device, n } = flight.message;
    if (this.handed.get(device) === n) this.handed.delete(device);
    this.end(flight);
  }

  /** All are handed on again. */
  forget(): void {
    this.all.clear();
  }

  /** Resolves once none is on its way, or `ms` are over. */
  async landed(ms: number): Promise<void> {
    if (this.all.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.whenNone = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Nobody waits for them any longer. */
  giveUp(): void {
    this.all.clear();
    this.look();
  }

  private look(): void {
    if (this.all.size === 0) this.whenNone?.();
  }
}
