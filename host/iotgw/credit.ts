/**
 * The body of CREDIT: how much the speaker takes in all, by lane, in this session. The amounts count from the session's
 * beginning and never shrink, so that a repeat gives nothing twice.
 *
 *   body:   lanes:1  { lane:1  packets:8  bytes:8 }…
 */
import { LANES } from "./frame.ts";
import { badFrame, type FrameFault } from "./frame-fault.ts";
import { readSeq, SEQ_RANGE, writeSeq } from "./integers.ts";

const LANE_BYTES = 17;

export interface LaneCredit {
  lane: number;
  packets: number;
  bytes: number;
}

/** Lanes that do not ascend are a RangeError. */
export function encodeCredit(lanes: readonly LaneCredit[]): Uint8Array {
  const fault = faultOf(lanes);
  if (fault !== undefined) throw new RangeError(`encoding a CREDIT: ${fault}`);
  const body = new Uint8Array(1 + LANE_BYTES * lanes.length);
  body[0] = lanes.length;
  lanes.forEach(({ lane, packets, bytes }, i) => {
    const at = 1 + LANE_BYTES * i;
    body[at] = lane;
    writeSeq(body, at + 1, packets);
    writeSeq(body, at + 9, bytes);
  });
  return body;
}

export function decodeCredit(bytes: Uint8Array, start: number, end: number): LaneCredit[] | FrameFault {
  const count = start < end ? bytes[start] : 0;
  if (end - start !== 1 + LANE_BYTES * count)
    return badFrame(`CREDIT: ${end - start} bytes; ${count} lanes have ${1 + LANE_BYTES * count}`);
  const lanes = Array.from({ length: count }, (_, i) => {
    const at = start + 1 + LANE_BYTES * i;
    return { lane: bytes[at], packets: readSeq(bytes, at + 1), bytes: readSeq(bytes, at + 9) };
  });
  const fault = faultOf(lanes);
  return fault === undefined ? lanes : badFrame(`CREDIT: ${fault}`);
}

function faultOf(lanes: readonly LaneCredit[]): string | undefined {
  let before = -1;
  for (const { lane, packets, bytes } of lanes) {
    if (lane <= before || lane >= LANES)
      return `lane ${lane} behind ${before}; allowed ascending, below ${LANES}`;
    if (packets === SEQ_RANGE || bytes === SEQ_RANGE) return "an amount above 2^53 − 1";
    before = lane;
  }
  return undefined;
}
