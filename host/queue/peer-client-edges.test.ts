/** A thread that adds more than the hub answers for, bodies larger than a message holds, options as the hub gets them. */
import { MessageChannel } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import { Lane, type Packet } from "./packet.ts";
import { ClientPacket, PeerClient } from "./peer-client.ts";
import { PeerHub } from "./peer-hub.ts";
import type { PeerKey } from "./peer-messages.ts";
import { PeerQueue } from "./peer-queue.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A hub of one peer, and a thread that knows it; `keys` may be changed. */
async function bench() {
  const { port1, port2 } = new MessageChannel();
  const queue = new PeerQueue({ now: () => 0 });
  const keys: PeerKey[] = [{ id: 7n, generation: 1 }];
  const table = { peers: () => keys, queueOf: () => queue, now: () => 0 };
  const hub = new PeerHub(port1, table);
  const client = new PeerClient(port2);
  closers.push(() => hub.stop());
  const ready = client.start();
  hub.start();
  await ready;
  return { hub, client, queue, keys, peer: client.findPeer(7n)! };
}

/** What the queue holds, once so many are there. */
async function held(queue: PeerQueue, count: number): Promise<Packet[]> {
  while (queue.count < count) await new Promise((resolve) => setImmediate(resolve));
  return [...queue.packets()];
}

test("a lane that is none is refused where the packet is made", () => {
  for (const lane of [-1, 4, Number.NaN])
    expect(() => new ClientPacket(new Uint8Array(1), { lane: lane as Lane })).toThrow(
      new RangeError(`a packet in lane ${lane}; allowed: 0…3`),
    );
});

test("whoever adds more than the hub has answered for waits until it has", async () => {
  const { client, peer, queue } = await bench();
  const add = () => peer.addPacket(new ClientPacket(new Uint8Array(1)));
  let added = 0;
  while (add() === null) added++;
  expect([added, add()]).toEqual([16_384, "TRY_AGAIN"]);
  let hasRoom = false;
  const room = client.whenRoom().then(() => {
    hasRoom = true;
  });
  await Promise.resolve();
  expect(hasRoom).toBe(false);
  await room;
  expect(add()).toBeNull();
  await client.whenRoom(); // at once: there is room
  await held(queue, added + 1);
});

test("bodies go over whole, in their order, however many messages they take and however large one is", async () => {
  const { peer, queue } = await bench();
  const sizes = [40_000, 40_000, 3, 65_536, 65_537, 1, 0];
  for (const [i, size] of sizes.entries()) {
    const bytes = new Uint8Array(size).fill(i + 1);
    const refusal = peer.addPacket(new ClientPacket(bytes));
    expect(refusal).toBeNull();
    bytes.fill(0); // it was copied
  }
  const taken = sizes.map((size, i) => [i + 1, size] as const).filter(([, size]) => size <= 65_536);
  const packets = await held(queue, taken.length);
  expect(packets.map(({ body: { bytes } }) => bytes.length)).toEqual(taken.map(([, size]) => size));
  for (const [i, { body }] of packets.entries())
    expect(body.bytes.every((byte) => byte === taken[i][0])).toBe(true);
});

test("lane, key and whether it is sent again are as they were asked for", async () => {
  const { peer, queue } = await bench();
  peer.addPacket(new ClientPacket(Uint8Array.of(1), { lane: Lane.BULK, isRequeued: false, key: "temp" }));
  peer.addPacket(new ClientPacket(Uint8Array.of(2)));
  const packets = await held(queue, 2);
  const seen = packets.map(({ lane, isRequeued, key }) => ({ lane, isRequeued, key }));
  expect(seen).toEqual(
    expect.arrayContaining([
      { lane: Lane.BULK, isRequeued: false, key: "temp" },
      { lane: Lane.NORMAL, isRequeued: true, key: "" },
    ]),
  );
});

test("a peer that stays configured is the same one to the thread, one that was made anew is not", async () => {
  const { hub, client, keys, peer } = await bench();
  keys.push({ id: 8n, generation: 1 });
  hub.peersChanged();
  while (client.findPeer(8n) === null) await new Promise((resolve) => setImmediate(resolve));
  expect(client.findPeer(7n)).toBe(peer);
  keys[0] = { id: 7n, generation: 2 };
  hub.peersChanged();
  while (client.findPeer(7n) === peer) await new Promise((resolve) => setImmediate(resolve));
  expect(peer.addPacket(new ClientPacket(new Uint8Array(1)))).toBe("PEER_REMOVED");
});
