/**
 * The board as a peer of its gateway: its numbers, its hello, and what it sends and takes (session part 4).
 *
 * What it accepted is numbered and kept in one fixed buffer until it is acknowledged, over any number of sessions. What
 * finds no room is refused to whoever sent it, and counted.
 */
import type { BoardHello, GatewayHello } from "../shared/message.ts";
import { Payload } from "../shared/message.ts";
import { bindSendBuffer, closeSession } from "../shared/session/lifecycle.ts";
import { pump } from "../shared/session/pump.ts";
import { acceptPackets } from "../shared/session/receive.ts";
import { appendPacket, clearPackets, createSendBuffer } from "../shared/session/send-buffer.ts";
import type { Session, SessionHandler } from "../shared/session/state.ts";
import { createSession, Phase } from "../shared/session/state.ts";
import { boardEngine, FIRMWARE, keepKey, now, receiveRoom, sendRoom } from "./board.ts";
import { noteFaults } from "./faults.ts";
import { drawNonce, hasKey, isSame, proofOf, resumeId, useKey } from "./key.ts";
import type { RequestHandler } from "./requests.ts";
import { takeMessage } from "./requests.ts";

/** Largest packet this board takes. */
export const MAX_PACKET = Payload.MAX_PROVING_HELLO;
/** Hello and proof, each with its size. */
const enum Slot {
  BYTES = 322, // Payload.MAX_HELLO and 64, and a byte for the size of each
}
/**
 * Replies that found no room and wait for some. From the first number on, requests are not acknowledged, so that no more
 * come than the gateway may have on its way: 27 of the smallest. Above the second a reply is given up and counted.
 */
const MANY_WAITING = 8;
const MAX_WAITING = 64;

/** How the session's bytes leave. */
export interface Port {
  send(bytes: Uint8Array, start: number, end: number): void;
  /** What was sent in this turn leaves. */
  flush(): void;
  /** Drop this connection and make another. */
  drop(code: number): void;
  tick(time: number): void;
}

const nothing = new Uint8Array(0);
// What packets wait in, once and for all, at boot (espruino §9.2). What only hellos and cut packets need is there while they do.
const main = createSendBuffer(new Uint8Array(sendRoom()), sendRoom());
const slot = createSendBuffer(nothing, Slot.BYTES);
const waiting: string[] = [];

export interface Peer {
  session: Session;
  port: Port | null;
  /** Whether the gateway's hello has come in this session. */
  greeted: boolean;
  /** Given by the gateway at the first hello of a life; "" before. */
  myEpoch: string;
  /** The number the next packet gets. */
  nextSeq: number;
  gatewayEpoch: string;
  /** The highest number taken from the gateway, and the number of its packet 1 of this session. */
  watermark: number;
  firstSeq: number;
  /** Largest packet the gateway takes. */
  theirMax: number;
  /** Messages refused for want of room since boot. */
  refused: number;
  /** Added to now(), gives ms since 1970; 0 until the gateway has said what time it is. */
  clockOffset: number;
  id: string;
  /** Who answers which requests, besides the standard ones. */
  handlers: { [type: string]: RequestHandler };
  /** A gateway without a proof is trusted: on a cable, not over the network. */
  isTrusting: boolean;
  /** The request of this number is no longer wanted. */
  onCancel: ((rq: number) => void) | null;
  /** Once all that was sent has been acknowledged. */
  isRebooting: boolean;
}

/** Numbers and sends a message, given as JSON. False: there is no room, or it is too large; it was counted. */
export function sendText(text: string): boolean {
  const bytes = E.toUint8Array(text);
  if (waiting.length > 0 || bytes.length > peer.theirMax || appendPacket(main, bytes, 0, bytes.length) < 0) {
    peer.refused++;
    return false;
  }
  peer.nextSeq++;
  pump(peer.session);
  return true;
}

/** Whether half of the room is free, `size` bytes more counted in. A packet that is larger has it once nothing is held. */
export function hasHalfFree(size: number): boolean {
  "cold";
  return main.count === 0 || main.tail - main.head + size < main.limit / 2;
}

/** Whether `size` bytes more would leave now, and not take the room of what must not be replaced. */
export function isFlowing(size: number): boolean {
  "cold";
  return peer.greeted && peer.session.phase === Phase.OPEN && waiting.length === 0 && hasHalfFree(size);
}

/** Sends a reply; one that finds no room waits, for somebody waits for it. */
export function sendReply(text: string): void {
  "cold";
  if (waiting.length >= MAX_WAITING) peer.refused++;
  else waiting.push(text);
  sendWaiting();
}

/** ms since 1970, or undefined before the gateway has said what time it is. */
export function wallTime(): number | undefined {
  return peer.clockOffset ? Math.round(now() + peer.clockOffset) : undefined;
}

/** The types of requests that are answered. */
export function capabilities(): string[] {
  "cold";
  const standard = ["l:info", "l:led", "l:read", "l:write", "l:watch", "l:interval", "l:reboot"];
  const own = Object.keys(peer.handlers);
  for (let i = 0; i < standard.length; i++) if (own.indexOf(standard[i]) < 0) own.push(standard[i]);
  return own;
}

/** Numbered messages that are not yet acknowledged. */
export function heldCount(): number {
  "cold";
  return main.count;
}

