/** The payload of a packet in words (session part 4, architecture §6). */
import { Payload } from "../../shared/message.ts";
import { formatJson, printable } from "../platform/printable.ts";
import { type Message, readPayload, UNREADABLE_TYPE } from "../platform/read-payload.ts";
import { frameInWords, hasSign } from "./iotgw-words.ts";
import { plainText } from "./plain-bytes.ts";

/** What bytes[start…end) says: a few words, then its JSON where it is one. */
export function payloadInWords(bytes: Uint8Array, start: number, end: number): string {
  if (hasSign(bytes, start, end)) return frameInWords(bytes, start, end);
  const message = readPayload(bytes, start, end, plainText);
  if (message === null) return "an empty message {}";
  if (message.ot === UNREADABLE_TYPE) return `no message of Bowline (${printable(String(message.err))})`;
  if (bytes[start] !== Payload.JSON_START) {
    const type = printable(String(message.ot));
    return `a blob of type ${type}, ${end - start - 1 - bytes[start]} bytes`;
  }
  return `${kindOf(message)} ${formatJson(message)}`;
}

function kindOf({ hello, proof, kill, re, err, rq, ot }: Message): string {
  if (typeof hello === "object" && hello !== null) return "hello";
  if (typeof proof === "string") return "proof";
  if (typeof kill === "number") return `cancel of request ${kill}`;
  if (typeof re === "number")
    return err === undefined ? `reply to request ${re}` : `error reply to request ${re}`;
  if (typeof rq === "number") return `request ${rq}`;
  return typeof ot === "string" ? "datum" : "message";
}
