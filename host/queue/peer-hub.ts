/**
 * One other thread as the hub sees it: its packets are put into the queues, and it is told what became of them (iotgw X.1
 * step 4, §9). The queues themselves are touched on this thread alone (R5.1).
 *
 * A packet that was taken is the queue's: it stays when its thread ends, and what nobody hears any more is counted.
 */
import type { MessagePort } from "node:worker_threads";
import { Memblock } from "./memblock.ts";
import { type Outcome, Packet, type PacketOwner } from "./packet.ts";
import {
  ADD_FIELDS,
  type AddBatch,
  encodeResult,
  type HubReport,
  type PeerKey,
  type Result,
  sharedNow,
} from "./peer-messages.ts";
import type { PeerQueue } from "./peer-queue.ts";
import type { Refusal } from "./queue-limits.ts";

/** Which peers there are. */
export interface PeerTable {
  peers(): PeerKey[];
  /** Null: there is none of that generation (any more). */
  queueOf(key: PeerKey): PeerQueue | null;
  /** ms of the queues' clock. */
  now(): number;
}

export class PeerHub implements PacketOwner {
  readonly counts = { added: 0, refused: 0, unheard: 0 };
  private readonly words: Int32Array[] = [];
  /** By serial, those that have come to no outcome. */
  private readonly packets = new Map<number, Packet>();
  private results: number[] = [];
  private isTelling = false;
  private isGone = false;

  /** `onGone`: the other thread ended, or hung up. */
  constructor(
    private readonly port: MessagePort,
    private readonly table: PeerTable,
    private readonly onGone: () => void = () => {},
  ) {}

  start(): void {
    this.port.on("message", (batch: AddBatch) => this.take(batch));
    this.port.on("close", () => {
      this.isGone = true;
      this.onGone();
    });
    this.peersChanged();
  }

  stop(): void {
    this.port.close();
  }

  /** Which there are is told, in front of all that comes after. */
  peersChanged(): void {
    this.tell(this.table.peers());
  }

  onOutcome(packet: Packet, outcome: Outcome): void {
    this.packets.delete(packet.tag as number);
    this.note(packet.tag as number, outcome, packet.maybeDelivered);
    packet.release();
  }

  private take(batch: AddBatch): void {
    const { at, peers, rows, bodies, keys, withdrawn, words } = batch;
    const passed = sharedNow() - at;
    const now = this.table.now();
    this.words.push(...words);
    const queues = peers.map((key) => this.table.queueOf(key));
    let start = 0;
    for (let i = 0; i < rows.length; i += ADD_FIELDS) {
      const serial = rows[i];
      const flags = rows[i + 2];
      const size = rows[i + 4];
      const packet = Packet.of(Memblock.transfer(bodies.subarray(start, start + size))!, {
        ...{ lane: flags & 3, isRequeued: flags > 3, tag: serial, owner: this },
        deadline: now + rows[i + 3] - passed,
        key: keys.get(i / ADD_FIELDS),
        claim: { words: this.words[rows[i + 5]], index: rows[i + 6], life: rows[i + 7] },
      });
      start += size;
      this.add(queues[rows[i + 1]], packet, serial);
    }
    for (const serial of withdrawn) this.packets.get(serial)?.noticeInvalid();
  }

  /** It is there as accepted before its outcome can be. */
  private add(queue: PeerQueue | null, packet: Packet, serial: number): void {
    this.packets.set(serial, packet);
    const place = this.results.length;
    this.note(serial, "accepted", false);
    const refusal = queue === null ? "PEER_REMOVED" : queue.addPacket(packet);
    if (refusal === null) this.counts.added++;
    else {
      this.packets.delete(serial);
      packet.release();
      this.refuse(serial, refusal, place);
    }
  }

  /** In place of what was noted; one that was withdrawn on its way was taken, and is cancelled. */
  private refuse(serial: number, refusal: Refusal, place: number): void {
    if (refusal === "OBJECT_INVALIDATED") {
      this.counts.added++;
      this.note(serial, "cancelled", false);
      return;
    }
    this.counts.refused++;
    this.results[place + 1] = encodeResult(refusal);
  }

  private note(serial: number, result: Result, maybeDelivered: boolean): void {
    if (this.isGone) {
      if (result !== "accepted") this.counts.unheard++;
      return;
    }
    this.results.push(serial, encodeResult(result), maybeDelivered ? 1 : 0);
    if (this.isTelling) return;
    this.isTelling = true;
    queueMicrotask(() => {
      this.isTelling = false;
      this.tell();
    });
  }

  private tell(peers?: PeerKey[]): void {
    const report: HubReport = { peers, results: Float64Array.from(this.results) };
    this.results = [];
    this.port.postMessage(report, [report.results.buffer as ArrayBuffer]);
  }
}