function sendWaiting(): void {
  while (waiting.length > 0) {
    let bytes = E.toUint8Array(waiting[0]);
    if (bytes.length > peer.theirMax) {
      bytes = E.toUint8Array(JSON.stringify({ re: JSON.parse(waiting[0]).re, err: "reply too large" }));
    }
    const held = appendPacket(main, bytes, 0, bytes.length);
    if (held === -1) break;
    if (held > 0) peer.nextSeq++;
    else peer.refused++;
    waiting.splice(0, 1);
  }
  const session = peer.session;
  if (waiting.length < MANY_WAITING && session.accepted < session.received)
    acceptPackets(session, session.received, now());
  pump(session);
}

function createOwnSession(): Session {
  "cold";
  const session = createSession(true, nothing, boardEngine, handler, slot, nothing, MAX_PACKET);
  if (hasKey()) proveResumes(session);
  return session;
}

/** Takes a key, in base64, for this session too. */
export function setKey(text: string): void {
  "cold";
  useKey(text);
  if (hasKey()) proveResumes(peer.session);
}

function proveResumes(session: Session): void {
  "cold";
  session.resumeId = function (s) {
    return resumeId(s);
  };
}

function newSession(old: Session): Session {
  "cold";
  clearPackets(slot);
  peer.greeted = false;
  const session = createOwnSession();
  session.maxInFlight = old.maxInFlight;
  session.syncBytes = old.syncBytes;
  return session;
}

/** Who speaks, and where the numbers stand. Nothing else leaves until the gateway has answered. */
function sendHello(): void {
  "cold";
  const hello: BoardHello = {
    id: peer.id,
    epoch: peer.myEpoch,
    seq: peer.nextSeq - main.count,
    rx: receiveRoom(),
    max: MAX_PACKET,
    fw: FIRMWARE,
    board: process.env.BOARD,
    caps: capabilities(),
    lost: peer.refused,
    room: sendRoom(),
  };
  if (hasKey()) hello.nonce = drawNonce();
  let text = JSON.stringify({ hello: hello });
  if (text.length > Payload.MAX_HELLO) {
    hello.caps = []; // an author's requests may be many: l:info tells them
    text = JSON.stringify({ hello: hello });
  }
  sendUnnumbered(text);
}

/** From the reserved slot: hello and proof. */
function sendUnnumbered(text: string): void {
  "cold";
  const bytes = E.toUint8Array(text);
  if (slot.bytes === nothing) slot.bytes = new Uint8Array(Slot.BYTES);
  appendPacket(slot, bytes, 0, bytes.length);
  pump(peer.session);
}

/** Proofs are asked of a gateway over the network; over a cable, trusted by configuration, they are checked if given. */
function isTrusted(hello: GatewayHello): boolean {
  "cold";
  if (!hasKey()) return true;
  if (!hello.proof) return peer.isTrusting;
  return isSame(hello.proof, proofOf("g", hello.nonce!, peer.session, peer.id, hello.id));
}

function onPacket(bytes: Uint8Array, start: number, end: number, index: number): void {
  const session = peer.session;
  if (index === 0 || waiting.length < MANY_WAITING) acceptPackets(session, index + 1, now());
  if (index > 0) {
    const seq = peer.firstSeq + index - 1;
    if (seq <= peer.watermark) return; // a repeat: the session that brought it first died before it was acknowledged
    peer.watermark = seq;
  }
  // Nothing may be thrown from here: the session is in the middle of a chunk.
  try {
    const message = JSON.parse(E.toString(bytes.subarray(start, end)));
    if (index === 0) takeHello(message.hello);
    else takeMessage(message);
  } catch (error) {
    noteFaults([String(error)]);
  }
}

function takeHello(hello: GatewayHello): void {
  "cold";
  const session = peer.session;
  if (!isTrusted(hello)) {
    noteFaults(["gateway without key"]);
    closeSession(session, now());
    return;
  }
  if (hello.key) {
    keepKey(hello.key);
    setKey(hello.key);
  }
  if (hello.proof) {
    const proof = proofOf("b", hello.nonce!, session, peer.id, hello.id);
    sendUnnumbered(JSON.stringify({ proof: proof }));
  }
  if (hello.epoch !== peer.gatewayEpoch) {
    peer.gatewayEpoch = hello.epoch;
    peer.watermark = hello.seq - 1;
  }
  peer.firstSeq = hello.seq;
  peer.myEpoch = hello.yourEpoch;
  peer.clockOffset = hello.t - now();
  peer.theirMax = hello.max;
  session.window = hello.rx;
  peer.greeted = true;
  bindSendBuffer(session, main);
  sendWaiting();
}

function reboot(): void {
  "cold";
  peer.isRebooting = false;
  setTimeout(E.reboot, 200);
}

// Below what they name: the board does not hoist functions.
const handler: SessionHandler = {
  onOutput: function (bytes, start, end) {
    if (peer.port) peer.port.send(bytes, start, end);
  },
  onPacket: onPacket,
  onAcknowledged: function () {
    if (slot.count === 0) slot.bytes = nothing;
    if (peer.session.have === 0) peer.session.partial = nothing;
    sendWaiting();
    if (peer.isRebooting && main.count === 0) reboot();
  },
  onOpen: function (resumed) {
    if (!resumed) sendHello();
  },
  onDisconnect: function (code) {
    if (peer.port) peer.port.drop(code);
  },
  onClosed: function () {
    peer.session = newSession(peer.session);
  },
};

export const peer: Peer = {
  session: createOwnSession(),
  port: null,
  greeted: false,
  myEpoch: "",
  nextSeq: 1,
  gatewayEpoch: "",
  watermark: 0,
  firstSeq: 1,
  theirMax: Payload.MAX_HELLO,
  refused: 0,
  clockOffset: 0,
  id: "",
  handlers: {},
  isTrusting: false,
  onCancel: null,
  isRebooting: false,
};
