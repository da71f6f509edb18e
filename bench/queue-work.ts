/** P10 at work: packets through the queue to a peer in memory, from add to acknowledged, and tasks through p-queue. */
import PQueue from "p-queue";
import { Memblock } from "../host/queue/memblock.ts";
import { Packet, type PacketOwner } from "../host/queue/packet.ts";
import { PeerQueue } from "../host/queue/peer-queue.ts";
import type { SessionPort, SessionQueue } from "../host/queue/session-queue.ts";
import type { Workload } from "./workload.ts";

/** Packets that are added in one turn of the event loop. */
const TURN = 1000;
const PACKET_BYTES = 100;
/** As many may be on their way at once, in either. */
const WINDOW = 1000;
const LANES = 4;

/** Added one by one, processed once the turn is over, acknowledged as many at once as the peer has. */
class PacketsThroughQueue implements Workload, PacketOwner {
  readonly messages = TURN;
  private count = 0;
  private written = 0;
  private readonly body = Buffer.alloc(PACKET_BYTES, "a packet ");
  private readonly options = { owner: this };
  private readonly queue = new PeerQueue({
    now: () => performance.now(),
    signal: (process) => void setImmediate(process),
    window: { packets: WINDOW * LANES, bytes: WINDOW * LANES * PACKET_BYTES },
  });
  private readonly session: SessionQueue;

  constructor() {
    const port: SessionPort = {
      canWrite: () => this.written < WINDOW,
      write: () => void this.written++,
    };
    this.session = this.queue.openSession(port);
  }

  cycle(): Promise<void> {
    for (let i = 0; i < TURN; i++) {
      const packet = Packet.of(Memblock.transfer(this.body)!, this.options);
      const refusal = this.queue.addPacket(packet);
      packet.release();
      if (refusal !== null) throw new Error(`add: ${refusal}`);
    }
    return new Promise((resolve) => setImmediate(() => this.acknowledge(resolve)));
  }

  onOutcome(_packet: Packet, outcome: string): void {
    if (outcome === "delivered") this.count++;
  }

  delivered(): number {
    return this.count;
  }

  private acknowledge(done: () => void): void {
    while (this.written > 0) {
      const { written } = this;
      this.written = 0;
      this.session.acknowledged(written);
    }
    done();
  }
}

/** The same with a task for each packet, that is over once it ran. */
class TasksThroughPQueue implements Workload {
  readonly messages = TURN;
  private count = 0;
  private readonly queue = new PQueue({ concurrency: WINDOW });
  private readonly body = Buffer.alloc(PACKET_BYTES, "a packet ");

  async cycle(): Promise<void> {
    for (let i = 0; i < TURN; i++) {
      const { body } = this;
      void this.queue.add(async () => body).then(() => this.count++);
    }
    await this.queue.onIdle();
  }

  delivered(): number {
    return this.count;
  }
}

export const packetsThroughQueue = (): Workload => new PacketsThroughQueue();
export const tasksThroughPQueue = (): Workload => new TasksThroughPQueue();
