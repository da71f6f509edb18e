/** A part of what the page knows: how the gateway is asked for it, and which live events tell of it. */

export interface Ask {
  /** Two of one key are the same one. */
  key: string;
  /** `now`: by the gateway's clock, ms since 1970. */
  path(now: number): string;
  /** From one answer to the next; what changes meanwhile comes by events, or waits. */
  everyMs: number;
  take(answer: never): void;
  /** The gateway answered with an error, in words for a person; the connection is well. */
  fail?(text: string): void;
}

export interface Slice {
  /** While a view that shows it is open. */
  readonly asks: readonly Ask[];
  /** By their names; always. */
  readonly events?: Readonly<Record<string, (data: never) => void>>;
  /** The gateway's store is another one: what was shown is void. */
  clear?(): void;
}

/** The newest answer of one path, whole. */
export class Answer<T> implements Slice {
  value: T | null = null;
  /** What the gateway said instead; "" when it answered. */
  fault = "";
  readonly asks: readonly Ask[];
  readonly events: Readonly<Record<string, (data: T) => void>>;

  /** `event`: carries the same as the path answers; "" for none. `onValue` is called with each that comes. */
  constructor(
    path: string,
    everyMs: number,
    event = "",
    private readonly onValue: (value: T) => void = () => {},
  ) {
    const take = (answer: T) => this.take(answer);
    const fail = (text: string) => {
      this.fault = text;
    };
    this.asks = [{ key: path, path: () => path, everyMs, take, fail }];
    this.events = event === "" ? {} : { [event]: take };
  }

  clear(): void {
    this.value = null;
  }

  private take(answer: T): void {
    this.value = answer;
    this.fault = "";
    this.onValue(answer);
  }
}
