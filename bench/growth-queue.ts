/** P9 at work: packets for a peer that join the end of a long queue while as many leave at its head. */
import { Memblock } from "../host/queue/memblock.ts";
import { Packet, type PacketOwner } from "../host/queue/packet.ts";
import { PeerQueue } from "../host/queue/peer-queue.ts";
import type { SessionPort, SessionQueue } from "../host/queue/session-queue.ts";
import type { Workload } from "./workload.ts";

/** Packets that are added, and leave, in one turn of the event loop. */
const TURN = 200;
const TURNS = 10;
const PACKET_BYTES = 100;

/** `waiting` packets are there always; its limits (by default 100 000 packets, 64 MiB) are lifted. */
export class LongQueue implements Workload, PacketOwner {
  readonly messages = TURN * TURNS;
  private count = 0;
  private written = 0;
  private allowed = 0;
  private readonly body = Buffer.alloc(PACKET_BYTES, "a packet ");
  private readonly options = { owner: this };
  private readonly queue: PeerQueue;
  private readonly session: SessionQueue;

  constructor(private readonly waiting: number) {
    this.queue = new PeerQueue({
      now: () => performance.now(),
      signal: (process) => void setImmediate(process),
      limits: { maxPackets: Infinity, maxBytes: Infinity },
    });
    const port: SessionPort = {
      canWrite: () => this.written < this.allowed,
      write: () => void this.written++,
    };
    this.session = this.queue.openSession(port);
  }

  async start(): Promise<void> {
    for (let i = 0; i < this.waiting; i++) this.add();
    await new Promise(setImmediate);
  }

  async cycle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) {
      for (let i = 0; i < TURN; i++) this.add();
      this.allowed = TURN;
      await new Promise(setImmediate);
      this.allowed = 0;
      const { written } = this;
      this.written = 0;
      this.session.acknowledged(written);
    }
    if (this.queue.count !== this.waiting)
      throw new Error(`queue: ${this.queue.count} packets wait, meant are ${this.waiting}`);
  }

  onOutcome(_packet: Packet, outcome: string): void {
    if (outcome === "delivered") this.count++;
  }

  delivered(): number {
    return this.count;
  }

  private add(): void {
    const packet = Packet.of(Memblock.copyOf(this.body)!, this.options);
    const refusal = this.queue.addPacket(packet);
    packet.release();
    if (refusal !== null) throw new Error(`add: ${refusal}`);
  }
}
