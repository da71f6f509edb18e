/** What a queue does at its edges: wrong calls, full memory, sessions that are lost in the middle of a word, time that ran out. */
import { describe, expect, test } from "vitest";
import { leavingOrder } from "./leaving-order.ts";
import { Memblock, MemblockBudget } from "./memblock.ts";
import { Lane, Packet, Place } from "./packet.ts";
import { PacketList } from "./packet-list.ts";
import { fillOf } from "./queue-fill.ts";
import { QueueMeter } from "./queue-meter.ts";
import type { SessionQueue } from "./session-queue.ts";
import { queueBench, streamBench } from "./testing/queue-bench.ts";

describe("wrong calls", () => {
  test("what nobody held is not held again, nor let go", () => {
    const body = Memblock.copyOf(Uint8Array.of(1))!;
    body.release();
    expect(() => body.retain()).toThrow(new RangeError("a memblock that nobody held is held again"));
    expect(() => body.release()).toThrow(new RangeError("a memblock is let go more often than it was held"));
    const packet = Packet.copyOf(Uint8Array.of(1))!;
    packet.release();
    expect(() => packet.retain()).toThrow(new RangeError("a packet that nobody held is held again"));
  });

  test("a packet is in one list, and taken only from that", () => {
    const [one, other] = [new PacketList(), new PacketList()];
    const packet = Packet.copyOf(Uint8Array.of(1, 2))!;
    one.push(packet);
    expect(() => other.unshift(packet)).toThrow(new RangeError("a packet is put into a second list"));
    expect(() => other.remove(packet)).toThrow(
      new RangeError("a packet is taken from a list that it is not in"),
    );
    expect([one.count, one.bytes, other.count]).toEqual([1, 2, 0]);
  });

  test("more frames than are on the wire are not acknowledged, and nothing is by that call", () => {
    const { queue, port, told, clock, add } = queueBench();
    add("a");
    clock.room = 9;
    const session = queue.openSession(port);
    expect(() => session.acknowledged(2)).toThrow(new RangeError("2 frames acknowledged, 1 are on the wire"));
    expect([told, session.unacknowledged]).toEqual([[], 1]);
  });

  test("bytes that are handed over count against the budget as copies do", () => {
    const budget = new MemblockBudget(4);
    const body = Memblock.transfer(new Uint8Array(3), budget)!;
    expect([Memblock.transfer(new Uint8Array(2), budget), budget.used]).toEqual([null, 3]);
    body.release();
    expect(Memblock.transfer(new Uint8Array(4), budget)?.bytes.length).toBe(4);
  });
});

describe("a session that is lost", () => {
  test("in its own write writes nothing more; what had left comes first over the next", () => {
    const { queue, port, written, clock, add } = queueBench();
    for (const tag of ["a", "b", "c"]) add(tag);
    const session = queue.openSession(port);
    clock.room = 9;
    clock.onWrite = () => queue.closeSession(session);
    session.pump();
    expect(written).toEqual(["a"]);
    clock.onWrite = () => {};
    queue.openSession(port);
    expect(written).toEqual(["a", "a", "b", "c"]);
  });

  test("writes, hears and gives back nothing afterwards", () => {
    const { queue, port, told, written, clock, add } = queueBench();
    add("a");
    clock.room = 1;
    const session = queue.openSession(port);
    queue.closeSession(session);
    clock.room = 9;
    session.pump();
    session.acknowledged(1);
    queue.closeSession(session);
    expect([written, told, queue.count]).toEqual([["a"], [], 1]);
  });

  test("of one stream, in its own write, gives no further number", () => {
    const { queue, port, written, clock, add, safe } = streamBench();
    const first = add("a");
    clock.room = 9;
    const session = queue.openSession(port);
    const second = add("b");
    clock.onWrite = () => queue.closeSession(session);
    safe();
    expect([written, first.number, second.number]).toEqual([["a"], 1, 0]);
  });

  test("of a peer that is no longer configured is closed as it begins", () => {
    const { queue, port, told, clock, add } = queueBench();
    add("a");
    queue.remove();
    clock.room = 9;
    const session = queue.openSession(port);
    expect([session.isClosed, told]).toEqual([true, ["a peer-removed"]]);
  });
});

