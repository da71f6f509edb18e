import { describe, expect, test } from "vitest";
import { LaneTurns } from "./lane-turns.ts";
import { Lane, Packet, type PacketOptions } from "./packet.ts";
import { PeerQueue } from "./peer-queue.ts";

/** Bytes of any stretch in which each lane has its share (iotgw §12, P-fair). */
const STRETCH = 65_536;
const PARTS = [0, 8, 4, 1];
const parts = PARTS.reduce((sum, part) => sum + part);

/** The least that each lane had of any stretch, as a part of its share, when all have `sizeOf(lane)` to send for ever. */
function leastShares(sizeOf: (lane: number, i: number) => number, bytes: number): number[] {
  const turns = new LaneTurns();
  const sent: { lane: number; size: number }[] = [];
  const next = [0, 1, 2, 3].map((lane) => (lane === 0 ? 0 : sizeOf(lane, 0)));
  for (let total = 0, i = 1; total < bytes; i++) {
    const lane = turns.pick(next);
    const size = next[lane];
    turns.spend(lane, size);
    sent.push({ lane, size });
    total += size;
    next[lane] = sizeOf(lane, i);
  }
  return [1, 2, 3].map((lane) => least(sent, lane) / ((STRETCH * PARTS[lane]) / parts));
}

/** The least that a lane had of any stretch that begins with a frame. */
function least(sent: { lane: number; size: number }[], lane: number): number {
  let fewest = Infinity;
  let [end, total, mine] = [0, 0, 0];
  for (const { lane: first, size } of sent) {
    while (end < sent.length && total + sent[end].size <= STRETCH) {
      total += sent[end].size;
      if (sent[end].lane === lane) mine += sent[end].size;
      end++;
    }
    if (end === sent.length) break;
    fewest = Math.min(fewest, mine);
    total -= size;
    if (first === lane) mine -= size;
  }
  return fewest;
}

describe("lanes that are full (P-fair)", () => {
  test.each([
    ["small packets", () => 100],
    ["packets of a kilobyte", () => 1024],
    ["packets of all sizes up to 800", (_: number, i: number) => 1 + ((i * 7919) % 800)],
    ["small ones beside bulk in fragments", (lane: number) => (lane === Lane.BULK ? 4096 : 200)],
  ])("%s: each has at least four fifths of its share of any 64 KiB", (_, sizeOf) => {
    for (const share of leastShares(sizeOf, 20 * STRETCH)) expect(share).toBeGreaterThan(0.8);
  });

  test("one that has the line for itself owes nothing for it later", () => {
    const turns = new LaneTurns();
    for (let i = 0; i < 1000; i++) {
      expect(turns.pick([0, 0, 0, 4096])).toBe(Lane.BULK);
      turns.spend(Lane.BULK, 4096);
    }
    const next = Array.from({ length: 13 }, () => {
      const lane = turns.pick([0, 512, 512, 512]);
      turns.spend(lane, 512);
      return lane;
    });
    expect([1, 2, 3].map((lane) => next.filter((one) => one === lane).length)).toEqual([8, 4, 1]);
  });

  test("control waits for one fragment at most", () => {
    const queue = new PeerQueue({ now: () => 0, signal: () => {}, fragmentBytes: 4096 });
    const add = (size: number, options: PacketOptions) =>
      queue.addPacket(Packet.copyOf(new Uint8Array(size), options)!);
    const written: number[] = [];
    let room = 1;
    const session = queue.openSession({
      canWrite: () => room > 0,
      write({ lane }) {
        room--;
        written.push(lane);
      },
    });
    for (const lane of [Lane.ALARM, Lane.NORMAL, Lane.BULK]) add(60_000, { lane });
    queue.processPacketQueue();
    for (let i = 0; i < 30; i++) {
      add(10, { lane: Lane.CONTROL });
      queue.processPacketQueue();
      room = 2;
      session.pump();
    }
    expect(written.filter((_, i) => i % 2 === 1)).toEqual(new Array(30).fill(Lane.CONTROL));
  });
});
