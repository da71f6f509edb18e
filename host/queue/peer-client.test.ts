/** A thread that adds packets, and the hub, over the two ends of a channel. Two real threads: proof/queue-threads.ts. */
import { MessageChannel } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import type { Outcome, Packet } from "./packet.ts";
import { type ClientOwner, ClientPacket, PeerClient } from "./peer-client.ts";
import { PeerHub } from "./peer-hub.ts";
import type { PeerKey } from "./peer-messages.ts";
import { PeerQueue } from "./peer-queue.ts";
import type { QueueLimits, Refusal } from "./queue-limits.ts";

const FAR = 2n ** 53n + 1n;
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A hub with one peer, and as many threads that know it as are asked for. */
async function bench(threads = 1, limits: Partial<QueueLimits> = {}) {
  const written: string[] = [];
  let queue = new PeerQueue({ now: () => 0, limits });
  let key: PeerKey = { id: FAR, generation: 1 };
  const table = {
    peers: () => [key],
    queueOf: ({ id, generation }: PeerKey) => (id === key.id && generation === key.generation ? queue : null),
    now: () => 0,
  };
  const port = {
    canWrite: () => true,
    write: ({ body }: Packet) => void written.push(Buffer.from(body.bytes).toString()),
  };
  const ends = await Promise.all(
    Array.from({ length: threads }, async () => {
      const { port1, port2 } = new MessageChannel();
      let end = () => {};
      const gone = new Promise<void>((resolve) => {
        end = resolve;
      });
      const hub = new PeerHub(port1, table, () => end());
      const client = new PeerClient(port2);
      closers.push(() => hub.stop());
      const ready = client.start();
      hub.start();
      await ready;
      return { hub, client, gone };
    }),
  );
  const replace = () => {
    queue.remove();
    queue = new PeerQueue({ now: () => 0 });
    key = { id: FAR, generation: 2 };
  };
  return { ...ends[0], ends, written, port, queue: () => queue, replace };
}

/** Who hears of one packet, and can be waited for. */
function listener() {
  const heard: string[] = [];
  let wake = () => {};
  const hear = (text: string) => {
    heard.push(text);
    wake();
  };
  const owner: ClientOwner = {
    onAccepted: () => hear("accepted"),
    onRefused: (_, refusal: Refusal) => hear(refusal),
    onOutcome: (_, outcome: Outcome) => hear(outcome),
  };
  const until = async (count: number) => {
    while (heard.length < count)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    return heard;
  };
  const packet = (text: string, options = {}) => new ClientPacket(Buffer.from(text), options, owner);
  return { heard, until, packet };
}

test("a peer is found by its u64, as number or text; an unknown one is not (R2.1)", async () => {
  const { client } = await bench();
  expect(client.findPeer("9007199254740993")).toBe(client.findPeer(FAR));
  expect([client.findPeer(2n ** 53n), client.findPeer(0n)]).toEqual([null, null]);
});

test("what a thread adds comes in its order, with the bytes it had then (R1.1, R3.1)", async () => {
  const { client, queue, port, written } = await bench();
  const { until, packet } = listener();
  const peer = client.findPeer(FAR)!;
  const bytes = Buffer.from("b");
  const packets = [packet("a"), new ClientPacket(bytes), packet("c")];
  expect(packets.map((one) => peer.addPacket(one))).toEqual([null, null, null]);
  expect(peer.addPacket(packets[0])).toBe("ALREADY_QUEUED");
  bytes.write("x");
  await until(2);
  queue().openSession(port).acknowledged(3);
  expect(await until(4)).toEqual(["accepted", "accepted", "delivered", "delivered"]);
  expect(written).toEqual(["a", "b", "c"]);
  expect(peer.addPacket(packets[0])).toBe("INVALID_STATE");
});

test("of two threads each keeps its order, and the order of both is the one in which they came", async () => {
  const { ends, queue } = await bench(2);
  const { until, packet } = listener();
  for (const { client } of ends)
    for (let i = 0; i < 100; i++)
      client.findPeer(FAR)!.addPacket(packet(`${ends[0].client === client} ${i}`));
  await until(200);
  const texts = [...queue().packets()].map(({ body }) => Buffer.from(body.bytes).toString());
  for (const side of ["true", "false"])
    expect(texts.filter((text) => text.startsWith(side))).toEqual(
      Array.from({ length: 100 }, (_, i) => `${side} ${i}`),
    );
  const orders = [...queue().packets()].map(({ order }) => order);
  expect(orders).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
});

