/** The codes by name, for people and logs. Not part of the firmware. */
import { Code } from "./codes.ts";

export const codeNames: Readonly<Record<string, Code>> = {
  DEAD: Code.DEAD,
  HANDSHAKE_TIMEOUT: Code.HANDSHAKE_TIMEOUT,
  CLOSED: Code.CLOSED,
  REPLACED: Code.REPLACED,
  EXPIRED: Code.EXPIRED,
  SESSION_UNKNOWN: Code.SESSION_UNKNOWN,
  VERSION_UNSUPPORTED: Code.VERSION_UNSUPPORTED,
  HANDSHAKE_CODE: Code.HANDSHAKE_CODE,
  SESSION_ID_SIZE: Code.SESSION_ID_SIZE,
  STATE_RANGE: Code.STATE_RANGE,
  VARINT_RANGE: Code.VARINT_RANGE,
  PACKET_TOO_LARGE: Code.PACKET_TOO_LARGE,
  PACKET_GAP: Code.PACKET_GAP,
  RECEIVE_COUNT_RESERVED: Code.RECEIVE_COUNT_RESERVED,
  ACK_BEYOND_SENT: Code.ACK_BEYOND_SENT,
  HELLO_INVALID: Code.HELLO_INVALID,
  DUPLICATE_ID: Code.DUPLICATE_ID,
  SUPERSEDED: Code.SUPERSEDED,
  TOO_MANY: Code.TOO_MANY,
  KEY_NEEDED: Code.KEY_NEEDED,
  PROOF_INVALID: Code.PROOF_INVALID,
  ADMISSION_OVERDUE: Code.ADMISSION_OVERDUE,
  KEY_REVOKED: Code.KEY_REVOKED,
  WINDOW_IGNORED: Code.WINDOW_IGNORED,
  NOT_READING: Code.NOT_READING,
  STORE_FAILED: Code.STORE_FAILED,
};

const byCode = new Map<number, string>(Object.entries(codeNames).map(([name, code]) => [code, name]));

export function codeName(code: number): string {
  return byCode.get(code) ?? `code ${code}`;
}
