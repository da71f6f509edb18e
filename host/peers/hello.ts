/** Reading a board's hello (session part 4): every field checked, every refusal said in words. */
import type { BoardHello } from "../../shared/message.ts";
import { Proof } from "../../shared/proof.ts";
import { isBoardId } from "../platform/board-id.ts";
import { parsePayload } from "../platform/payload.ts";

const EPOCH = /^([0-9a-f]{16})?$/;

const QUOTED_CHARACTERS = 80;

/** The hello in bytes[start…end), or a sentence that says what is wrong with it. */
export function parseHello(bytes: Uint8Array, start: number, end: number): BoardHello | string {
  const message = parsePayload(bytes, start, end);
  const hello = message?.hello as Partial<BoardHello> | undefined;
  if (typeof hello !== "object" || hello === null) return "the first packet is no hello";
  const { id, epoch, seq, rx, max } = hello;
  if (typeof id !== "string" || !isBoardId(id))
    return `id ${quote(id)}, allowed: 1…63 letters, digits, . _ -`;
  if (typeof epoch !== "string" || !EPOCH.test(epoch))
    return `epoch ${quote(epoch)}, allowed: "" or 16 hex digits`;
  if (!isCount(seq, 1)) return `seq ${quote(seq)}, allowed: whole numbers from 1`;
  if (!isCount(rx, 1)) return `rx ${quote(rx)}, allowed: bytes, from 1`;
  if (!isCount(max, 1) || max > rx) return `max ${quote(max)}, allowed: 1…rx`;
  const { nonce } = hello;
  if (nonce !== undefined && !isNonce(nonce))
    return `nonce ${quote(nonce)}, allowed: ${Proof.NONCE_SIZE} bytes in base64`;
  return {
    id,
    epoch,
    seq,
    rx,
    max,
    fw: typeof hello.fw === "string" ? hello.fw : "",
    board: typeof hello.board === "string" ? hello.board : "",
    caps: Array.isArray(hello.caps) ? hello.caps.filter((cap): cap is string => typeof cap === "string") : [],
    lost: isCount(hello.lost, 0) ? hello.lost : 0,
    room: isCount(hello.room, 0) ? hello.room : 0,
    ...(nonce !== undefined && { nonce }),
  };
}

function isNonce(value: unknown): value is string {
  if (typeof value !== "string") return false;
  const bytes = Buffer.from(value, "base64");
  return bytes.length === Proof.NONCE_SIZE && bytes.toString("base64") === value;
}

function isCount(value: unknown, least: number): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= least;
}

/** What a stranger sent, short and in one line; of an object only that it is one. */
function quote(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, QUOTED_CHARACTERS));
  return typeof value === "number" ? String(value) : `of type ${value === null ? "null" : typeof value}`;
}
