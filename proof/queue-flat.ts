/** What a queue holds and costs does not grow with what has passed through it, or with what waits in it (iotgw §12, P-limits). */
import { Memblock } from "../host/queue/memblock.ts";
import { Packet, type PacketOptions } from "../host/queue/packet.ts";
import { PeerQueue } from "../host/queue/peer-queue.ts";
import { heldBytes } from "./fuzz/heap.ts";
import { hold, type Proof } from "./proof.ts";

/** What the engine itself may keep: compiled code, and arrays that it made larger. */
const SLACK_BYTES = 1 << 20;
const MAX_PACKETS = 1000;
const ADDS_A_TURN = 500;
/** Frames that leave at once. */
const BURST = 64;
/** Packets measured at least, however few wait. */
const FEWEST = 200_000;
const QUEUED = [1_000, 10_000, 100_000, 1_000_000];

export const queueFlat: Proof = {
  name: "queue-flat",
  promise:
    "a queue that gives up its oldest holds no more after a million packets; a session that ended is let go",
  unit: "packets",
  scale: 1_000_000,
  async run(_seed, scale) {
    const grown = overflow(scale);
    hold(grown < SLACK_BYTES, `${grown} bytes more are held after ${scale} packets`);
    await holdSessionGone();
    const costs = QUEUED.map((count) => `${nanosecondsEach(count)} ns at ${count}`);
    return `${scale} packets, ${Math.max(0, grown)} bytes more are held; a packet costs ${costs.join(", ")} queued`;
  },
};

const make = (size: number, options?: PacketOptions) =>
  Packet.of(Memblock.transfer(new Uint8Array(size))!, options);

/** Bytes held more after `count` packets, of which most were given up, than after a tenth of them. */
function overflow(count: number): number {
  const policies = ["dropOldest", "dropOldest", "dropOldest", "dropOldest"] as const;
  const queue = new PeerQueue({
    now: () => 0,
    signal: () => {},
    limits: { maxPackets: MAX_PACKETS, policies },
  });
  let room = 0;
  const session = queue.openSession({ canWrite: () => room > 0, write: () => room-- });
  let before = 0;
  for (let i = 0; i < count; i++) {
    hold(queue.addPacket(make(100, { lane: i & 3, deadline: 1e9 + i })) === null, "dropOldest refused");
    hold(queue.count <= MAX_PACKETS, `P-limits: ${queue.count} packets`);
    if (i % ADDS_A_TURN === 0) {
      room = ADDS_A_TURN / 10;
      queue.processPacketQueue();
      session.acknowledged(session.unacknowledged);
    }
    if (i === Math.floor(count / 10)) before = heldBytes();
  }
  return heldBytes() - before;
}

/** R6.5: nothing of the queue keeps a session that is lost. */
async function holdSessionGone(): Promise<void> {
  const queue = new PeerQueue({ now: () => 0, signal: () => {} });
  const gone = openAndLose(queue);
  await new Promise((resolve) => setImmediate(resolve)); // a WeakRef holds on until the end of its turn
  heldBytes();
  hold(gone.deref() === undefined, "R6.5: a session that was lost is held");
  hold(queue.count === 1, "R6.5: its packet went with it");
}

function openAndLose(queue: PeerQueue): WeakRef<object> {
  queue.addPacket(make(1));
  const session = queue.openSession({ canWrite: () => true, write() {} });
  queue.closeSession(session);
  return new WeakRef(session);
}

/** CPU from add to acknowledged, when as many wait: told, and judged by nobody, for machines differ. */
function nanosecondsEach(count: number): number {
  const rounds = Math.ceil(FEWEST / count);
  const begin = process.cpuUsage();
  for (let i = 0; i < rounds; i++) fillAndEmpty(count);
  const { user, system } = process.cpuUsage(begin);
  return Math.round(((user + system) * 1000) / (rounds * count));
}

function fillAndEmpty(count: number): void {
  const queue = new PeerQueue({
    now: () => 0,
    signal: () => {},
    limits: { maxPackets: count, maxBytes: Infinity },
  });
  const body = Memblock.transfer(new Uint8Array(100))!;
  for (let i = 0; i < count; i++) queue.addPacket(Packet.of(body.retain()));
  let room = 0;
  const session = queue.openSession({ canWrite: () => room > 0, write: () => room-- });
  while (queue.count > 0) {
    room = BURST;
    session.acknowledged(session.unacknowledged);
  }
}
