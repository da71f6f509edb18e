/** The way of a packet through the queue to one peer, and what may happen to it on the way (iotgw X.1). */
import { describe, expect, test, vi } from "vitest";
import { Memblock, MemblockBudget } from "./memblock.ts";
import { Lane, Packet, Place } from "./packet.ts";
import type { SessionQueue } from "./session-queue.ts";
import { queueBench } from "./testing/queue-bench.ts";

describe("the way of a packet", () => {
  test("addPacket() queues it, counts itself among its holders and signals once (R4.1)", () => {
    let signals = 0;
    const { queue, packet } = queueBench({ signal: () => signals++ });
    const made = packet("a");
    expect(queue.addPacket(made)).toBeNull();
    queue.addPacket(packet("b"));
    expect([made.isQueued, made.references, made.place, signals]).toEqual([true, 2, Place.NEW, 1]);
    queue.processPacketQueue();
    expect(made.place).toBe(Place.WORKING);
  });

  test("it goes to the session that is open, and ends delivered when its frame is acknowledged (R5.3)", () => {
    const { queue, port, told, written, clock, add } = queueBench();
    const made = add("a");
    const session = queue.openSession(port);
    expect(made.place).toBe(Place.SESSION);
    clock.room = 1;
    session.pump();
    expect([made.place, written]).toEqual([Place.WIRE, ["a"]]);
    session.acknowledged(1);
    expect([made.place, made.references, told, queue.count]).toEqual([Place.DONE, 1, ["a delivered"], 0]);
  });

  test("a second add is refused, and so is one that is done (R3.2)", () => {
    const { queue, packet } = queueBench();
    const made = packet("a");
    queue.addPacket(made);
    expect(queue.addPacket(made)).toBe("ALREADY_QUEUED");
    made.setInvalid();
    expect(queue.addPacket(made)).toBe("INVALID_STATE");
  });
});

describe("a packet", () => {
  test("has a copy of its bytes, whatever they are: what becomes of the caller's changes none (R1.1)", () => {
    for (const bytes of [Buffer.from([1, 2]), Uint8Array.of(1, 2)]) {
      const made = Packet.copyOf(bytes)!;
      bytes[0] = 9;
      expect([...made.body.bytes]).toEqual([1, 2]);
    }
  });

  test("is made in one of four lanes, within a budget, and gives its bytes back to that (R1.1, R1.2)", () => {
    const budget = new MemblockBudget(5);
    const made = Packet.copyOf(new Uint8Array(3), {}, budget)!;
    expect([Packet.copyOf(new Uint8Array(3), {}, budget), budget.used]).toEqual([null, 3]);
    expect(() => Packet.of(made.body, { lane: 4 as Lane })).toThrow("a packet in lane 4; allowed: 0…3");
    made.release();
    expect(budget.used).toBe(0);
    expect(() => made.release()).toThrow("let go more often");
  });

  test("shares its body with those to other peers: the last that lets go gives it back (H6)", () => {
    const budget = new MemblockBudget();
    const body = Memblock.copyOf(new Uint8Array(3), budget)!;
    const packets = [Packet.of(body.retain()), Packet.of(body.retain())];
    body.release();
    packets[0].release();
    expect(budget.used).toBe(3);
    packets[1].release();
    expect(budget.used).toBe(0);
  });
});

