/** What must hold of single calls of the queue (iotgw §7, §8), asked while they happen: each claim names its clause. */
import { type Outcome, Place } from "../../host/queue/packet.ts";
import type { PeerQueue } from "../../host/queue/peer-queue.ts";
import type { Policy, Refusal } from "../../host/queue/queue-limits.ts";
import { hold } from "../proof.ts";
import { limits } from "./bounds.ts";
import type { Entry } from "./entry.ts";
import type { Rig, RigSession } from "./rig.ts";

/** What a policy may say when there is no room. */
const refusals: Record<Policy, (Refusal | null)[]> = {
  reject: ["QUEUE_FULL"],
  wait: ["TRY_AGAIN"],
  dropOldest: [null, "QUEUE_FULL"],
  coalesce: [null, "QUEUE_FULL"],
};

/** R8.2: of what a lost session gave back, nothing is over. */
export function holdReturned(rig: Rig, held: Entry[]): void {
  for (const entry of held) {
    const { packet } = entry;
    if (packet.outcome !== null) continue;
    hold(packet.isValid() && packet.deadline > rig.now, `R8.2: ${entry} is over, and goes back to wait`);
    hold(packet.isRequeued || !entry.wasBegun, `R6.2: ${entry} is not to be sent twice, and goes back`);
  }
}

/** A refusal has its reason, and changes nothing; what has room is taken (H6, H8, R3.2). */
export function holdRefusal(rig: Rig, entry: Entry, add: () => Refusal | null): Refusal | null {
  const { queue } = rig;
  const { packet, lane, size } = entry;
  const hasRoom = queue.count < limits.maxPackets && queue.bytes + size <= limits.maxBytes;
  const before = rig.live().filter((one) => one.packet.outcome === null);
  const { reached } = rig.surprises;
  const refusal = add();
  const allowed: (Refusal | null)[] = queue.isRemoved
    ? ["PEER_REMOVED"]
    : packet.deadline <= rig.now
      ? ["EXPIRED"]
      : size > limits.maxFrame
        ? ["TOO_BIG"]
        : hasRoom
          ? [null]
          : refusals[limits.policies[lane]];
  hold(allowed.includes(refusal), `${entry} is refused: ${refusal}`);
  if (refusal === null) {
    // What came in the middle of the call may have taken both away again.
    if (rig.surprises.reached > reached) return null;
    hold(packet.isQueued && packet.references === 2, `R4.1: ${entry} was taken, and is not queued`);
    hold(rig.isSignalled, `R4.1: ${entry} was taken without a signal`);
    return null;
  }
  hold(packet.place === Place.NONE && packet.references === 1, `${entry} was refused, and changed`);
  if (rig.surprises.reached > reached) return refusal;
  for (const { packet: other } of before)
    hold(other.outcome !== "dropped-by-policy", `${entry} was refused, and made another go`);
  return refusal;
}

/** G3, H4, H10: the outcome is one that what happened allows. */
export function holdOutcome(rig: Rig, entry: Entry, outcome: Outcome): void {
  const { packet, lane, isWithdrawn, isWithdrawnUnseen, wasBegun, wasWhole } = entry;
  const isLate = packet.deadline <= rig.now;
  hold(!isWithdrawnUnseen || outcome === "cancelled", `R8.1: ${entry} was withdrawn, and is ${outcome}`);
  const isAllowed: Record<Outcome, boolean> = {
    delivered: entry.isReceived,
    cancelled: isWithdrawn && !wasWhole,
    expired: isLate && !wasWhole,
    unknown:
      entry.isForgotten ||
      (wasWhole ? isLate || isWithdrawn || !packet.isRequeued : wasBegun && !packet.isRequeued),
    "peer-removed": rig.queue.isRemoved,
    "dropped-by-policy": limits.policies[lane] !== "reject" && limits.policies[lane] !== "wait" && !wasBegun,
    rejected: true,
  };
  hold(isAllowed[outcome], `G3: ${entry} ends ${outcome}`);
}

/** G2, G4: all is quiet, and everything that could be delivered was. */
export function holdEnd(rig: Rig): void {
  const { entries, queue, receiver } = rig;
  for (const entry of entries)
    if (entry.wasAccepted) hold(entry.outcome !== null, `G4: ${entry} comes to no outcome`);
  hold(queue.count === 0 && queue.bytes === 0, "G2: something is counted, and nothing there");
  const rest = [...queue.packets()].length;
  hold(rest === 0, `G1: ${rest} packets are left in lists`);
  const { taken } = receiver;
  for (const entry of entries) {
    const { outcome, packet } = entry;
    if (outcome === "delivered")
      hold(taken.has(entry), `${entry} is delivered, and the peer does not have it`);
    if (taken.has(entry))
      hold(
        outcome === "delivered" || outcome === "unknown" || outcome === "rejected" || packet.maybeDelivered,
        `${entry} arrived, and is ${outcome}`,
      );
    packet.release();
    hold(packet.references === 0 && packet.body.references === 0, `G2: ${entry} is held by somebody`);
  }
  hold(rig.budget.used === 0, `G2: ${rig.budget.used} bytes are held by nobody`);
}

/** R6.1 to R8.3: this is the frame to be written now, from byte `start` of its packet on. */
export function holdWritable(rig: Rig, session: RigSession, entry: Entry, start: number): void {
  const { packet, lane } = entry;
  const isFirst = entry.session !== session.serial;
  hold(start === (isFirst ? 0 : entry.end), `R6.2: ${entry} goes on at byte ${start}`);
  hold(isFirst || start > 0 || entry.size === 0, `R6.3: ${entry} is written twice in a session`);
  hold(!entry.isWithdrawnUnseen && !entry.isSilent, `R8.1: ${entry} was withdrawn, and bytes of it leave`);
  hold(packet.outcome === null || !isFirst, `G3: ${entry} is ${packet.outcome}, and bytes of it leave`);
  if (!isFirst) return;
  hold(packet.deadline > rig.now, `R8.2: ${entry} leaves after its time`);
  if (rig.kind === "one stream") hold(packet.isNumberSafe, `${entry} leaves before its number is safe`);
  else
    hold(entry.seq > session.begun[lane], `R6.1: ${entry} leaves after ${session.begun[lane]} of its lane`);
}

/** G5: all that the removed peer's queue held is over. */
export function holdRemoved(queue: PeerQueue, held: Entry[]): void {
  for (const entry of held) {
    hold(entry.outcome !== null, `G5: ${entry} outlives its peer`);
    hold(
      entry.outcome !== "peer-removed" || entry.packet.maybeDelivered === entry.wasWhole,
      `G5: ${entry} says maybeDelivered: ${entry.packet.maybeDelivered}`,
    );
  }
  hold(queue.count === 0 && queue.bytes === 0 && [...queue.packets()].length === 0, "G5: something is left");
}
