/**
 * The body of ROUTES: which hosts the speaker reaches, and how far they are (iotgw §2). It replaces what the speaker said
 * in a lower version.
 *
 *   body:   version:8  count:2  { host:8  delayUs:4  pathLength:2 }…
 */
import { badFrame, type FrameFault } from "./frame-fault.ts";
import {
  checkWhole,
  readSeq,
  readU16,
  readU32,
  readU64,
  SEQ_RANGE,
  writeSeq,
  writeU16,
  writeU32,
  writeU64,
} from "./integers.ts";

const HEAD_BYTES = 10;
const ROUTE_BYTES = 14;
const U16 = 0xffff;

export interface Reach {
  host: bigint;
  delayUs: number;
  /** Hops to it; 1: a peer of the speaker. */
  pathLength: number;
}

export interface RouteTable {
  version: number;
  routes: readonly Reach[];
}

export function encodeRoutes({ version, routes }: RouteTable): Uint8Array {
  const body = new Uint8Array(HEAD_BYTES + ROUTE_BYTES * checkWhole("routes", routes.length, U16));
  writeSeq(body, 0, version);
  writeU16(body, 8, routes.length);
  routes.forEach(({ host, delayUs, pathLength }, i) => {
    const at = HEAD_BYTES + ROUTE_BYTES * i;
    writeU64(body, at, host);
    writeU32(body, at + 8, checkWhole("delayUs", delayUs, 0xffff_ffff));
    writeU16(body, at + 12, checkWhole("pathLength", pathLength, U16));
  });
  return body;
}

export function decodeRoutes(bytes: Uint8Array, start: number, end: number): RouteTable | FrameFault {
  const size = end - start;
  if (size < HEAD_BYTES) return badFrame(`ROUTES: ${size} bytes; allowed ${HEAD_BYTES} and more`);
  const count = readU16(bytes, start + 8);
  if (size !== HEAD_BYTES + ROUTE_BYTES * count)
    return badFrame(`ROUTES: ${size} bytes; ${count} routes have ${HEAD_BYTES + ROUTE_BYTES * count}`);
  const version = readSeq(bytes, start);
  if (version === SEQ_RANGE) return badFrame("ROUTES: a version above 2^53 − 1");
  const routes = Array.from({ length: count }, (_, i) => {
    const at = start + HEAD_BYTES + ROUTE_BYTES * i;
    return { host: readU64(bytes, at), delayUs: readU32(bytes, at + 8), pathLength: readU16(bytes, at + 12) };
  });
  return { version, routes };
}
