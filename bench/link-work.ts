/** Our serial link at work: the gateway's end reading frames of a board. */
import { nodeEngine } from "../host/platform/engine.ts";
import { Frame } from "../shared/link/frame.ts";
import type { Link, LinkHandler } from "../shared/link/link.ts";
import { createLink } from "../shared/link/link.ts";
import { openLink, receiveChunk } from "../shared/link/receive-frame.ts";
import { flushLink, sendBytes } from "../shared/link/send-frame.ts";
import { cut } from "./chunks.ts";
import type { Workload } from "./workload.ts";

/** As large as the gateway's. */
const BUFFER_BYTES = 4096;
/** What fills the last chunk: an END, and so an empty frame, which receivers skip. */
const FILLER = 0xc0;
/** Sequence numbers come round after as many frames, so a stream of a multiple of it can be read again and again. */
const SEQUENCES = 256;

/** Counts the frames it is given, and writes down what it sends. */
class BenchLink implements LinkHandler {
  readonly link: Link;
  readonly out: Buffer[] = [];
  frames = 0;

  constructor(isBoard: boolean) {
    this.link = createLink(isBoard, 0, nodeEngine, this, new Uint8Array(BUFFER_BYTES), Frame.MAX_PAYLOAD);
  }

  onWrite(bytes: Uint8Array, start: number, end: number): void {
    this.out.push(Buffer.from(bytes.slice(start, end)));
  }

  onData(): void {
    this.frames++;
  }

  onBroken(reason: number): void {
    throw new Error(`link: broken, reason ${String.fromCharCode(reason)}`);
  }

  onOpened(): void {}
  onLog(): void {}
  onRepl(): void {}

  take(): Buffer {
    return Buffer.concat(this.out.splice(0));
  }
}

/** A board's OPEN, and its frames of one message each. RangeError unless their sequence numbers come round. */
export function frameStream(messages: readonly Uint8Array[]): { open: Buffer; frames: Buffer } {
  if (messages.length % SEQUENCES !== 0)
    throw new RangeError(`frames: ${messages.length}, not a multiple of ${SEQUENCES}`);
  const board = new BenchLink(true);
  openLink(board.link, 0);
  const open = board.take();
  const gateway = new BenchLink(false);
  receiveChunk(gateway.link, open, 0);
  receiveChunk(board.link, gateway.take(), 0);
  for (const message of messages) {
    sendBytes(board.link, message, 0, message.length, 0);
    flushLink(board.link, 0);
  }
  return { open, frames: board.take() };
}

/** Reads frames, checks their CRC and their sequence. */
export function linkIn(messages: readonly Uint8Array[], chunkSize: number): Workload {
  const { open, frames } = frameStream(messages);
  const chunks = cut(frames, chunkSize, FILLER);
  const gateway = new BenchLink(false);
  receiveChunk(gateway.link, open, 0);
  return {
    messages: messages.length,
    cycle() {
      for (const chunk of chunks) receiveChunk(gateway.link, chunk, 0);
    },
    delivered: () => gateway.frames,
  };
}
