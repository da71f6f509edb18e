/** The connection as its session sees it. */
import type { Code } from "../../shared/session/codes.ts";
import type { Wire } from "./wire.ts";

export interface Carrier {
  readonly name: string;
  readonly remoteAddress: string;
  readonly wire: Wire;
  /** Bytes put out in this turn that have not been written yet. */
  readonly gathered: number;
  output(bytes: Uint8Array, start: number, end: number): void;
  /** What was put out leaves with the end of this turn, and the timer is set anew. */
  settle(): void;
  /** It leaves now. */
  settleNow(): void;
  drop(code: Code): void;
}
