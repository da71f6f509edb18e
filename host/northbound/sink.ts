/** What takes messages on for a system beyond the gateway: a broker, a stream, somebody's HTTP server. */
import type { DeliveredMessage } from "../store/store.ts";

export interface Sink {
  /**
   * Hands a message on under its id. Resolves once the other side has said that it has it, with where it stands there if
   * the other side counts (0: it does not). Rejects with a Refusal if it never will, with Held if it does not take this one
   * now, and with anything else if it may have it or not: then it is handed on again.
   */
  send(message: DeliveredMessage, id: string): Promise<number>;
  /** How many may be on their way at once. */
  readonly window: number;
}

/**
 * The other side is there and will never take this message, however often it is asked: too large, of a form that it does
 * not want.
 */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/**
 * The other side is there, and has not taken this message, by a rule about what it says or whose it is: it may once somebody
 * has changed that. The board's later ones wait for it, those of others do not.
 */
export class Held extends Error {
  override readonly name = "Held";

  /** `mend`: what may help. */
  constructor(
    message: string,
    readonly mend: string,
  ) {
    super(message);
  }
}

/**
 * A message's name from end to end, whichever gateway hands it on: the board's own name, the epoch its gateway gave it, its
 * own number. A board behind another gateway, "gw2/sim-1", is "sim-1".
 */
export function idOf({ device, epoch, seq }: DeliveredMessage): string {
  return `${device.slice(device.lastIndexOf("/") + 1)}:${epoch}:${seq}`;
}