test("withdrawn on its way to the hub, in the queue, on the wire, and when it is done (R8.1)", async () => {
  const { client, queue, port, written } = await bench();
  const peer = client.findPeer(FAR)!;
  const { until, packet } = listener();
  const [onItsWay, queued, sent] = [packet("a"), packet("b"), packet("c")];
  for (const one of [onItsWay, queued, sent]) peer.addPacket(one);
  expect([onItsWay.setInvalid(), onItsWay.setInvalid()]).toEqual([true, false]);
  await until(4);
  expect(queued.setInvalid()).toBe(true);
  expect(await until(5)).toEqual(["accepted", "cancelled", "accepted", "accepted", "cancelled"]);
  const session = queue().openSession(port);
  expect([written, sent.setInvalid()]).toEqual([["c"], false]);
  session.acknowledged(1);
  expect((await until(6))[5]).toBe("delivered");
  expect([sent.setInvalid(), sent.result, queue().count]).toEqual([false, "delivered", 0]);
  const never = packet("d");
  expect([never.setInvalid(), peer.addPacket(never)]).toEqual([true, "OBJECT_INVALIDATED"]);
});

test("given back by a lost session, no further byte of it leaves, and it may have arrived", async () => {
  const { client, queue, port, written } = await bench();
  const { until, packet } = listener();
  const one = packet("a");
  client.findPeer(FAR)!.addPacket(one);
  await until(1);
  queue().closeSession(queue().openSession(port));
  expect(one.setInvalid()).toBe(false);
  expect((await until(2))[1]).toBe("unknown");
  queue().openSession(port);
  expect([one.maybeDelivered, written]).toEqual([true, ["a"]]);
});

test("a peer that is removed and configured again takes nothing of the one before (R2.2, H7)", async () => {
  const { hub, client, queue, replace } = await bench();
  const { until, packet } = listener();
  const peer = client.findPeer(FAR)!;
  peer.addPacket(packet("a"));
  await until(1);
  replace();
  expect(peer.addPacket(packet("b"))).toBeNull();
  expect(await until(3)).toEqual(["accepted", "peer-removed", "PEER_REMOVED"]);
  hub.peersChanged();
  client.findPeer(FAR)!.addPacket(packet("late"));
  expect((await until(4))[3]).toBe("PEER_REMOVED");
  expect(peer.addPacket(packet("c"))).toBe("PEER_REMOVED");
  expect(client.findPeer(FAR)!.addPacket(packet("d"))).toBeNull();
  await until(5);
  expect(queue().count).toBe(1);
});

test("the hub refuses as its queue does, and gives the word back", async () => {
  const { client, hub } = await bench(1, { maxFrame: 2, maxPackets: 1 });
  const { until, packet } = listener();
  const peer = client.findPeer(FAR)!;
  for (const text of ["abc", "a", "b"]) peer.addPacket(packet(text));
  expect(await until(3)).toEqual(["TOO_BIG", "accepted", "QUEUE_FULL"]);
  expect(hub.counts).toEqual({ added: 1, refused: 2, unheard: 0 });
});

test("a thread that adds faster than the hub answers is told to wait, and when to go on", async () => {
  const { client, queue } = await bench();
  const peer = client.findPeer(FAR)!;
  let added = 0;
  while (peer.addPacket(new ClientPacket(Buffer.from("a"))) === null) added++;
  expect(peer.addPacket(new ClientPacket(Buffer.from("a")))).toBe("TRY_AGAIN");
  await client.whenRoom();
  expect(peer.addPacket(new ClientPacket(Buffer.from("a")))).toBeNull();
  expect([added, queue().count > 0]).toEqual([16_384, true]);
});

test("packets of a thread that ended stay, and outcomes that nobody hears are counted", async () => {
  const { ends, client, hub, queue, port, written } = await bench();
  const { until, packet } = listener();
  client.findPeer(FAR)!.addPacket(packet("a"));
  await until(1);
  client.stop();
  await ends[0].gone;
  queue().openSession(port).acknowledged(1);
  expect([written, hub.counts.unheard, queue().count]).toEqual([["a"], 1, 0]);
});
