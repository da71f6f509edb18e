/** Requests of strangers to the server's acceptor, whole and in pieces, beside a reader of the whole stream. */
import { acceptBytes, createAcceptor, tickAcceptor } from "../../shared/session/acceptor.ts";
import { Code } from "../../shared/session/codes.ts";
import { Handshake } from "../../shared/session/handshake.ts";
import { decodeVarint, Varint, varintLength } from "../../shared/varint.ts";
import { hold } from "../proof.ts";
import type { FuzzTarget } from "./fuzz.ts";
import { goodRequests, KNOWN_ID } from "./good-bytes.ts";
import type { StreamSource } from "./stream-source.ts";

const REFUSAL_MS = 700;

export const acceptorTarget: FuzzTarget = { name: "acceptor", weight: 15, feed };

function feed(source: StreamSource): void {
  source.make(goodRequests);
  const { bytes, length } = source;
  const output: number[] = [];
  const ends: number[] = [];
  let asked = 0;
  const acceptor = createAcceptor(
    {
      onOutput: (out, start, end) => {
        for (let i = start; i < end; i++) output.push(out[i]);
      },
      onRequest: (id, start, end) => {
        asked++;
        return isKnown(id, start, end);
      },
      onRefused: () => REFUSAL_MS,
      onDisconnect: (code) => ends.push(code),
    },
    0,
  );
  let at = 0;
  while (at < length && !acceptor.taken) {
    const end = Math.min(length, at + 1 + source.below(length));
    at = acceptBytes(acceptor, bytes, at, end, 0);
    hold(at <= end, () => `read up to ${at} of ${end}`);
  }
  const expected = readNaively(bytes, length);
  const isTaken = acceptor.taken;
  hold(isTaken === expected >= 0, () => `taken ${isTaken}, expected ${expected}`);
  if (isTaken) hold(at === expected, () => `the session's bytes begin at ${at}, expected ${expected}`);
  const refusal = expected < -1 ? -expected : 0;
  hold(acceptor.refusal === refusal, () => `refused with ${acceptor.refusal}, expected ${refusal}`);
  hold(asked <= 1, () => `asked for ${asked} sessions`);
  const answer = refusal === 0 ? [] : [refusal === Code.VERSION_UNSUPPORTED ? 1 : 2];
  hold(
    output.length === answer.length && output[0] === answer[0],
    () => `answered ${output}, expected ${answer}`,
  );
  checkEnd(acceptor, refusal, ends);
}

/** However it stands, time ends what was not taken, once. */
function checkEnd(acceptor: ReturnType<typeof createAcceptor>, refusal: number, ends: number[]): void {
  tickAcceptor(acceptor, 1e6);
  tickAcceptor(acceptor, 2e6);
  if (acceptor.taken) return hold(ends.length === 0, "a connection that was taken was dropped");
  const expected = refusal === 0 ? Code.HANDSHAKE_TIMEOUT : refusal;
  hold(ends.length === 1 && ends[0] === expected, () => `dropped with ${ends}, expected ${expected}`);
}

function isKnown(id: Uint8Array, start: number, end: number): boolean {
  if (start === end) return true;
  if (end - start !== KNOWN_ID.length) return false;
  return KNOWN_ID.every((byte, i) => id[start + i] === byte);
}

/** Where the session's bytes begin; −1: more is needed; less: minus the code it is refused with. */
function readNaively(bytes: Uint8Array, length: number): number {
  if (length === 0) return -1;
  if (bytes[0] !== 1) return -Code.VERSION_UNSUPPORTED;
  const size = decodeVarint(bytes, 1, length);
  if (size === Varint.MORE) return -1;
  if (size === Varint.RANGE) return -Code.VARINT_RANGE;
  if (size > Handshake.MAX_SESSION_ID) return -Code.SESSION_ID_SIZE;
  const start = 1 + varintLength(bytes[1]);
  if (start + size > length) return -1;
  return isKnown(bytes, start, start + size) ? start + size : -Code.SESSION_UNKNOWN;
}
