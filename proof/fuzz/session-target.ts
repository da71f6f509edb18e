/** A session in both roles and every phase, given a stream in pieces, beside its naive twin. */
import { nodeEngine } from "../../host/platform/engine.ts";
import { Code } from "../../shared/session/codes.ts";
import { Handshake } from "../../shared/session/handshake.ts";
import {
  attachSession,
  bindSendBuffer,
  closeSession,
  connectSession,
  detachSession,
  endSession,
  sessionDeadline,
  tickSession,
} from "../../shared/session/lifecycle.ts";
import { acceptPackets, receiveBytes } from "../../shared/session/receive.ts";
import { appendPacket, createSendBuffer, type SendBuffer } from "../../shared/session/send-buffer.ts";
import { createSession, Phase, type Session, type SessionHandler } from "../../shared/session/state.ts";
import { hold } from "../proof.ts";
import type { FuzzTarget } from "./fuzz.ts";
import { goodSessions, KNOWN_ID } from "./good-bytes.ts";
import { Result, SessionTwin, type Situation } from "./session-twin.ts";
import { snapshotOf } from "./snapshot.ts";
import type { StreamSource } from "./stream-source.ts";

const MAX_PACKET = 300;
const NOW = 1000;
const NOTHING = new Uint8Array(0);
const ONE_BYTE = new Uint8Array([0x61]);
/** A server's answer, with and without an id, and its state: start 0, 20 ms, 5000 ms, 255 s. */
const ANSWER = new Uint8Array([0]);
const STATE_OF_SERVER = new Uint8Array([0, 20, 249, 10, 152, 255]);

const fresh = { asksNew: false, received: 0, outstanding: 0, errors: 0 };
const used = { ...fresh, received: 15, outstanding: 3 };
const situations: readonly Situation[] = [
  { name: "client, new, handshake", ...fresh, isClient: true, phase: Phase.HANDSHAKE, asksNew: true },
  { name: "client, resuming, handshake", ...used, isClient: true, phase: Phase.HANDSHAKE, outstanding: 0 },
  { name: "client, state", ...used, isClient: true, phase: Phase.STATE, outstanding: 0 },
  { name: "client, open", ...used, isClient: true, phase: Phase.OPEN },
  { name: "client, open, third fault", ...used, isClient: true, phase: Phase.OPEN, errors: 2 },
  { name: "client, closing", ...used, isClient: true, phase: Phase.CLOSING },
  { name: "client, detached", ...used, isClient: true, phase: Phase.DETACHED },
  { name: "client, ended", ...used, isClient: true, phase: Phase.ENDED },
  { name: "server, new, state", ...fresh, isClient: false, phase: Phase.STATE },
  { name: "server, resumed, state", ...used, isClient: false, phase: Phase.STATE, outstanding: 0 },
  { name: "server, open", ...used, isClient: false, phase: Phase.OPEN },
  { name: "server, open, third fault", ...used, isClient: false, phase: Phase.OPEN, errors: 2 },
  { name: "server, closing", ...used, isClient: false, phase: Phase.CLOSING },
  { name: "server, detached", ...used, isClient: false, phase: Phase.DETACHED },
  { name: "server, ended", ...used, isClient: false, phase: Phase.ENDED },
];

/** Writes down what a session says, and that it says nothing it must not. */
class Recorder implements SessionHandler {
  session!: Session;
  result = new Result();
  private isCountedAsGone = false;

  onOutput(_bytes: Uint8Array, start: number, end: number): void {
    hold(start < end, "an output of nothing");
    hold(this.result.closed === 0, "something is said after the end");
  }

  onPacket(bytes: Uint8Array, start: number, end: number, index: number): void {
    hold(this.session.phase === Phase.OPEN, "a packet while not open");
    hold(index === this.session.received - 1, () => `packet ${index} of ${this.session.received}`);
    this.result.addPacket(bytes, start, end);
    acceptPackets(this.session, index + 1, NOW);
  }

  onAcknowledged(count: number): void {
    this.result.acknowledged += count;
  }

  onOpen(): void {
    this.result.opened++;
  }

  onDisconnect(code: Code): void {
    hold(!this.isCountedAsGone, "the connection was dropped twice");
    this.isCountedAsGone = true;
    this.result.disconnected = code;
  }

  onClosed(code: Code): void {
    hold(this.result.closed === 0, "the session ended twice");
    this.result.closed = code;
  }

  /** What led to the situation is not part of what the stream does. */
  forget(): void {
    this.result = new Result();
    this.isCountedAsGone = false;
  }
}

/** Room for three packets of a byte. */
const BUFFER_BYTES = 32;
/** Of so many streams one begins with nothing to put cut packets together in. */
const BARE_EVERY = 16;

/** A session brought into a situation by the calls that lead there, once; every stream finds it as it was then. */
class Arranged {
  readonly recorder = new Recorder();
  readonly session: Session;
  readonly buffer: SendBuffer;
  private readonly restoreSession: () => void;
  private readonly restoreBuffer: () => void;
  private readonly partialThen: Uint8Array;

