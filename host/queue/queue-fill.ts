/** What waits in one queue, counted by place and by lane: plain, ready for JSON. */
import { LANES, Place } from "./packet.ts";
import type { PeerQueue } from "./peer-queue.ts";

export interface Amount {
  packets: number;
  bytes: number;
}

/** Where a packet that waits can be, in the order in which it passes there (iotgw X.1 steps 4 to 7). */
export type PlaceName = "new" | "working" | "session" | "wire";

export interface QueueFill extends Amount {
  /** How long the oldest has waited, ms; null: nothing waits. */
  oldestMs: number | null;
  places: Record<PlaceName, Amount>;
  /** By lane, 0…3. */
  lanes: Amount[];
}

/** Null: it has come to its outcome, and only fills its number's place. */
export function placeOf(place: Place): PlaceName | null {
  switch (place) {
    case Place.NEW:
      return "new";
    case Place.WORKING:
      return "working";
    case Place.SESSION:
      return "session";
    case Place.WIRE:
      return "wire";
    default:
      return null;
  }
}

/** `queue`: null, as long as nothing ever was added; `now`: ms of its clock. */
export function fillOf(queue: PeerQueue | null, now: number): QueueFill {
  const nothing = (): Amount => ({ packets: 0, bytes: 0 });
  const places = { new: nothing(), working: nothing(), session: nothing(), wire: nothing() };
  const lanes = Array.from({ length: LANES }, nothing);
  let oldestAt = Infinity;
  for (const packet of queue?.packets() ?? []) {
    const place = placeOf(packet.place);
    if (place === null) continue;
    for (const amount of [places[place], lanes[packet.lane]]) {
      amount.packets++;
      amount.bytes += packet.size;
    }
    oldestAt = Math.min(oldestAt, packet.addedAt);
  }
  const { count: packets = 0, bytes = 0 } = queue ?? {};
  return {
    packets,
    bytes,
    oldestMs: oldestAt === Infinity ? null : Math.round(now - oldestAt),
    places,
    lanes,
  };
}
