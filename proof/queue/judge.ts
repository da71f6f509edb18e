/** What must hold of the queue (iotgw §7, §8) after every step: each claim names its clause. */
import { LANES, type Packet, Place } from "../../host/queue/packet.ts";
import { hold } from "../proof.ts";
import { FRAGMENT, limits, WINDOW } from "./bounds.ts";
import type { Rig } from "./rig.ts";

/** ms between two looks for what is over. */
const SWEEP_MS = 250;

export function holdAll(rig: Rig): void {
  const packets = [...rig.queue.packets()];
  holdPlaces(rig, packets);
  holdCounts(rig, packets);
  holdOrder(rig, packets);
  holdWindow(rig);
  holdAwake(rig, packets);
  holdTime(rig);
}

/** G1: each live packet is in one place, and no other is in any. */
function holdPlaces(rig: Rig, packets: Packet[]): void {
  hold(new Set(packets).size === packets.length, "G1: a packet is in two places");
  let last = Place.DONE;
  for (const packet of packets) {
    const entry = rig.entryOf(packet);
    hold(
      packet.list !== null && packet.holder === rig.queue,
      `G1: ${entry} is in a list that is not its own`,
    );
    if (packet.place === Place.DONE) {
      hold(packet.isVoid || rig.session?.queue?.wire === packet.list, `G1: ${entry} is done, and in a list`);
      continue;
    }
    hold(entry.isLive, `G1: ${entry} is in a list, and not live`);
    hold(packet.place <= last, `G1: ${entry} is behind its place`);
    last = packet.place;
  }
  const held = new Set(packets);
  for (const entry of rig.live()) hold(held.has(entry.packet), `G1: ${entry} is live, and nowhere`);
}

/** G2, G3, P-limits: references, sums and bounds. */
function holdCounts({ queue, entries }: Rig, packets: Packet[]): void {
  const live = packets.filter(({ place }) => place !== Place.DONE);
  hold(queue.count === live.length, `G1: count says ${queue.count} of ${live.length}`);
  const bytes = live.reduce((sum, { size }) => sum + size, 0);
  hold(queue.bytes === bytes, `G1: bytes says ${queue.bytes} of ${bytes}`);
  hold(
    queue.count <= limits.maxPackets && queue.bytes <= limits.maxBytes,
    "P-limits: above what it may hold",
  );
  const held = new Set(packets);
  for (const entry of entries) {
    const { references } = entry.packet;
    const holders = held.has(entry.packet) ? 2 : 1;
    hold(references === holders, `G2: ${entry} has ${references} references and ${holders} holders`);
  }
}

/** R6.1: in each lane, and of one stream in its numbers, what is farther was added before. */
function holdOrder(rig: Rig, packets: Packet[]): void {
  const seqs = new Array<number>(LANES).fill(0);
  let number = 0;
  for (const packet of packets) {
    if (packet.number > 0) {
      hold(packet.number > number, `R6.1: number ${packet.number} after ${number}`);
      number = packet.number;
    } else if (packet.place !== Place.DONE) {
      const { seq, lane } = rig.entryOf(packet);
      hold(seq > seqs[lane], `R6.1: ${seq} after ${seqs[lane]} in lane ${lane}`);
      seqs[lane] = seq;
    }
  }
}

/** R5.2: what a session holds back is within its window, or one packet alone. */
function holdWindow({ session }: Rig): void {
  if (session === null) return;
  for (const { count, bytes } of session.queue!.lanes)
    hold(
      count <= 1 || (count * LANES <= WINDOW.packets && bytes * LANES <= WINDOW.bytes),
      `R5.2: ${count} packets of ${bytes} bytes in a lane`,
    );
}

/** R4.1: nothing waits for a signal that nobody gave, and nothing that can leave waits. */
function holdAwake(
  { queue, isSignalled, session, isConnected, room, kind, hasNumbers }: Rig,
  packets: Packet[],
): void {
  const isFresh = packets.some(({ place }) => place === Place.NEW);
  hold(!isFresh || isSignalled, "R4.1: a new packet waits, and no signal is on its way");
  if (isSignalled || session === null || session.isLost || !isConnected) return;
  const waiting = packets.filter(({ place }) => place === Place.WORKING || place === Place.SESSION);
  if (kind === "by lane") {
    const canLeave = room >= FRAGMENT && (waiting.length > 0 || packets.some(isCut));
    hold(!canLeave, "R4.1: the wire has room, and what could leave waits");
    return;
  }
  const next = session.queue!.numbered.first;
  hold(room < limits.maxFrame || !next?.isNumberSafe, "R4.1: the wire has room, and a safe number waits");
  hold(!hasNumbers || waiting.every(({ number }) => number > 0), "R4.1: a packet waits for a number");
  hold(queue.numbering !== null, "one stream");
}

const isCut = ({ place, offset, size }: Packet) => place === Place.WIRE && offset < size;

/** R8.2: tick() is due when a packet's time comes, or soon after. */
function holdTime(rig: Rig): void {
  for (const { packet } of rig.live()) {
    if (packet.place === Place.WIRE) continue;
    const latest = Math.max(packet.deadline, rig.sweptAt + SWEEP_MS);
    hold(
      rig.queue.deadline <= latest,
      `R8.2: due at ${rig.queue.deadline}, a packet's time is ${packet.deadline}`,
    );
  }
}
