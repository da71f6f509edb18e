/** A queue whose packets have numbers: none is skipped, and none leaves before its number is safe. */
import { describe, expect, test } from "vitest";
import { Lane } from "./packet.ts";
import { streamBench } from "./testing/queue-bench.ts";

describe("one stream", () => {
  test("a packet leaves once its number is safe; withdrawn before, its place goes out empty", () => {
    const { queue, port, told, written, clock, add, safe } = streamBench();
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
    const { queue, port, written, clock, add, safe } = streamBench();
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
    const { queue, port, told, written, clock, add, safe } = streamBench();
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
    const { queue, port, told, written, clock, packet, add, safe } = streamBench();
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
