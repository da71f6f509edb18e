/** What the peers have and their own types do not say; only what the benchmarks use. */

declare module "ws" {
  import { Writable } from "node:stream";
  /** Reads WebSocket frames; emits "message" (data, isBinary). */
  export class Receiver extends Writable {
    constructor(options?: { isServer?: boolean; maxPayload?: number });
  }
  export const Sender: {
    /** The frame as buffers: its head, then the data. */
    frame(
      data: Buffer,
      options: { fin: boolean; opcode: number; mask: boolean; readOnly: boolean; rsv1: boolean },
    ): Buffer[];
  };
}

declare module "cobs" {
  import type { Duplex } from "node:stream";

  const cobs: { encode(data: Buffer): Buffer; decodeStream(): Duplex };
  export default cobs;
}