describe("withdrawing", () => {
  test.each(["new", "working", "session"])(
    "setInvalid() wins while it is in %s, and not a byte leaves (R8.1, R8.2)",
    (place) => {
      const { queue, port, told, written, clock, add } = queueBench();
      const made = add("a");
      if (place === "working") queue.processPacketQueue();
      const session = place === "session" ? queue.openSession(port) : null;
      expect([made.setInvalid(), told, queue.count]).toEqual([true, ["a cancelled"], 0]);
      expect(made.setInvalid()).toBe(false);
      clock.room = 9;
      (session ?? queue.openSession(port)).pump();
      expect(written).toEqual([]);
    },
  );

  test("setInvalid() loses once the first byte has left; given back by a lost session it leaves no more", () => {
    const { queue, port, told, written, clock, add } = queueBench();
    const made = add("a");
    clock.room = 1;
    const session = queue.openSession(port);
    expect([made.setInvalid(), told]).toEqual([false, []]);
    queue.closeSession(session);
    expect([made.setInvalid(), told]).toEqual([false, ["a unknown"]]);
    clock.room = 9;
    queue.openSession(port);
    expect(written).toEqual(["a"]);
  });

  test("one whose time is over ends expired, or unknown when it had left whole and its session is lost (R8.3, H10)", () => {
    const { queue, port, told, clock, add } = queueBench();
    add("a", { deadline: 10 });
    add("b", { deadline: 10 });
    clock.room = 1;
    const session = queue.openSession(port);
    clock.ms = 10;
    queue.tick();
    expect(told).toEqual(["b expired"]);
    queue.closeSession(session);
    expect(told).toEqual(["b expired", "a unknown"]);
  });
});

describe("losing a session", () => {
  test("what was not delivered goes first and in order, before what came since (R6.1, R6.2, R6.5)", () => {
    const { queue, port, written, clock, add } = queueBench();
    for (const tag of ["a", "b", "c", "d"]) add(tag);
    clock.room = 3;
    const session = queue.openSession(port);
    session.acknowledged(1);
    add("e");
    queue.closeSession(session);
    session.acknowledged(1); // a late word
    expect(session.count).toBe(0);
    clock.room = 9;
    queue.openSession(port);
    expect(written).toEqual(["a", "b", "c", "b", "c", "d", "e"]);
  });

  test("a session that opens before the older one's end was told takes nothing over its head (R6.4)", () => {
    const { queue, port, written, clock, add } = queueBench();
    add("a");
    add("b");
    clock.room = 1;
    queue.openSession(port);
    clock.room = 9;
    queue.openSession(port);
    expect(written).toEqual(["a", "a", "b"]);
  });

  test("a packet that is not to be sent twice ends unknown", () => {
    const { queue, port, told, clock, add } = queueBench();
    add("a", { isRequeued: false });
    add("b", { isRequeued: false });
    clock.room = 1;
    queue.closeSession(queue.openSession(port));
    expect(told).toEqual(["a unknown"]);
  });
});

describe("at the edges", () => {
  test("one that comes back with a lost session expires there, though no other session comes", () => {
    const { queue, port, told, clock, add } = queueBench();
    add("a", { deadline: 1000 });
    add("b", { deadline: 300 });
    clock.room = 1;
    const session = queue.openSession(port);
    clock.ms = 300;
    queue.tick();
    queue.closeSession(session);
    expect([told, queue.deadline]).toEqual([["b expired"], 1000]);
    clock.ms = 1000;
    queue.tick();
    expect(told).toEqual(["b expired", "a unknown"]);
  });

  test("a session that is lost while it writes writes nothing more, and its successor all", () => {
    const { queue, port, written, clock, add } = queueBench({ fragmentBytes: 4 });
    add("a", {}, 6);
    add("b");
    clock.room = 9;
    let session: SessionQueue | null = null;
    const breaking = {
      canWrite: () => session !== null,
      write(packet: Packet) {
        written.push(`${packet.tag} breaks`);
        queue.closeSession(session!);
      },
    };
    session = queue.openSession(breaking);
    session.pump();
    expect([written, session.count]).toEqual([["a breaks"], 0]);
    queue.openSession(port);
    expect(written).toEqual(["a breaks", "a[0…4)", "a[4…6)", "b"]);
  });

  test("one that is ended on the wire goes on leaving, and its frames are acknowledged like others", () => {
    const { queue, port, told, written, clock, add } = queueBench({ fragmentBytes: 4 });
    const made = add("a", {}, 6);
    add("b");
    clock.room = 1;
    const session = queue.openSession(port);
    queue.finish(made, "rejected");
    queue.finish(made, "cancelled");
    clock.room = 9;
    session.pump();
    session.acknowledged(3);
    expect(written).toEqual(["a[0…4)", "a[4…6)", "b"]);
    expect([told, queue.count, session.count, made.references]).toEqual([
      ["a rejected", "b delivered"],
      0,
      0,
      1,
    ]);
  });

  test("ended on the wire, it does not come back with its lost session", () => {
    const { queue, port, told, clock, add } = queueBench();
    const made = add("a");
    clock.room = 1;
    const session = queue.openSession(port);
    queue.finish(made, "rejected");
    queue.closeSession(session);
    expect([told, [...queue.packets()], made.references]).toEqual([["a rejected"], [], 1]);
  });

  test("an owner that throws keeps no other from being told", () => {
    const { queue, told, add, packet } = queueBench();
    const owner = {
      onOutcome() {
        throw new Error("a fault of the owner");
      },
    };
    const bad = packet("bad", { owner });
    expect(queue.addPacket(bad)).toBeNull();
    expect(() => bad.setInvalid()).toThrow("a fault of the owner");
    add("a").setInvalid();
    expect(told).toEqual(["a cancelled"]);
  });
});

