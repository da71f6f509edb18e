/** A transport handler that writes down what it was told, for tests. */
import type { TransportHandler } from "./transport.ts";

export interface Recorder extends TransportHandler {
  /** The chunks as they came. */
  chunks: number[][];
  /** The same bytes without their cuts. */
  readonly bytes: number[];
  drains: number;
  closings: string[];
  /** Resolves as soon as `claim` holds; asked again at every call. */
  until(claim: (so: Recorder) => boolean): Promise<void>;
}

export function recorder(): Recorder {
  const waiting: { claim: (so: Recorder) => boolean; resolve: () => void }[] = [];
  const check = () => {
    for (const one of waiting) if (one.claim(self)) one.resolve();
  };
  const self: Recorder = {
    chunks: [],
    drains: 0,
    closings: [],
    get bytes() {
      return this.chunks.flat();
    },
    onChunk(chunk) {
      self.chunks.push([...chunk]);
      check();
    },
    onDrain() {
      self.drains++;
      check();
    },
    onClose(reason) {
      self.closings.push(reason);
      check();
    },
    until: (claim) =>
      new Promise((resolve) => {
        waiting.push({ claim, resolve });
        check();
      }),
  };
  return self;
}
