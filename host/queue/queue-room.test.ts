/** What becomes of packets for which a queue has no room, or never will have. */
import { describe, expect, test } from "vitest";
import { Lane } from "./packet.ts";
import { queueBench } from "./testing/queue-bench.ts";

describe("limits", () => {
  test("reject refuses, dropOldest gives up the oldest of its lane, coalesce the one of the same key", () => {
    const policies = ["wait", "reject", "dropOldest", "coalesce"] as const;
    const { queue, told, packet, add } = queueBench({ limits: { maxPackets: 2, policies } });
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
    const { queue, told, packet, add } = queueBench({ limits: { maxPackets: 9, maxBytes: 10, policies } });
    add("a", {}, 3);
    add("b", { lane: Lane.BULK, key: "k" }, 3);
    expect(queue.addPacket(packet("c", { lane: Lane.BULK, key: "k" }, 8))).toBe("QUEUE_FULL");
    expect(queue.addPacket(packet("d", {}, 8))).toBe("QUEUE_FULL");
    expect([told, queue.count]).toEqual([[], 2]);
  });

  test("whenRoom() waits for as much as is asked for, and no longer once the peer is removed", async () => {
    const { queue, add } = queueBench({ limits: { maxBytes: 10 } });
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
    const { queue, port, told, clock, packet, add } = queueBench();
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
