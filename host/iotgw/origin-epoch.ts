/** The epoch in front of the body of a numbered frame (numbered.ts): in which its origin gave it its number. */
import { commandName } from "./commands.ts";
import type { FrameView } from "./decode-frame.ts";
import { badFrame, type FrameFault } from "./frame-fault.ts";
import { readU64 } from "./integers.ts";

/** Bytes in front of the content: it begins at bodyStart + EPOCH_BYTES. */
export const EPOCH_BYTES = 8;

/** The epoch of a frame that is to be a numbered one, or why it is none. A piece of a longer body is none by itself. */
export function originEpoch(frame: FrameView): bigint | FrameFault {
  const name = commandName(frame.cmd);
  if (frame.msgId === undefined || frame.qos === undefined)
    return badFrame(`numbered ${name}: without MSGID or QOS; both are needed`);
  const size = frame.end - frame.bodyStart;
  if (size < EPOCH_BYTES)
    return badFrame(`numbered ${name}: a body of ${size} bytes; allowed ${EPOCH_BYTES} and more`);
  return readU64(frame.bytes, frame.bodyStart);
}
