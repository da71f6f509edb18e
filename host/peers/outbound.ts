/**
 * Numbered packets on their way to one board. A number is safe in the store before the first byte of its packet leaves,
 * and stays the packet's until the board has acknowledged it, over any number of sessions and lives of the gateway
 * (session part 4).
 *
 *   o/DEVICE/NUMBER   a packet that is not acknowledged      d/DEVICE   how far the numbers have come, and for which life
 *
 *   requests ─take─▶ number given ─commit─▶ buffer ─session─▶ board ─acknowledged─▶ gone
 */
import { EMPTY_MESSAGE } from "../../shared/message.ts";
import {
  appendPacket,
  clearPackets,
  createSendBuffer,
  hasRoom,
  Refused,
} from "../../shared/session/send-buffer.ts";
import type { RecordChange, Store } from "../store/store.ts";
import type { RequestQueue } from "./requests.ts";

/** Numbered packets on their way to one board, in bytes; what is beyond waits in the queue. */
const BUFFER_BYTES = 16384;
/** The largest packet that ever fits, in bytes. */
export const MOST_BYTES = BUFFER_BYTES - 3;
const EMPTY = Buffer.from(EMPTY_MESSAGE);

/** A packet as it is kept. */
export interface PacketDocument {
  rq: number;
  text: string;
}

export class Outbound {
  /** The bytes are reserved with the first packet: most boards are never asked anything. */
  readonly buffer = createSendBuffer(new Uint8Array(0), BUFFER_BYTES);
  /** The number given next, and that of the packet which goes to the buffer next. */
  private nextSeq = 1;
  private nextHere = 1;
  /** Bytes of packets whose numbers are not yet safe. */
  private numberingBytes = 0;
  /** Commits for an earlier life of the board are not heard. */
  private life = 0;

  constructor(
    private readonly device: string,
    private readonly store: Store,
    private readonly requests: RequestQueue,
    /** What is kept beside the numbers. */
    private readonly document: () => object,
    /** Something is in the buffer. */
    private readonly onReady: () => void,
  ) {}

  /**
   * The number of the first packet the next session begins with: a new life is sent nothing of what went before. Numbers
   * that are not yet safe are not counted: a gateway that begins below what a board was told would speak to deaf ears.
   */
  seqFor(isNewLife: boolean): number {
    return isNewLife ? this.nextHere : this.nextHere - this.buffer.count;
  }

  /** Goes on where an earlier gateway was. False when a packet between two others is missing. */
  load(
    nextSeq: number,
    packets: readonly [seq: number, packet: PacketDocument][],
    isWanted: (rq: number) => boolean,
  ): boolean {
    this.nextSeq = this.nextHere = nextSeq;
    let expected = nextSeq - packets.length;
    for (const [seq, { rq, text }] of packets) {
      if (seq !== expected++) return false;
      // A packet that is no longer wanted keeps its number and loses its content.
      this.append(rq === 0 || isWanted(rq) ? Buffer.from(text) : EMPTY);
    }
    return true;
  }

  /** Gives numbers to what waits, as far as there is room. `most`: the largest packet the board takes, in bytes. */
  takeWaiting(most: number): void {
    const { requests } = this;
    for (let next = requests.peek(); next !== undefined; next = requests.peek()) {
      const { length } = next.payload;
      if (length > most) {
        requests.refuse(`the request has ${length} bytes, ${this.device} takes ${most}`);
        continue;
      }
      if (!hasRoom(this.buffer, this.numberingBytes + length)) break;
      this.number(requests.take());
    }
  }

  /** The board has `count` more. */
  acknowledged(count: number): void {
    const end = this.seqFor(false);
    this.store.putLater(this.removals(end - count, end));
  }

  /** A board that began anew knows of nothing that was sent to it before. */
  beginAnew(): void {
    this.store.putLater(this.removals(this.seqFor(false), this.nextSeq));
    clearPackets(this.buffer);
    this.nextSeq = this.nextHere;
    this.numberingBytes = 0;
    this.life++;
    this.requests.forget();
  }

  private number({ rq, payload, changes }: ReturnType<RequestQueue["take"]>): void {
    const { life } = this;
    const size = payload.length + 9; // with the longest packetSize there is
    const seq = this.nextSeq++;
    this.numberingBytes += size;
    const text = Buffer.from(payload).toString();
    const packet = { key: this.keyOf(seq), value: { rq, text } satisfies PacketDocument };
    // A store that fails meanwhile writes it once it can: the number may be there already, and stays the packet's.
    this.store.keep([packet, this.numbers(), ...changes], () => {
      if (life !== this.life) return;
      this.numberingBytes -= size;
      this.append(this.requests.numbered() ? payload : EMPTY);
      this.nextHere++;
      this.onReady();
    });
  }

  /** How far the numbers have come. */
  numbers(): RecordChange {
    return { key: `d/${this.device}`, value: { ...this.document(), nextSeq: this.nextSeq } };
  }

  private append(payload: Uint8Array): void {
    if (this.buffer.bytes.length === 0) this.buffer.bytes = new Uint8Array(2 * BUFFER_BYTES);
    if (appendPacket(this.buffer, payload, 0, payload.length) === Refused.TOO_BIG)
      throw new RangeError("packet above the buffer");
  }

  private removals(from: number, to: number): RecordChange[] {
    const changes: RecordChange[] = [];
    for (let seq = from; seq < to; seq++) changes.push({ key: this.keyOf(seq), value: null });
    return changes;
  }

  private keyOf(seq: number): string {
    return `o/${this.device}/${seq.toString(16).padStart(14, "0")}`;
  }
}
