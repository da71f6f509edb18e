/**
 * What EVENT and SUBSCRIBE carry behind the epoch. JSON in UTF-8.
 *
 *   EVENT       {"device":"sim-1","epoch":"9f3c…","seq":12,"t":1795301705120,"message":{"ot":"l:temp","v":22.5}}
 *               "missed":3 in it: of the messages before it so many are lost, for the publisher's store gave them up
 *   SUBSCRIBE   {"devices":["sim-*"]}     boards whose messages are to come from now on; none: no more of any
 *   its reply   {"gateway":"pi-attic","devices":["sim-*"],"next":17}
 */
import { isBoardId } from "../platform/board-id.ts";
import { isObject, parseJson } from "./request-content.ts";

/** A message of a board as it travels. */
export interface BoardEvent {
  device: string;
  epoch: string;
  seq: number;
  /** When the board made it, ms since 1970, where known. */
  t?: number;
  message: Record<string, unknown>;
  missed?: number;
}

export interface Subscribed {
  gateway: string;
  devices: string[];
}

const EPOCH = /^[0-9a-f]{16}$/;
const PATTERN = /^[A-Za-z0-9._*-]{1,63}$/;
const MOST_PATTERNS = 1000;

/** An event, or a sentence that says what is wrong with it. */
export function parseEvent(bytes: Uint8Array, start: number, end: number): BoardEvent | string {
  const content = parseJson(bytes, start, end);
  if (content === undefined) return "the event is no JSON object";
  const { device, epoch, seq, t, message, missed } = content;
  if (typeof device !== "string" || !isBoardId(device)) return "the event names no board";
  if (typeof epoch !== "string" || !EPOCH.test(epoch)) return "the event has no epoch of 16 hex digits";
  if (!isCount(seq)) return "the event has no seq";
  if (!isObject(message)) return "the event has no message";
  return {
    ...{ device, epoch, seq, message },
    ...(typeof t === "number" && Number.isFinite(t) && { t }),
    ...(isCount(missed) && { missed }),
  };
}

/** The patterns of a SUBSCRIBE, or a sentence that says what is wrong with it. */
export function parseSubscribe(bytes: Uint8Array, start: number, end: number): string[] | string {
  const devices = parseJson(bytes, start, end)?.devices;
  if (!Array.isArray(devices)) return "SUBSCRIBE has no list of devices";
  if (devices.length > MOST_PATTERNS)
    return `SUBSCRIBE has ${devices.length} devices; ${MOST_PATTERNS} allowed`;
  const odd = devices.find((one) => typeof one !== "string" || !PATTERN.test(one));
  if (odd !== undefined) return "SUBSCRIBE names a device that is no name; * stands for any letters";
  return devices;
}

export function parseSubscribed(bytes: Uint8Array, start: number, end: number): Subscribed | null {
  const content = parseJson(bytes, start, end);
  const { gateway, devices } = content ?? {};
  if (typeof gateway !== "string" || !Array.isArray(devices)) return null;
  return { gateway, devices: devices.filter((one): one is string => typeof one === "string") };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
