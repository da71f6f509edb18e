/**
 * The packets of a queue in the order in which they leave: first those that have, or have a number; then as the lanes
 * take turns (iotgw §9), beginning with a round in which no lane has saved anything up.
 */
import { LaneTurns } from "./lane-turns.ts";
import { LANES, type Packet, Place } from "./packet.ts";
import type { PeerQueue } from "./peer-queue.ts";
import { placeOf } from "./queue-fill.ts";

export function* leavingOrder(queue: PeerQueue): Generator<Packet> {
  const lanes = Array.from({ length: LANES }, (): Packet[] => []);
  for (const packet of queue.packets()) {
    if (placeOf(packet.place) === null) continue;
    if (packet.place === Place.WIRE || packet.number > 0) yield packet;
    else lanes[packet.lane].push(packet);
  }
  yield* inTurns(lanes, queue.fragmentBytes);
}

/** Each where its first piece leaves. */
function* inTurns(lanes: readonly Packet[][], fragmentBytes: number): Generator<Packet> {
  const turns = new LaneTurns();
  const next = lanes.map(() => 0);
  const gone = lanes.map(() => 0);
  const sizeOf = (lane: number) => {
    const packet = lanes[lane].at(next[lane]);
    return packet === undefined ? 0 : Math.max(1, Math.min(fragmentBytes, packet.size - gone[lane]));
  };
  for (;;) {
    const sizes = lanes.map((_, lane) => sizeOf(lane));
    const lane = turns.pick(sizes);
    if (lane < 0) return;
    const packet = lanes[lane][next[lane]];
    if (gone[lane] === 0) yield packet;
    turns.spend(lane, sizes[lane]);
    gone[lane] += sizes[lane];
    if (gone[lane] < packet.size) continue;
    gone[lane] = 0;
    next[lane]++;
  }
}
