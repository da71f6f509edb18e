/** A queue with all around it that a test of it needs. */
import { expect } from "vitest";
import { Memblock } from "../memblock.ts";
import { type Outcome, Packet, type PacketOptions } from "../packet.ts";
import { PeerQueue } from "../peer-queue.ts";
import type { QueueOptions } from "../queue-options.ts";

/** A queue whose time stands still, and a session that writes as many frames as it is allowed; `onWrite` is called in each. */
export function queueBench(options: Partial<QueueOptions> = {}) {
  const told: string[] = [];
  const written: string[] = [];
  const clock = { ms: 0, room: 0, onWrite: () => {} };
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
      clock.onWrite();
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

/** One stream, whose numbers are given as long as `room` lasts; `safe()`: those given are kept. */
export function streamBench() {
  let next = 1;
  const numbered: Packet[] = [];
  const made = queueBench({
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
