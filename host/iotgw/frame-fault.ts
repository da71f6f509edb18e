/** Why bytes are no frame, or no body: what a decoder hands back in place of one. */
import { WireError } from "./wire-error.ts";

/** Never thrown: what a peer did wrong is a value, and a decoder that is given any bytes throws nothing. */
export class FrameFault {
  constructor(
    /** What the peer is told. */
    readonly code: WireError,
    /** What was read: what was seen; what is allowed. */
    readonly text: string,
  ) {}
}

export function badFrame(text: string): FrameFault {
  return new FrameFault(WireError.BAD_FRAME, text);
}
