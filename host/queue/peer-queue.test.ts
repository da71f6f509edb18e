import { describe, expect, test, vi } from "vitest";
import { Memblock, MemblockBudget } from "./memblock.ts";
import { Lane, type Outcome, Packet, type PacketOptions, Place } from "./packet.ts";
import { PeerQueue } from "./peer-queue.ts";
import type { QueueOptions } from "./queue-options.ts";
import type { SessionQueue } from "./session-queue.ts";

/** A queue whose time stands still, and a session that writes as many frames as it is allowed. */
function bench(options: Partial<QueueOptions> = {}) {
  const told: string[] = [];
  const written: string[] = [];
  const clock = { ms: 0, room: 0 };
  const owner = {
    onOutcome: (packet: Packet, outcome: Outcome) => void told.push(`${packet.tag} ${outcome}`),
  };
  const queue = new PeerQueue({ now: () => clock.ms, signal: () => {}, ...options });
  const port = {
    canWrite: () => clock.room > 0,
    write(packet: Packet, start: number, end: number) {
      clock.room--;
      written.push(
        packet.isVoid ? "void" : `${packet.tag}${end - start < packet.size ? `[${start}…${end})` : ""}`,
      );
    },
  };
  const packet = (tag: string, packetOptions: PacketOptions = {}, size = 3) =>
    Packet.of(Memblock.transfer(new Uint8Array(size))!, { owner, tag, ...packetOptions });
  const add = (tag: string, packetOptions: PacketOptions = {}, size = 3) => {
    const made = packet(tag, packetOptions, size);
    expect(queue.addPacket(made)).toBeNull();
    return made;
  };
  return { queue, port, told, written, clock, packet, add };
}

describe("the way of a packet", () => {
  test("addPacket() queues it, counts itself among its holders and signals once (R4.1)", () => {
    let signals = 0;
    const { queue, packet } = bench({ signal: () => signals++ });
    const made = packet("a");
    expect(queue.addPacket(made)).toBeNull();
    queue.addPacket(packet("b"));
    expect([made.isQueued, made.references, made.place, signals]).toEqual([true, 2, Place.NEW, 1]);
    queue.processPacketQueue();
    expect(made.place).toBe(Place.WORKING);
  });

  test("it goes to the session that is open, and ends delivered when its frame is acknowledged (R5.3)", () => {
    const { queue, port, told, written, clock, add } = bench();
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
    const { queue, packet } = bench();
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
      const { queue, port, told, written, clock, add } = bench();
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
    const { queue, port, told, written, clock, add } = bench();
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
    const { queue, port, told, clock, add } = bench();
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
    const { queue, port, written, clock, add } = bench();
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
    const { queue, port, written, clock, add } = bench();
    add("a");
    add("b");
    clock.room = 1;
    queue.openSession(port);
    clock.room = 9;
    queue.openSession(port);
    expect(written).toEqual(["a", "a", "b"]);
  });

  test("a packet that is not to be sent twice ends unknown", () => {
    const { queue, port, told, clock, add } = bench();
    add("a", { isRequeued: false });
    add("b", { isRequeued: false });
    clock.room = 1;
    queue.closeSession(queue.openSession(port));
    expect(told).toEqual(["a unknown"]);
  });
});

