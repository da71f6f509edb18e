/**
 * What DATA carries behind the epoch: a request to a board, or what became of one. JSON in UTF-8.
 *
 *   request   {"device":"sim-1","message":{"ot":"l:led","on":true}}
 *   reply     {"outcome":"delivered","reply":{"re":7,"on":true}}        error 0
 *             {"outcome":"unknown","reason":"no answer in time"}        error 2, and so on: see errorOf()
 *             {"reason":"no such board; known: sim-1"}                  any other error: it was refused
 */
import type { Reply } from "../../shared/message.ts";
import { Command } from "../iotgw/commands.ts";
import { textOf } from "../iotgw/utf8.ts";
import { WireError, wireErrorName } from "../iotgw/wire-error.ts";
import type { Outcome } from "../peers/request-book.ts";
import { isTooDeep, MAX_DEPTH } from "../platform/json-depth.ts";

export interface AskedRequest {
  device: string;
  message: { ot: string; [field: string]: unknown };
}

/** A board's message stands in an object: of a request, a reply, an event. */
const WRAPPING = 1;
/** Characters of a text of the other side that are kept. */
const LONGEST_REASON = 1000;

export function encodeJson(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** The object in bytes[start…end), or undefined; one that is nested deeper than messages are is none. */
export function parseJson(
  bytes: Uint8Array,
  start: number,
  end: number,
): Record<string, unknown> | undefined {
  const text = textOf(bytes.subarray(start, end));
  if (text === undefined || isTooDeep(text, MAX_DEPTH + WRAPPING)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // it is no JSON: told by who asked
  }
}

/** A request, or a sentence that says what is wrong with it. */
export function parseRequest(bytes: Uint8Array, start: number, end: number): AskedRequest | string {
  const content = parseJson(bytes, start, end);
  if (content === undefined) return "the request is no JSON object";
  const { device, message } = content;
  if (typeof device !== "string") return "the request names no device";
  if (!isObject(message) || typeof message.ot !== "string" || message.ot === "")
    return 'the request has no message {"ot":"TYPE",…}';
  return { device, message: { ...message, ot: message.ot } };
}

/** What a board's request came to, as a reply says it. */
export function errorOf({ outcome }: Outcome): WireError {
  switch (outcome) {
    case "delivered":
      return WireError.OK;
    case "expired":
      return WireError.EXPIRED;
    case "cancelled":
      return WireError.CANCELLED;
    case "unknown":
      return WireError.REPLYTM;
    case "rejected":
      return WireError.UNAUTHORIZED; // no board of ours ends so
  }
}

/** What a reply to request `rq` says became of it. */
export function parseOutcome(
  rq: number,
  error: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): Outcome {
  const content = parseJson(bytes, start, end) ?? {};
  const reason = reasonOf(content.reason);
  switch (error) {
    case WireError.OK:
      if (isObject(content.reply))
        return { outcome: "delivered", reply: { ...content.reply, re: rq } as Reply };
      return { outcome: "unknown", reason: "the other gateway's answer is not understood" };
    case WireError.EXPIRED:
    case WireError.CANCELLED:
    case WireError.REPLYTM:
      return endedWith(error, reason);
    default:
      return { outcome: "rejected", code: wireErrorName(error, Command.DATA), reason };
  }
}

/** What it means for a request that the other side ends it with `code`. */
export function endedWith(code: number, reason: string): Outcome {
  switch (code) {
    case WireError.EXPIRED:
      return { outcome: "expired", ...(reason !== "" && { reason }) };
    case WireError.CANCELLED:
      return { outcome: "cancelled" };
    case WireError.REPLYTM:
      return { outcome: "unknown", reason: reason || "no answer in time" };
    default:
      return { outcome: "rejected", code: wireErrorName(code, Command.DATA), reason };
  }
}

function reasonOf(value: unknown): string {
  return typeof value === "string" ? value.slice(0, LONGEST_REASON) : "";
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
