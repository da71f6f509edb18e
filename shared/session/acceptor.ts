/**
 * The server's side of a connection before it is known which session it belongs to (session §1).
 *
 *   READING ──request of version 1, known id or none──▶ TAKEN     the session answers and reads on
 *      └──version or session refused──▶ REFUSED ──after the random time──▶ disconnect (§1.3, §1.4, D8)
 */
import { Code } from "./codes.ts";
import type { Head } from "./handshake.ts";
import { createHead, HandshakeCode, HeadStatus, readRequest } from "./handshake.ts";
import { Limit } from "./state.ts";

export interface AcceptorHandler {
  onOutput(bytes: Uint8Array, start: number, end: number): void;
  /** A request with the session id bytes[start…end), empty for a new session. False: there is no such session. */
  onRequest(bytes: Uint8Array, start: number, end: number): boolean;
  /** The connection is refused: ms to hold it before it is dropped (§1.3: some random time, D8). */
  onRefused(): number;
  /** The connection is to be dropped. */
  onDisconnect(code: number): void;
}

export interface Acceptor {
  handler: AcceptorHandler;
  deadline: number;
  /** Why it was refused; 0 while it is not. */
  refusal: number;
  taken: boolean;
  head: Head;
}

export function createAcceptor(handler: AcceptorHandler, now: number): Acceptor {
  return {
    handler: handler,
    deadline: now + Limit.HANDSHAKE_TIMEOUT,
    refusal: 0,
    taken: false,
    head: createHead(),
  };
}

/** Reads the request. Returns where the session's bytes begin once `a.taken`; until then all were consumed. */
export function acceptBytes(a: Acceptor, bytes: Uint8Array, start: number, end: number, now: number): number {
  let at = start;
  while (at < end && !a.taken && a.refusal === 0) {
    const head = a.head;
    head.bytes[head.have++] = bytes[at++];
    const status = readRequest(head);
    if (status === HeadStatus.MORE) continue;
    if (status === HeadStatus.WHOLE) {
      if (a.handler.onRequest(head.bytes, head.idStart, head.idEnd)) a.taken = true;
      else refuse(a, Code.SESSION_UNKNOWN, HandshakeCode.SESSION_UNKNOWN, now);
    } else if (status === Code.VERSION_UNSUPPORTED) refuse(a, status, HandshakeCode.VERSION_UNSUPPORTED, now);
    else refuse(a, status, HandshakeCode.SESSION_UNKNOWN, now); // an id no session has: as unknown (D7)
  }
  return a.taken ? at : end;
}

/** Drops the connection once the handshake is overdue or the refusal's random time is over. */
export function tickAcceptor(a: Acceptor, now: number): void {
  if (a.taken || now < a.deadline) return;
  a.deadline = Infinity;
  a.handler.onDisconnect(a.refusal === 0 ? Code.HANDSHAKE_TIMEOUT : a.refusal);
}

function refuse(a: Acceptor, reason: number, answer: number, now: number): void {
  a.refusal = reason;
  a.deadline = now + a.handler.onRefused();
  a.head.bytes[0] = answer;
  a.handler.onOutput(a.head.bytes, 0, 1);
}
