/**
 * The body of ACK: what has arrived of one origin's numbers, by lane, and is as safe as the speaker promises. Only for
 * what the session cannot say, over several hops (iotgw §9).
 *
 *   body:   origin:8  epoch:8  lanes:1  { lane:1  ranges:1  upTo:8  { first:8  last:8 }… }…
 *
 * All numbers up to `upTo`, and those of the ranges behind it. Lanes and ranges ascend, and ranges have gaps between
 * them: a set of numbers has one form.
 */
import { LANES } from "./frame.ts";
import { badFrame, type FrameFault } from "./frame-fault.ts";
import { readSeq, readU64, SEQ_RANGE, writeSeq, writeU64 } from "./integers.ts";

const HEAD_BYTES = 17;
const LANE_BYTES = 10;
const RANGE_BYTES = 16;
const MAX_RANGES = 255;

/** Of numbers, both ends included. */
export interface SeqRange {
  first: number;
  last: number;
}

export interface LaneAck {
  lane: number;
  upTo: number;
  ranges: readonly SeqRange[];
}

export interface Acknowledgement {
  origin: bigint;
  epoch: bigint;
  lanes: readonly LaneAck[];
}

/** More than 255 ranges in a lane, or any that do not ascend, are a RangeError. */
export function encodeAcknowledgement(said: Acknowledgement): Uint8Array {
  const fault = faultOf(said.lanes);
  if (fault !== undefined) throw new RangeError(`encoding an ACK: ${fault}`);
  const size = said.lanes.reduce((sum, { ranges }) => sum + LANE_BYTES + RANGE_BYTES * ranges.length, 0);
  const body = new Uint8Array(HEAD_BYTES + size);
  writeU64(body, 0, said.origin);
  writeU64(body, 8, said.epoch);
  body[16] = said.lanes.length;
  let at = HEAD_BYTES;
  for (const { lane, upTo, ranges } of said.lanes) {
    body[at] = lane;
    body[at + 1] = ranges.length;
    writeSeq(body, at + 2, upTo);
    at += LANE_BYTES;
    for (const { first, last } of ranges) {
      writeSeq(body, at, first);
      writeSeq(body, at + 8, last);
      at += RANGE_BYTES;
    }
  }
  return body;
}

export function decodeAcknowledgement(
  bytes: Uint8Array,
  start: number,
  end: number,
): Acknowledgement | FrameFault {
  if (end - start < HEAD_BYTES) return badFrame(`ACK: ${end - start} bytes; allowed ${HEAD_BYTES} and more`);
  const lanes: LaneAck[] = [];
  let at = start + HEAD_BYTES;
  for (let left = bytes[start + 16]; left > 0; left--) {
    const count = end - at < LANE_BYTES ? 0 : bytes[at + 1];
    const laneEnd = at + LANE_BYTES + RANGE_BYTES * count;
    if (laneEnd > end) return badFrame(`ACK: lane ${lanes.length + 1} of ${bytes[start + 16]} is cut short`);
    lanes.push({ lane: bytes[at], upTo: readSeq(bytes, at + 2), ranges: readRanges(bytes, at, count) });
    at = laneEnd;
  }
  if (at !== end) return badFrame(`ACK: ${end - at} bytes behind its lanes`);
  const fault = faultOf(lanes);
  if (fault !== undefined) return badFrame(`ACK: ${fault}`);
  return { origin: readU64(bytes, start), epoch: readU64(bytes, start + 8), lanes };
}

function readRanges(bytes: Uint8Array, lane: number, count: number): SeqRange[] {
  return Array.from({ length: count }, (_, i) => {
    const at = lane + LANE_BYTES + RANGE_BYTES * i;
    return { first: readSeq(bytes, at), last: readSeq(bytes, at + 8) };
  });
}

/** What is wrong with lanes; undefined when nothing is. */
function faultOf(lanes: readonly LaneAck[]): string | undefined {
  let before = -1;
  for (const { lane, upTo, ranges } of lanes) {
    if (lane <= before || lane >= LANES)
      return `lane ${lane} behind ${before}; allowed ascending, below ${LANES}`;
    before = lane;
    if (ranges.length > MAX_RANGES) return `${ranges.length} ranges; allowed ${MAX_RANGES}`;
    if (upTo === SEQ_RANGE) return "a number above 2^53 − 1";
    let end = upTo;
    for (const { first, last } of ranges) {
      if (first === SEQ_RANGE || last === SEQ_RANGE) return "a number above 2^53 − 1";
      if (first <= end + 1 || last < first)
        return `range ${first}…${last} behind ${end}; allowed ascending, with gaps between`;
      end = last;
    }
  }
  return undefined;
}
