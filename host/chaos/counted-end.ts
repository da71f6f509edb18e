/** Who speaks to the gateway in a run of `bowline chaos`, and says by another way what it did. */
import type { Tally } from "./tally.ts";

export interface CountedEnd {
  readonly id: string;
  /** Messages it is to send; and those it has accepted so far. */
  readonly count: number;
  readonly sent: number;
  /** Requests it carried out. */
  readonly ran: Tally;
  start(): void;
  /** Once it resolves, all that it said has been read. */
  stop(): void | Promise<void>;
}