describe("at the edges", () => {
  test("one that comes back with a lost session expires there, though no other session comes", () => {
    const { queue, port, told, clock, add } = bench();
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
    const { queue, port, written, clock, add } = bench({ fragmentBytes: 4 });
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
    const { queue, port, told, written, clock, add } = bench({ fragmentBytes: 4 });
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
    const { queue, port, told, clock, add } = bench();
    const made = add("a");
    clock.room = 1;
    const session = queue.openSession(port);
    queue.finish(made, "rejected");
    queue.closeSession(session);
    expect([told, [...queue.packets()], made.references]).toEqual([["a rejected"], [], 1]);
  });

  test("an owner that throws keeps no other from being told", () => {
    const { queue, told, add, packet } = bench();
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
    const { queue, port, clock, add } = bench({ window: { packets: 8, bytes: 1000 } });
    const packets = Array.from({ length: 5 }, (_, i) => add(`${i}`));
    const session = queue.openSession(port);
    const places = () => packets.map(({ place }) => place);
    expect(places()).toEqual([Place.SESSION, Place.SESSION, Place.WORKING, Place.WORKING, Place.WORKING]);
    clock.room = 1;
    session.pump();
    expect(places()).toEqual([Place.WIRE, Place.SESSION, Place.SESSION, Place.WORKING, Place.WORKING]);
  });

  test("that has lost its connection keeps what it has, and writes on where it was (R6.3)", () => {
    const { queue, port, written, clock, add } = bench({ fragmentBytes: 4 });
    add("a", {}, 10);
    clock.room = 1;
    const session = queue.openSession(port);
    session.pump(); // no room: the connection is away
    clock.room = 9;
    session.pump();
    expect(written).toEqual(["a[0…4)", "a[4…8)", "a[8…10)"]);
  });

  test("that stalls delays no other: each writes when its own transport can (R7.1)", () => {
    const [stalled, running] = [bench(), bench()];
    for (const { queue, port, clock, add } of [stalled, running]) {
      add("a");
      clock.room = queue === running.queue ? 9 : 0;
      queue.openSession(port);
    }
    expect([stalled.written, running.written]).toEqual([[], ["a"]]);
  });

  test("without one, packets stay where they are, and no clock runs but for those with an end (R5.2)", () => {
    const { queue, add } = bench();
    const made = add("a");
    queue.processPacketQueue();
    expect([made.place, queue.deadline]).toEqual([Place.WORKING, Infinity]);
  });
});