describe("what is acknowledged", () => {
  test("is forgotten in thousands, and each frame still ends its own packet", () => {
    const { queue, port, told, clock, add } = queueBench({ window: { packets: 20_000, bytes: 1 << 20 } });
    for (let i = 1; i <= 3000; i++) add(`${i}`);
    clock.room = 3000;
    const session = queue.openSession(port);
    session.acknowledged(1100); // not yet half of them
    session.acknowledged(900);
    session.acknowledged(999);
    expect([told.length, told[0], told.at(-1), session.unacknowledged]).toEqual([
      ...[2999, "1 delivered", "2999 delivered", 1],
    ]);
  });
});

describe("time that ran out", () => {
  test("a packet that waits for its number gets none", () => {
    const { queue, port, told, clock, add, safe } = streamBench();
    const session: SessionQueue = queue.openSession(port);
    add("late", { deadline: 100 });
    add("b");
    queue.processPacketQueue();
    clock.ms = 100;
    clock.room = 9;
    session.pump();
    safe();
    expect(told).toEqual(["late expired"]);
  });

  test("a packet that is new and over by the time it is looked at is dropped there", () => {
    const { queue, told, clock, add } = queueBench();
    const made = add("a", { deadline: 100 });
    clock.ms = 101;
    queue.processPacketQueue();
    expect([made.place, told]).toEqual([Place.DONE, ["a expired"]]);
  });

  test("tick() leaves the place of a number that went out empty", () => {
    const { queue, port, told, written, clock, add, safe } = streamBench();
    clock.room = 9;
    add("a");
    const second = add("b", { deadline: 500 });
    add("c", { deadline: 10_000 });
    const session = queue.openSession(port);
    second.setInvalid();
    clock.ms = 600;
    queue.tick();
    expect([told, fillOf(queue, 600).packets]).toEqual([["b cancelled"], 2]);
    expect([...leavingOrder(queue)].map(({ tag }) => tag)).toEqual(["a", "c"]);
    safe();
    session.pump();
    expect(written).toEqual(["a", "void", "c"]);
  });
});

describe("room", () => {
  test("a packet that could never have any is refused whatever the policy says", () => {
    const policies = ["wait", "dropOldest", "coalesce", "reject"] as const;
    const { queue, packet } = queueBench({ limits: { maxBytes: 10, policies } });
    for (const lane of [Lane.CONTROL, Lane.ALARM, Lane.NORMAL, Lane.BULK])
      expect(queue.addPacket(packet("big", { lane }, 11))).toBe("QUEUE_FULL");
  });

  test("dropOldest gives up no more than it must, and nothing that has left", () => {
    const policies = ["dropOldest", "dropOldest", "dropOldest", "dropOldest"] as const;
    const { queue, port, told, clock, add, packet } = queueBench({ limits: { maxPackets: 3, policies } });
    add("left");
    clock.room = 1;
    const session = queue.openSession(port);
    queue.closeSession(session); // it comes back to the head of those that wait
    add("old");
    add("new");
    add("newest");
    expect(told).toEqual(["old dropped-by-policy"]);
    queue.limits.maxPackets = 1;
    const more = packet("more", {}, 3);
    expect([queue.addPacket(more), told.length]).toEqual(["QUEUE_FULL", 1]);
  });
});

test("a packet from the store has waited since then, and not since it was read", () => {
  const { queue, packet, clock } = streamBench();
  clock.ms = 5000;
  const kept = packet("kept");
  kept.number = 1;
  kept.addedAt = 1000;
  queue.restore(kept);
  expect(fillOf(queue, 5000)).toMatchObject({ packets: 1, oldestMs: 4000 });
});

test("a queue of which no time has passed has no rates", () => {
  const { queue, add } = queueBench();
  const meter = new QueueMeter(
    () => [queue],
    () => 1000,
  );
  meter.start();
  meter.stop();
  add("a");
  expect(meter.ratesOf(queue)).toEqual({ inPerS: 0, outPerS: 0, packetsPerS: 0, bytesPerS: 0 });
});
