/** The four messages that open a connection, in words (session §1, §2). */
import { codeName } from "../../shared/session/code-names.ts";
import {
  createHead,
  Handshake,
  HandshakeCode,
  type Head,
  HeadStatus,
  readClientState,
  readReply,
  readRequest,
  readServerState,
} from "../../shared/session/handshake.ts";
import { varintLength } from "../../shared/varint.ts";
import { cutShort, type Finding, notUnderstood, understood } from "./findings.ts";
import { formatHex } from "./hex.ts";

/**
 * Reads one message at bytes[at]; a finding that is not understood when it is cut short or malformed. Of a session's id
 * the first `idBytes` are shown, all by default.
 */
export type HeadReader = (bytes: Uint8Array, at: number, idBytes?: number) => Finding;

export const readRequestHead: HeadReader = (bytes, at, idBytes) =>
  readHead(bytes, at, "request", "session §1", readRequest, (head) => {
    if (head.idEnd === head.idStart)
      return understood(at, at + head.idEnd, "session §1.1", "request of a new session, version 1");
    const text = `request to resume session ${idOf(head, idBytes)}, version 1`;
    return understood(at, at + head.idEnd, "session §1.2", text);
  });

export const readNewSessionHead: HeadReader = (bytes, at, idBytes) =>
  readHead(
    bytes,
    at,
    "handshake reply",
    "session §1.1",
    (head) => readReply(head, true),
    (head) => {
      const text = `handshake OK: new session ${idOf(head, idBytes)}`;
      return understood(at, at + head.idEnd, "session §1.1", text);
    },
  );

export const readResumedHead: HeadReader = (bytes, at) =>
  bytes[at] === HandshakeCode.OK
    ? understood(at, at + 1, "session §1.2", "handshake OK: session resumed")
    : notUnderstood(at, bytes.length, "session §1", `unknown handshakeCode ${bytes[at]}; allowed: 0, 1, 2`);

export const readRefusalHead: HeadReader = (bytes, at) => {
  if (bytes[at] === HandshakeCode.SESSION_UNKNOWN)
    return understood(at, at + 1, "session §1.3", "handshake refused: session does not exist");
  if (bytes[at] === HandshakeCode.VERSION_UNSUPPORTED)
    return understood(at, at + 1, "session §1.4", "handshake refused: version not supported");
  return notUnderstood(at, bytes.length, "session §1", "no refusal");
};

export const readClientStateHead: HeadReader = (bytes, at) =>
  readHead(bytes, at, "client's state", "session §2", readClientState, (head) => {
    const end = at + varintLength(bytes[at]);
    return understood(at, end, "session §2", `client's state: startPacketIndex ${head.start}`);
  });

export const readServerStateHead: HeadReader = (bytes, at) =>
  readHead(bytes, at, "server's state", "session §2", readServerState, (head) => {
    let end = at;
    for (let number = 0; number < 3; number++) end += varintLength(bytes[end]);
    const text =
      `server's state: startPacketIndex ${head.start}, syncIntervalMin ${head.min} ms, ` +
      `syncIntervalMax ${head.max} ms, sessionExpire ${head.expire} s`;
    return understood(at, end + 1, "session §2", text);
  });

function readHead(
  bytes: Uint8Array,
  at: number,
  name: string,
  clause: string,
  read: (head: Head) => number,
  describe: (head: Head) => Finding,
): Finding {
  const head = createHead();
  head.bytes.set(bytes.subarray(at, at + Handshake.HEAD_SIZE));
  head.have = Math.min(Handshake.HEAD_SIZE, bytes.length - at);
  const status = read(head);
  if (status === HeadStatus.WHOLE) return describe(head);
  if (status === HeadStatus.MORE) return cutShort(at, bytes.length, clause, `${name}, cut short`);
  return notUnderstood(at, bytes.length, clause, `${name}, malformed: ${codeName(status)}`);
}

function idOf({ bytes, idStart, idEnd }: Head, idBytes?: number): string {
  return formatHex(bytes.subarray(idStart, idEnd), idBytes).replaceAll(" ", "");
}