describe("a session", () => {
  test("is given what its window allows, and all that is new is drained before (R5.1, R5.2)", () => {
    const { queue, port, clock, add } = queueBench({ window: { packets: 8, bytes: 1000 } });
    const packets = Array.from({ length: 5 }, (_, i) => add(`${i}`));
    const session = queue.openSession(port);
    const places = () => packets.map(({ place }) => place);
    expect(places()).toEqual([Place.SESSION, Place.SESSION, Place.WORKING, Place.WORKING, Place.WORKING]);
    clock.room = 1;
    session.pump();
    expect(places()).toEqual([Place.WIRE, Place.SESSION, Place.SESSION, Place.WORKING, Place.WORKING]);
  });

  test("that has lost its connection keeps what it has, and writes on where it was (R6.3)", () => {
    const { queue, port, written, clock, add } = queueBench({ fragmentBytes: 4 });
    add("a", {}, 10);
    clock.room = 1;
    const session = queue.openSession(port);
    session.pump(); // no room: the connection is away
    clock.room = 9;
    session.pump();
    expect(written).toEqual(["a[0…4)", "a[4…8)", "a[8…10)"]);
  });

  test("that stalls delays no other: each writes when its own transport can (R7.1)", () => {
    const [stalled, running] = [queueBench(), queueBench()];
    for (const { queue, port, clock, add } of [stalled, running]) {
      add("a");
      clock.room = queue === running.queue ? 9 : 0;
      queue.openSession(port);
    }
    expect([stalled.written, running.written]).toEqual([[], ["a"]]);
  });

  test("without one, packets stay where they are, and no clock runs but for those with an end (R5.2)", () => {
    const { queue, add } = queueBench();
    const made = add("a");
    queue.processPacketQueue();
    expect([made.place, queue.deadline]).toEqual([Place.WORKING, Infinity]);
  });
});

describe("a wall clock that jumps", () => {
  test("ends no packet early, nor late: the queue asks one that never does (P-clock)", () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const { queue, port, told, clock, add } = queueBench();
      add("a", { deadline: 1000 });
      for (const year of [1970, 2099]) {
        vi.setSystemTime(new Date(`${year}-01-01`));
        queue.tick();
        queue.closeSession(queue.openSession(port));
      }
      expect(told).toEqual([]);
      clock.ms = 1000;
      queue.tick();
      expect(told).toEqual(["a expired"]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("lanes", () => {
  test("control overtakes bulk that is cut into frames; a packet is done with its last frame", () => {
    const { queue, port, told, written, clock, add } = queueBench({ fragmentBytes: 4 });
    add("bulk", { lane: Lane.BULK }, 10);
    clock.room = 1;
    const session = queue.openSession(port);
    add("kill", { lane: Lane.CONTROL });
    clock.room = 9;
    queue.processPacketQueue();
    expect(written).toEqual(["bulk[0…4)", "kill", "bulk[4…8)", "bulk[8…10)"]);
    session.acknowledged(3);
    expect(told).toEqual(["kill delivered"]);
    session.acknowledged(1);
    expect(told).toEqual(["kill delivered", "bulk delivered"]);
  });
});
