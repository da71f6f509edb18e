/**
 * A numbered frame, one with MSGID: it has QOS, for numbers count by lane, and its body begins with the epoch in which
 * the origin gave the number.
 *
 *   body:   epoch:8  content:~
 *
 * VOID has no content: it stands for a number whose frame is no more.
 */

import { commandName } from "./commands.ts";
import { encodeHead, newFrame, sealFrame } from "./encode-frame.ts";
import { type Frame, frameSize } from "./frame.ts";
import { writeU64 } from "./integers.ts";
import { EPOCH_BYTES } from "./origin-epoch.ts";

/** A numbered frame in bytes of its own (newFrame). One without MSGID and QOS is a TypeError. */
export function encodeNumbered(frame: Frame, epoch: bigint, content: Uint8Array): Uint8Array {
  if (frame.msgId === undefined || frame.qos === undefined)
    throw new TypeError(`encoding a numbered ${commandName(frame.cmd)}: it has no MSGID or no QOS`);
  const bodySize = EPOCH_BYTES + content.length;
  const bytes = newFrame(frameSize(frame, bodySize));
  const at = encodeHead(bytes, 0, frame, bodySize);
  writeU64(bytes, at, epoch);
  bytes.set(content, at + EPOCH_BYTES);
  sealFrame(bytes, 0, bytes.length);
  return bytes;
}
