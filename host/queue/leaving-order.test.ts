import fc from "fast-check";
import { expect, test } from "vitest";
import { leavingOrder } from "./leaving-order.ts";
import { Memblock } from "./memblock.ts";
import { type Lane, Packet } from "./packet.ts";
import { PeerQueue } from "./peer-queue.ts";

const FRAGMENT_BYTES = 700;

const packetOf = (tag: number, lane: number, size: number) =>
  Packet.of(Memblock.transfer(new Uint8Array(size))!, { lane: lane as Lane, tag });

/** Of a session that takes everything: packets in the order in which their first bytes leave. */
function writtenBy(queue: PeerQueue, packets: number): unknown[] {
  const begun: unknown[] = [];
  queue.openSession({
    canWrite: () => begun.length < packets,
    write: (packet, start) => {
      if (start === 0) begun.push(packet.tag);
    },
  });
  return begun;
}

const sent = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 3000 })), {
  minLength: 1,
  maxLength: 40,
});

test("what is told of the order is the order in which a session writes", () => {
  fc.assert(
    fc.property(sent, (list) => {
      const queue = new PeerQueue({ now: () => 0, signal: () => {}, fragmentBytes: FRAGMENT_BYTES });
      for (const [tag, [lane, size]] of list.entries()) queue.addPacket(packetOf(tag, lane, size));
      const told = [...leavingOrder(queue)].map(({ tag }) => tag);
      expect(told).toEqual(writtenBy(queue, list.length));
    }),
    { seed: 20_261_126, numRuns: 200 },
  );
});

test("what has left stands first, and of one stream what has a number", () => {
  const queue = new PeerQueue({
    ...{ now: () => 0, signal: () => {} },
    numbering: {
      hasRoom: () => numbers < 2,
      number: (packet) => {
        packet.number = ++numbers;
      },
    },
  });
  let numbers = 0;
  for (const [tag, lane] of [2, 2, 0, 2].entries()) queue.addPacket(packetOf(tag, lane, 10));
  const session = queue.openSession({ canWrite: () => true, write: () => {} });
  const order = () => [...leavingOrder(queue)].map(({ tag }) => tag);
  expect(order()).toEqual([2, 0, 1, 3]);
  queue.addPacket(packetOf(4, 0, 10));
  queue.processPacketQueue();
  expect(order()).toEqual([2, 0, 4, 1, 3]);
  queue.closeSession(session);
  expect(order()).toEqual([2, 0, 4, 1, 3]);
});
