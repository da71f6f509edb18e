import { expect, test } from "vitest";
import { Lane, Packet } from "../queue/packet.ts";
import { PeerQueue } from "../queue/peer-queue.ts";
import { PeerQueues } from "./peer-queues.ts";
import { type QueuedPeer, viewQueued } from "./queued-peer.ts";

const limits = { maxPackets: 100, maxBytes: 1000 };

function newQueue() {
  const told: string[] = [];
  const queue = new PeerQueue({ now: () => 0, signal: () => {} });
  const owner = {
    onOutcome: (packet: Packet, outcome: string) => void told.push(`${packet.tag} ${outcome}`),
  };
  const add = (tag: string, lane = Lane.NORMAL) =>
    queue.addPacket(Packet.copyOf(new Uint8Array(10), { tag, lane, owner })!);
  return { told, queue, add };
}

function peerOf(queue: PeerQueue | null, named: Partial<QueuedPeer> = {}): QueuedPeer {
  return {
    ...{ kind: "gateway", id: "7", name: "barn", queue, limits, leadsTo: ["cellar"] },
    describe: ({ tag }) => (tag === "bare" ? null : { what: String(tag), origin: "5", seq: 1, leftMs: null }),
    withdraw: (packet) => void packet.setInvalid(),
    ...named,
  };
}

const queuesOf = (...peers: QueuedPeer[]) =>
  new PeerQueues(
    () => peers,
    () => 0,
  );

test("a purge withdraws what has not left, tells what may have arrived, and leaves what is on the wire", () => {
  const { queue, told, add } = newQueue();
  add("left twice");
  const lost = queue.openSession({ canWrite: () => told.length === 0, write: () => {} });
  queue.closeSession(lost);
  add("waits");
  add("cancel", Lane.CONTROL);
  add("bare");
  queue.processPacketQueue();
  const queues = queuesOf(peerOf(queue));
  expect(queues.purge("barn", null)).toEqual({ name: "barn", withdrawn: 1, maybeDelivered: 1, left: 0 });
  expect(told).toEqual(["left twice unknown", "waits cancelled"]);
  expect(queue.count).toBe(2);
  expect(queues.purge("barn", Lane.CONTROL).withdrawn).toBe(1);
  add("on the wire");
  queue.openSession({ canWrite: () => true, write: () => {} });
  expect(queues.purge("7", null)).toEqual({ name: "barn", withdrawn: 0, maybeDelivered: 0, left: 1 });
});

test("a purge of one lane leaves the others", () => {
  const { queue, told, add } = newQueue();
  add("a", Lane.ALARM);
  add("b", Lane.BULK);
  expect(queuesOf(peerOf(queue)).purge("barn", Lane.BULK).withdrawn).toBe(1);
  expect(told).toEqual(["b cancelled"]);
});

test("who is told of an end may add another, which is not withdrawn", () => {
  const queue = new PeerQueue({ now: () => 0, signal: () => {} });
  const add = () => queue.addPacket(Packet.copyOf(new Uint8Array(1), { owner: { onOutcome: add } })!);
  add();
  expect(queuesOf(peerOf(queue)).purge("barn", null).withdrawn).toBe(1);
  expect(queue.count).toBe(1);
});

test("packets are told as many as asked for, beside how many there are", () => {
  const { queue, add } = newQueue();
  for (const tag of ["bare", "a", "b", "c"]) add(tag);
  const { packets, total } = queuesOf(peerOf(queue)).packets("barn", 2);
  expect([packets.map(({ what }) => what), total]).toEqual([["a", "b"], 4]);
  expect(packets[0]).toEqual({
    ...{ place: "new", lane: 2, what: "a", origin: "5", seq: 1, leftMs: null, ageMs: 0, bytes: 10 },
    hasLeft: false,
  });
});

test("a board comes before a gateway of its name, which has its host id; who is neither is told who there is", () => {
  const board = peerOf(null, { kind: "board", id: "barn", leadsTo: [] });
  const queues = queuesOf(board, peerOf(null));
  expect([queues.view("barn").kind, queues.view("7").kind]).toEqual(["board", "gateway"]);
  expect(() => queues.view("bran")).toThrow("called so; did you mean barn?; known: barn, barn");
  expect(() => queues.purge("barn/sim-1", null)).toThrow("it waits with all else that goes by way of barn");
  expect(() => queues.packets("cellar", 1)).toThrow("by way of barn");
  expect(() => queuesOf().view("x")).toThrow("there is none");
});

test("only gateways, and boards for which something waits, are listed", () => {
  const { queue, add } = newQueue();
  const idle = peerOf(newQueue().queue, { kind: "board", id: "b-1", name: "b-1" });
  const asked = peerOf(queue, { kind: "board", id: "b-2", name: "b-2" });
  add("a");
  const names = queuesOf(idle, asked, peerOf(null))
    .views()
    .map(({ name }) => name);
  expect(names).toEqual(["b-2", "barn"]);
});

test("a queue is full when the first of its limits is reached, and not at all beyond a year", () => {
  const { queue, add } = newQueue();
  for (let i = 0; i < 10; i++) add("a");
  const fullIn = (packetsPerS: number, bytesPerS: number) =>
    viewQueued(peerOf(queue), { inPerS: 0, outPerS: 0, packetsPerS, bytesPerS }, 0).fullInS;
  expect([fullIn(1, 1), fullIn(0, 100), fullIn(-1, 0), fullIn(1e-7, 0)]).toEqual([90, 9, null, null]);
});