describe("a wall clock that jumps", () => {
  test("ends no packet early, nor late: the queue asks one that never does (P-clock)", () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const { queue, port, told, clock, add } = bench();
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
    const { queue, port, told, written, clock, add } = bench({ fragmentBytes: 4 });
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

describe("limits", () => {
  test("reject refuses, dropOldest gives up the oldest of its lane, coalesce the one of the same key", () => {
    const policies = ["wait", "reject", "dropOldest", "coalesce"] as const;
    const { queue, told, packet, add } = bench({ limits: { maxPackets: 2, policies } });
    add("a", { lane: 3, key: "k" });
    add("b", { lane: 3, key: "k" });
    add("c", { lane: Lane.NORMAL });
    add("d", { lane: Lane.NORMAL });
    expect(told).toEqual(["a dropped-by-policy", "c dropped-by-policy"]);
    expect(queue.addPacket(packet("e", { lane: Lane.ALARM }))).toBe("QUEUE_FULL");
    expect(queue.addPacket(packet("f", { lane: Lane.CONTROL }))).toBe("TRY_AGAIN");
  });

  test("one for which there is no room all the same makes none of the others go", () => {
    const policies = ["reject", "reject", "dropOldest", "coalesce"] as const;
    const { queue, told, packet, add } = bench({ limits: { maxPackets: 9, maxBytes: 10, policies } });
    add("a", {}, 3);
    add("b", { lane: Lane.BULK, key: "k" }, 3);
    expect(queue.addPacket(packet("c", { lane: Lane.BULK, key: "k" }, 8))).toBe("QUEUE_FULL");
    expect(queue.addPacket(packet("d", {}, 8))).toBe("QUEUE_FULL");
    expect([told, queue.count]).toEqual([[], 2]);
  });

  test("whenRoom() waits for as much as is asked for, and no longer once the peer is removed", async () => {
    const { queue, add } = bench({ limits: { maxBytes: 10 } });
    await queue.whenRoom(10);
    const made = add("a", {}, 6);
    await queue.whenRoom(4);
    let isRoom = false;
    const room = queue.whenRoom(5).then(() => {
      isRoom = true;
    });
    await queue.whenRoom(4);
    expect(isRoom).toBe(false);
    made.setInvalid();
    await room;
    add("b", {}, 10);
    const none = queue.whenRoom();
    queue.remove();
    await none;
  });

  test("removal ends all at once, and tells which may have arrived (G5, R2.2)", () => {
    const { queue, port, told, clock, packet, add } = bench();
    const first = add("a");
    const second = add("b");
    clock.room = 1;
    queue.openSession(port);
    add("c");
    queue.remove();
    expect(told).toEqual(["a peer-removed", "b peer-removed", "c peer-removed"]);
    expect([first.maybeDelivered, second.maybeDelivered, queue.count, queue.bytes]).toEqual([
      true,
      false,
      0,
      0,
    ]);
    expect(queue.addPacket(packet("d"))).toBe("PEER_REMOVED");
  });
});

describe("one stream", () => {
  function stream() {
    let next = 1;
    const numbered: Packet[] = [];
    const made = bench({
      numbering: {
        hasRoom: () => made.clock.room > 0,
        number(packet) {
          packet.number = next++;
          numbered.push(packet);
        },
      },
    });
    const safe = () => {
      for (const packet of numbered.splice(0)) made.queue.numberIsSafe(packet);
    };
    return { ...made, safe };
  }

  test("a packet leaves once its number is safe; withdrawn before, its place goes out empty", () => {
    const { queue, port, told, written, clock, add, safe } = stream();
    add("a");
    const second = add("b");
    clock.room = 9;
    const session = queue.openSession(port);
    expect([second.number, written]).toEqual([2, []]);
    expect([second.setInvalid(), told]).toEqual([true, ["b cancelled"]]);
    safe();
    expect(written).toEqual(["a", "void"]);
    session.acknowledged(2);
    expect([told, queue.count, session.count]).toEqual([["b cancelled", "a delivered"], 0, 0]);
  });

  test("what has a number goes first in the next session, whatever its lane; its place is kept when it is over", () => {
    const { queue, port, written, clock, add, safe } = stream();
    const first = add("a", { lane: Lane.BULK });
    add("b", { lane: Lane.BULK });
    clock.room = 9;
    const session = queue.openSession(port);
    safe();
    queue.closeSession(session);
    add("kill", { lane: Lane.CONTROL });
    expect(first.setInvalid()).toBe(false);
    queue.openSession(port);
    safe();
    expect(written).toEqual(["a", "b", "void", "b", "kill"]);
  });

  test("withdrawing one that is over changes nothing: the place of its number stays", () => {
    const { queue, port, told, written, clock, add, safe } = stream();
    const first = add("a", { deadline: 10 });
    add("b");
    clock.room = 1;
    const session = queue.openSession(port);
    clock.ms = 10;
    queue.tick();
    queue.closeSession(session);
    expect([first.setInvalid(), told]).toEqual([false, ["a expired"]]);
    clock.room = 9;
    queue.openSession(port);
    safe();
    expect(written).toEqual(["void", "b"]);
  });

  test("a peer that forgot all numbers: what had left is unknown, what its owner adds again goes first", () => {
    const { queue, port, told, written, clock, packet, add, safe } = stream();
    add("a");
    add("b");
    clock.room = 2;
    const session = queue.openSession(port);
    safe();
    clock.room = 1;
    add("c");
    queue.processPacketQueue();
    expect([queue.firstNumber, queue.numberedBytes]).toEqual([1, 9]);
    clock.room = 0;
    safe();
    queue.closeSession(session);
    add("d");
    queue.forgetNumbers();
    expect(queue.addFirst(packet("b"))).toBeNull();
    expect([queue.firstNumber, queue.numberedBytes]).toEqual([0, 0]);
    clock.room = 9;
    queue.openSession(port);
    safe();
    expect([told, written]).toEqual([
      ["a unknown", "b unknown"],
      ["a", "b", "b", "c", "d"],
    ]);
  });
});
