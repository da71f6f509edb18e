/**
 * A piece of a frame that is too long to hold up its lane (iotgw §9): the frame's own header with FRAG in it, and a range
 * of its body. Pieces are made one by one as they are written, so that an alarm waits for one piece, not for the frame.
 */
import { newFrame, sealFrame } from "./encode-frame.ts";
import { FIXED_BYTES, Part, partOffset } from "./frame.ts";
import { writeU32 } from "./integers.ts";

const FRAG_BYTES = 8;
const MAX_HEADLEN = 255;

/**
 * The piece of `whole`, an encoded frame, that has its body's bytes from `offset` on, at most `size` of them. A frame that
 * is a piece already is a TypeError: a relay puts it together first.
 */
export function encodePiece(whole: Uint8Array, offset: number, size: number): Uint8Array {
  const flags = whole[2];
  const headlen = whole[3];
  const total = whole.length - headlen;
  if ((flags & Part.FRAG) !== 0) throw new TypeError("cutting a frame into pieces: it is a piece");
  if (headlen + FRAG_BYTES > MAX_HEADLEN)
    throw new RangeError(`cutting a frame into pieces: a header of ${headlen}; allowed 247`);
  if (!(offset >= 0 && offset < total && size > 0))
    throw new RangeError(`cutting a frame into pieces: ${size} bytes from ${offset} on; it has ${total}`);
  const bodySize = Math.min(size, total - offset);
  const bytes = newFrame(headlen + FRAG_BYTES + bodySize);
  const place = partOffset(flags, Part.FRAG);
  bytes.set(whole.subarray(0, place));
  writeU32(bytes, place, offset);
  writeU32(bytes, place + 4, total);
  bytes.set(whole.subarray(place, headlen), place + FRAG_BYTES);
  bytes.set(whole.subarray(headlen + offset, headlen + offset + bodySize), headlen + FRAG_BYTES);
  bytes[2] = flags | Part.FRAG;
  bytes[3] = headlen + FRAG_BYTES;
  writeU32(bytes, headlen + FRAG_BYTES - FIXED_BYTES + 4, bodySize);
  sealFrame(bytes, 0, bytes.length);
  return bytes;
}
