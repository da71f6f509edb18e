/** Our session at work: reading a stream of packets, and sending one with its acknowledgements fed back. */
import { nodeEngine } from "../host/platform/engine.ts";
import { attachSession, bindSendBuffer } from "../shared/session/lifecycle.ts";
import { pump } from "../shared/session/pump.ts";
import { acceptPackets, receiveBytes } from "../shared/session/receive.ts";
import type { SendBuffer } from "../shared/session/send-buffer.ts";
import { appendPacket, createSendBuffer } from "../shared/session/send-buffer.ts";
import type { Session, SessionHandler } from "../shared/session/state.ts";
import { createSession, Limit, Phase } from "../shared/session/state.ts";
import { encodeVarint, varintSize } from "../shared/varint.ts";
import { cut } from "./chunks.ts";
import type { Workload } from "./workload.ts";

const SESSION_ID = new Uint8Array(16).fill(0xa5);
const BUFFER_BYTES = 65536;
const SLOT_BYTES = 512;
/** The client's state: it has acknowledged nothing. */
const FROM_THE_BEGINNING = new Uint8Array([0]);

/** The server's end, with packets flowing. It counts what it says, and accepts each packet at once. */
class BenchSession implements SessionHandler {
  readonly session: Session;
  readonly main: SendBuffer;
  packets = 0;
  bytesOut = 0;
  acknowledged = 0;
  /** ms, whole. It stands still within a cycle: what a clock costs is not the codec's. */
  now = 0;

  constructor() {
    this.main = createSendBuffer(new Uint8Array(2 * BUFFER_BYTES), BUFFER_BYTES);
    const slot = createSendBuffer(new Uint8Array(SLOT_BYTES), SLOT_BYTES);
    this.session = createSession(false, SESSION_ID, nodeEngine, this, slot, new Uint8Array(0), BUFFER_BYTES);
    attachSession(this.session, true, this.now);
    receiveBytes(this.session, FROM_THE_BEGINNING, 0, 1, this.now);
    bindSendBuffer(this.session, this.main);
  }

  /** Fails a benchmark whose session closed: nothing would be measured. */
  checkOpen(): void {
    if (this.session.phase !== Phase.OPEN)
      throw new Error(`session: in phase ${this.session.phase}, not open`);
  }

  onOutput(_bytes: Uint8Array, start: number, end: number): void {
    this.bytesOut += end - start;
  }

  onPacket(_bytes: Uint8Array, _start: number, _end: number, index: number): void {
    this.packets++;
    acceptPackets(this.session, index + 1, this.now);
  }

  onAcknowledged(count: number): void {
    this.acknowledged += count;
  }

  onOpen(): void {}
  onDisconnect(): void {}
  onClosed(): void {}
}

/** `messages` as a session sends them: each behind its size. */
export function packetStream(messages: readonly Uint8Array[]): Uint8Array {
  const stream = new Uint8Array(messages.reduce((sum, { length }) => sum + varintSize(length) + length, 0));
  let at = 0;
  for (const message of messages) {
    at = encodeVarint(stream, at, message.length);
    stream.set(message, at);
    at += message.length;
  }
  return stream;
}

/** Reads packets and counts them in sync packets, as a server does. */
export function sessionIn(messages: readonly Uint8Array[], chunkSize: number): Workload {
  const chunks = cut(packetStream(messages), chunkSize);
  const side = new BenchSession();
  return {
    messages: messages.length,
    cycle() {
      side.now++;
      for (const chunk of chunks) receiveBytes(side.session, chunk, 0, chunk.length, side.now);
      side.checkOpen();
    },
    delivered: () => side.packets,
  };
}

/** Sends packets one by one and reads their acknowledgements, 200 at a time. */
export function sessionOut(messages: readonly Uint8Array[]): Workload {
  const side = new BenchSession();
  const { session, main } = side;
  const sync = new Uint8Array([0, 0]);
  const acknowledgeAll = () => {
    sync[1] = main.sent;
    receiveBytes(session, sync, 0, 2, side.now);
  };
  return {
    messages: messages.length,
    cycle() {
      side.now++;
      for (const message of messages) {
        appendPacket(main, message, 0, message.length);
        pump(session);
        // The window starts at 4 packets and grows with every acknowledgement.
        if (main.sent === Limit.RECEIVE_COUNT || main.sent < main.count) acknowledgeAll();
      }
      while (main.count > 0) acknowledgeAll();
      side.checkOpen();
    },
    delivered: () => side.acknowledged,
  };
}
