/** One end of the modelled session: the real session code, its packets, and what must hold of them. */
import { nodeEngine } from "../../host/platform/engine.ts";
import { Code } from "../../shared/session/codes.ts";
import { bindSendBuffer } from "../../shared/session/lifecycle.ts";
import { acceptPackets } from "../../shared/session/receive.ts";
import { appendPacket, createSendBuffer, type SendBuffer } from "../../shared/session/send-buffer.ts";
import { createSession, Phase, type Session } from "../../shared/session/state.ts";
import { hold } from "../proof.ts";

/** Small, so that few moments differ: a heartbeat every two, dead after four. */
const [SYNC_MIN, SYNC_MAX, HANDSHAKE_TIMEOUT] = [1, 2, 4];
const ID = new Uint8Array(16).fill(0xa5);
const NOTHING = new Uint8Array(0);
const BUFFER_BYTES = 64;
const ROOM_FOR_PARTIAL = 256;

/** What lies around an end. */
export interface Surroundings {
  readonly now: number;
  put(isClient: boolean, bytes: Uint8Array): void;
  /** An end gave its connection up in time. */
  drop(isClient: boolean): void;
  checkAcknowledged(): void;
}

/** Everything of an end that can differ from one moment to another. */
export interface EndState {
  session: Session;
  buffer: SendBuffer;
  /** What is there of a cut packet, and of a head. */
  partial: Uint8Array;
  head: Uint8Array;
}

export class End {
  readonly buffer = createSendBuffer(new Uint8Array(2 * BUFFER_BYTES), BUFFER_BYTES);
  readonly session: Session;

  constructor(
    private readonly around: Surroundings,
    isClient: boolean,
    packets: number,
  ) {
    const slot = createSendBuffer(new Uint8Array(2), 1);
    this.session = createSession(
      isClient,
      isClient ? NOTHING : ID,
      nodeEngine,
      this,
      slot,
      NOTHING,
      BUFFER_BYTES,
    );
    this.session.syncIntervalMin = SYNC_MIN;
    this.session.syncIntervalMax = SYNC_MAX;
    this.session.handshakeTimeout = HANDSHAKE_TIMEOUT;
    for (let n = 0; n < packets; n++) appendPacket(this.buffer, Uint8Array.of(n), 0, 1);
    bindSendBuffer(this.session, this.buffer);
  }

  onOutput(bytes: Uint8Array, start: number, end: number): void {
    this.around.put(this.session.isClient, bytes.slice(start, end));
  }

  onPacket(bytes: Uint8Array, start: number, end: number, index: number): void {
    const isNext = end - start === 1 && bytes[start] === index && index === this.session.received - 1;
    hold(
      isNext,
      () => `packet ${bytes[start]} came with index ${index}, ${this.session.received} are received`,
    );
    if (this.session.isClient) acceptPackets(this.session, index + 1, this.around.now);
  }

  onAcknowledged(): void {
    this.around.checkAcknowledged();
  }

  onOpen(): void {}

  onDisconnect(code: Code): void {
    const isTime = code === Code.DEAD || code === Code.HANDSHAKE_TIMEOUT;
    hold(isTime, () => `a connection was dropped with code ${code}`);
    this.around.drop(this.session.isClient);
  }

  onClosed(code: Code): void {
    hold(false, `a session ended with code ${code}`);
  }

  save(): EndState {
    const { session, buffer } = this;
    return {
      session: { ...session },
      buffer: { ...buffer },
      partial: session.partial.slice(session.from, session.have),
      head: session.head.bytes.slice(0, session.head.have),
    };
  }

  restore({ session, buffer, partial, head }: EndState): void {
    Object.assign(this.session, session);
    Object.assign(this.buffer, buffer);
    this.session.head.have = head.length;
    this.session.head.bytes.set(head);
    if (this.session.partial.length < ROOM_FOR_PARTIAL)
      this.session.partial = new Uint8Array(ROOM_FOR_PARTIAL);
    this.session.partial.set(partial);
    this.session.from = 0;
    this.session.have = partial.length;
  }

  /** As a text, for a machine's key: counters for people, and moments that the phase does not look at, are not in it. */
  key(now: number): string {
    const { session: s, buffer: b } = this;
    const isOpen = s.phase === Phase.OPEN;
    return [
      s.phase,
      s.id.length,
      s.readIndex,
      s.received,
      s.accepted,
      s.recvStart,
      s.counted,
      s.acknowledged,
      s.cwnd,
      s.ackedHere,
      s.errors,
      isOpen ? now - s.heardAt : 0,
      isOpen ? now - s.syncedAt : 0,
      isOpen || s.isClient ? 0 : Math.min(now - s.since, HANDSHAKE_TIMEOUT),
      s.isClient && (s.phase === Phase.HANDSHAKE || s.phase === Phase.STATE) ? now - s.since : 0,
      s.head.bytes.subarray(0, s.head.have),
      s.partial.subarray(s.from, s.have),
      b.count,
      b.sent,
    ].join();
  }
}
