/**
 * The contents of CANCEL, which withdraws the frame that REF names, and of NAK, which tells its origin how it ended.
 * Numbers count by lane and REF has none, so it stands here.
 *
 *   CANCEL  lane:1
 *   NAK     lane:1  code:1  text:~        text for people, UTF-8, up to the end
 */
import { LANES } from "./frame.ts";
import { badFrame, type FrameFault } from "./frame-fault.ts";
import { checkWhole } from "./integers.ts";
import { encodeText, textOf } from "./utf8.ts";
import { WireError } from "./wire-error.ts";

export interface Refusal {
  /** Of the frame that REF names. */
  lane: number;
  code: number;
  text: string;
}

export function encodeCancel(lane: number): Uint8Array {
  return Uint8Array.of(checkWhole("lane", lane, LANES - 1));
}

/** The lane of the frame that is withdrawn. */
export function decodeCancel(bytes: Uint8Array, start: number, end: number): number | FrameFault {
  if (end - start !== 1) return badFrame(`CANCEL: ${end - start} bytes; allowed 1`);
  return bytes[start] < LANES ? bytes[start] : badFrame(`CANCEL: lane ${bytes[start]}; allowed 0…3`);
}

export function encodeNak({ lane, code, text }: Refusal): Uint8Array {
  if (code === WireError.OK) throw new RangeError("encoding a NAK: code 0; allowed 1…255");
  const head = [checkWhole("lane", lane, LANES - 1), checkWhole("code", code, 0xff)];
  return Uint8Array.from([...head, ...encodeText(text)]);
}

export function decodeNak(bytes: Uint8Array, start: number, end: number): Refusal | FrameFault {
  if (end - start < 2) return badFrame(`NAK: ${end - start} bytes; allowed 2 and more`);
  const [lane, code] = [bytes[start], bytes[start + 1]];
  if (lane >= LANES) return badFrame(`NAK: lane ${lane}; allowed 0…3`);
  if (code === WireError.OK) return badFrame("NAK: code 0; allowed 1…255");
  const text = textOf(bytes.subarray(start + 2, end));
  return text === undefined ? badFrame("NAK: the text is no UTF-8") : { lane, code, text };
}