  constructor(readonly situation: Situation) {
    const { isClient, phase, asksNew, received, outstanding, errors } = situation;
    this.buffer = createSendBuffer(new Uint8Array(2 * BUFFER_BYTES), BUFFER_BYTES);
    const slot = createSendBuffer(new Uint8Array(2), 1);
    const id = asksNew ? NOTHING : KNOWN_ID;
    const s = createSession(isClient, id, nodeEngine, this.recorder, slot, NOTHING, MAX_PACKET);
    this.session = this.recorder.session = s;
    s.received = s.accepted = received;
    bindSendBuffer(s, this.buffer);
    if (isClient) connectSession(s, NOW);
    else attachSession(s, false, NOW);
    if (isClient && phase !== Phase.HANDSHAKE) receiveBytes(s, ANSWER, 0, ANSWER.length, NOW);
    if (phase !== Phase.HANDSHAKE && phase !== Phase.STATE) open(s, this.buffer, received, outstanding);
    if (phase === Phase.CLOSING) closeSession(s, NOW);
    if (phase === Phase.DETACHED) detachSession(s, NOW);
    if (phase === Phase.ENDED) endSession(s, Code.CLOSED, NOW);
    hold(s.phase === phase, () => `${situation.name}: arranged phase ${s.phase}`);
    s.errors = errors;
    this.restoreSession = snapshotOf(s, ["partial"]);
    this.restoreBuffer = snapshotOf(this.buffer);
    this.partialThen = s.partial;
  }

  restore(isBare: boolean): void {
    this.restoreSession();
    if (isBare) this.session.partial = this.partialThen;
    this.session.head.have = 0;
    this.restoreBuffer();
    this.recorder.forget();
  }
}

const arranged = situations.map((situation) => new Arranged(situation));

export const sessionTarget: FuzzTarget = { name: "session", weight: 65, feed };

function feed(source: StreamSource): void {
  const { situation, session, recorder, buffer } = restored(source);
  source.make(goodSessions);
  const { bytes, length } = source;
  try {
    for (let at = 0; at < length; ) {
      const end = Math.min(length, at + 1 + source.below(length));
      receiveBytes(session, bytes, at, end, NOW);
      checkBounds(session, buffer);
      at = end;
    }
    recorder.result.phase = session.phase;
    recorder.result.skipped = session.skipped;
    const expected = new SessionTwin(situation, bytes, length, MAX_PACKET).read();
    const difference = recorder.result.differs(expected);
    hold(difference === "", difference);
    checkTime(session);
  } catch (error) {
    if (error instanceof Error) error.message += `; ${situation.name}`;
    throw error;
  }
}

function restored(source: StreamSource): Arranged {
  const one = source.pick(arranged);
  one.restore(source.below(BARE_EVERY) === 0);
  return one;
}

function open(session: Session, buffer: SendBuffer, received: number, outstanding: number): void {
  const state = session.isClient ? STATE_OF_SERVER : ANSWER;
  receiveBytes(session, state, 0, state.length, NOW);
  for (let i = 0; i < outstanding; i++) appendPacket(buffer, ONE_BYTE, 0, 1);
  session.cwnd = outstanding;
  bindSendBuffer(session, buffer);
  session.readIndex = session.recvStart = received;
}

/** Whatever was read, what is kept of it stays within its bounds. */
function checkBounds(s: Session, buffer: SendBuffer): void {
  hold(!s.receiving, "it still takes itself for reading");
  hold(s.head.have < Handshake.HEAD_SIZE, () => `${s.head.have} bytes of a head`);
  hold(
    s.from <= s.have && s.have <= s.partial.length,
    () => `partial ${s.from}…${s.have} of ${s.partial.length}`,
  );
  // One packet, or one chunk of the longest stream.
  hold(s.partial.length <= 512, () => `${s.partial.length} bytes are kept for a packet`);
  hold(s.accepted <= s.received && s.counted <= s.received, () => `counted ${s.counted} of ${s.received}`);
  hold(buffer.sent <= buffer.count && buffer.sent >= 0, () => `${buffer.sent} of ${buffer.count} sent`);
}

/** Time alone brings every session to an end or to its next connection, and never calls a dead one. */
function checkTime(s: Session): void {
  const { phase } = s;
  const at = sessionDeadline(s);
  const waits = phase === Phase.ENDED || (phase === Phase.DETACHED && s.isClient);
  hold(waits ? at === Infinity : at > 0 && at < Infinity, () => `phase ${phase} waits until ${at}`);
  if (phase !== Phase.OPEN && !waits) {
    tickSession(s, at);
    hold(
      s.phase === Phase.ENDED || s.phase === Phase.DETACHED,
      () => `phase ${phase} became ${s.phase} in time`,
    );
  }
}
