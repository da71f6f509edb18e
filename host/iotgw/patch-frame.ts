/**
 * What changes in a frame that is encoded already, right before it is written (iotgw §2, §9: rqid is given at write time,
 * the time that is left shrinks, a relay counts the hop). Each is written in place; a frame with a CRC then needs sealFrame.
 */
import { FIXED_BYTES, Part, partOffset, type RouteFlag, ttlOf } from "./frame.ts";
import { checkWhole, writeU32 } from "./integers.ts";

/** Of the frame at bytes[at]. */
export function patchRqid(bytes: Uint8Array, rqid: number, at = 0): void {
  writeU32(bytes, at + bytes[at + 3] - FIXED_BYTES + 8, checkWhole("rqid", rqid, 0xffff_ffff));
}

/** Any number of ms, Infinity for no end. A frame without QOS is a TypeError. */
export function patchTtl(bytes: Uint8Array, remainingMs: number, at = 0): void {
  writeU32(bytes, placeOf(bytes, at, Part.QOS, "QOS") + 4, ttlOf(remainingMs));
}

/** A frame without ROUTE is a TypeError. */
export function patchHops(bytes: Uint8Array, hopsLeft: number, hopsDone: number, at = 0): void {
  const place = placeOf(bytes, at, Part.ROUTE, "ROUTE");
  bytes[place + 16] = checkWhole("hopsLeft", hopsLeft, 0xff);
  bytes[place + 17] = checkWhole("hopsDone", hopsDone, 0xff);
}

/** A frame without ROUTE is a TypeError. All flags there are stand in the first byte. */
export function setRouteFlag(bytes: Uint8Array, flag: RouteFlag, at = 0): void {
  bytes[placeOf(bytes, at, Part.ROUTE, "ROUTE") + 18] |= flag;
}

/** False, too, of a frame without ROUTE. */
export function hasRouteFlag(bytes: Uint8Array, flag: RouteFlag, at = 0): boolean {
  if ((bytes[at + 2] & Part.ROUTE) === 0) return false;
  return (bytes[placeOf(bytes, at, Part.ROUTE, "ROUTE") + 18] & flag) !== 0;
}

function placeOf(bytes: Uint8Array, at: number, part: Part, name: string): number {
  const flags = bytes[at + 2];
  if ((flags & part) === 0) throw new TypeError(`patching a frame: it has no ${name}`);
  return at + partOffset(flags, part);
}
