/**
 * A session as one plain object, for both roles and both engines (session §1–§4).
 *
 *              connect / attach        reply                 state               00 ff sent
 *   DETACHED ──────────────────▶ HANDSHAKE ──▶ STATE ──────────────▶ OPEN ──────────────────▶ CLOSING
 *      ▲       (the server starts in STATE)                           │ transport lost            │
 *      └──────────────────────────────────────────────────────────────┘                           ▼
 *   and from anywhere, for good: ENDED (closed, expired, unknown to the other side, a gap)      ENDED
 *
 * Functions over a plain object instead of a class: on the board a method is looked up by walking prototypes.
 * Fields used for every packet stand first, for there a field is looked up by walking the object.
 */
import type { Engine } from "../engine.ts";
import type { Head } from "./handshake.ts";
import { createHead } from "./handshake.ts";
import type { SendBuffer } from "./send-buffer.ts";

/** In this order: from OPEN on, packets are read. */
export const enum Phase {
  DETACHED = 0,
  ENDED = 1,
  HANDSHAKE = 2,
  STATE = 3,
  OPEN = 4,
  CLOSING = 5,
}

/** What a session tells its owner. Made once; buffers are lent for the call only. */
export interface SessionHandler {
  /** These bytes are to travel, after all those before. */
  onOutput(bytes: Uint8Array, start: number, end: number): void;
  /** A new packet; its global index counts from 0 over all connections (session §4). */
  onPacket(bytes: Uint8Array, start: number, end: number, index: number): void;
  /** The other side has `count` more of the bound send buffer's packets, which have left it; 0: only of the slot's. */
  onAcknowledged(count: number): void;
  /** Packets flow: on the first connection of the session (false) or on a later one (true). */
  onOpen(resumed: boolean): void;
  /** This connection is to be dropped; the session may live on. Not called when the owner detached it. */
  onDisconnect(code: number): void;
  /** The session is over. What its send buffer holds is the owner's again. */
  onClosed(code: number): void;
}

export interface Session {
  phase: number;
  /** Index of the next packet to be read on this connection. */
  readIndex: number;
  /** Packets received, over all connections: the index of the next new one. */
  received: number;
  /** Bytes read since the last sync packet left. */
  unsynced: number;
  maxPacket: number;
  handler: SessionHandler;
  engine: Engine;
  /** Of a packet cut between two chunks, what is there: partial[from…have). */
  partial: Uint8Array;
  from: number;
  have: number;

  /** Packets that may be counted, over all connections: durable where the role promises so (D17). */
  accepted: number;
  /** The other side's startPacketIndex on this connection. */
  recvStart: number;
  /** Packets already counted on this connection (D1). */
  counted: number;

  /** Packets acknowledged to us, over all connections: our startPacketIndex. */
  acknowledged: number;
  /** Hello and proof: the reserved slot, sent before all else (session part 4). */
  slot: SendBuffer;
  /** Numbered packets, once the hellos have been exchanged. */
  main: SendBuffer | null;
  /** Packets that may be on their way: slow start after a new connection (D2). */
  cwnd: number;
  /** Packets acknowledged on this connection, or on the last one: how long such connections live. */
  ackedHere: number;
  /** Packets and bytes that may ever be on their way (D6); a serial link sets the first. */
  maxInFlight: number;
  window: number;
  /** The transport takes no more data; sync packets still leave. */
  blocked: boolean;

  isClient: boolean;
  /** Empty until the server has given it. */
  id: Uint8Array;
  /** Client with a key: what a request shows in place of the id, and how many such requests there were (D7). */
  resumeId: ((s: Session) => Uint8Array) | null;
  resumes: number;
  syncIntervalMin: number;
  syncIntervalMax: number;
  sessionExpire: number;
  /** Counts and bytes after which a sync packet leaves at once. */
  syncCount: number;
  syncBytes: number;
  handshakeTimeout: number;
  /** ms: when the phase began, when the last sync packet came in, when the last one left. */
  since: number;
  heardAt: number;
  syncedAt: number;
  /** Protocol errors since the last progress (D3). */
  errors: number;
  /** Connections that reached OPEN; repeats skipped. */
  opened: number;
  skipped: number;
  /** Inside receiveBytes: sync packets wait for its end. */
  receiving: boolean;
  head: Head;
  scratch: Uint8Array;
}

export const enum Limit {
  /** Counting at the latest: 201…255 are system messages (session §3). */
  RECEIVE_COUNT = 200,
  /** ms without a whole handshake and state before a connection is given up. */
  HANDSHAKE_TIMEOUT = 5000,
  /** Packets a connection may have on their way before the first acknowledgement (D2). */
  SLOW_START = 4,
  /** Packets of a new connection that are acknowledged one by one, so that the sender's slow start is short (D2). */
  EAGER_PACKETS = 256,
  /** Protocol errors without progress between them after which a session is given up (D3). */
  ERRORS = 3,
  NONE = 1e9,
}

/**
 * A session with no connection yet. `slot` holds hello and proof; `partial` is where cut packets are put together
 * (it grows up to maxPacket when it is shorter). For a server, `id` is the new session's.
 */
export function createSession(
  isClient: boolean,
  id: Uint8Array,
  engine: Engine,
  handler: SessionHandler,
  slot: SendBuffer,
  partial: Uint8Array,
  maxPacket: number,
): Session {
  "cold";
  return {
    phase: Phase.DETACHED,
    readIndex: 0,
    received: 0,
    unsynced: 0,
    maxPacket: maxPacket,
    handler: handler,
    engine: engine,
    partial: partial,
    from: 0,
    have: 0,
    accepted: 0,
    recvStart: 0,
    counted: 0,
    acknowledged: 0,
    slot: slot,
    main: null,
    cwnd: 0,
    ackedHere: Limit.SLOW_START,
    maxInFlight: Limit.NONE,
    window: Limit.NONE,
    blocked: false,
    isClient: isClient,
    id: id,
    resumeId: null,
    resumes: 0,
    syncIntervalMin: 20,
    syncIntervalMax: 5000,
    sessionExpire: 255,
    syncCount: Limit.RECEIVE_COUNT,
    syncBytes: Limit.NONE,
    handshakeTimeout: Limit.HANDSHAKE_TIMEOUT,
    since: 0,
    heardAt: 0,
    syncedAt: 0,
    errors: 0,
    opened: 0,
    skipped: 0,
    receiving: false,
    head: createHead(),
    scratch: new Uint8Array(64),
  };
}
