/**
 * Frames whose way has changed while they waited: those of which no byte has left go the new way. What had been written
 * once stays with the hop it was written to, which may have it (iotgw §9).
 */
import { decodeFrame } from "../iotgw/decode-frame.ts";
import { RouteFlag } from "../iotgw/frame.ts";
import { FrameFault } from "../iotgw/frame-fault.ts";
import { setRouteFlag } from "../iotgw/patch-frame.ts";
import type { Packet } from "../queue/packet.ts";
import type { Store } from "../store/store.ts";
import type { MeshPeer } from "./mesh-peer.ts";

/** How many went another way. */
export function reroute(
  peers: readonly MeshPeer[],
  nextHop: (dst: bigint) => MeshPeer | undefined,
  store: Store,
): number {
  let moved = 0;
  for (const from of peers)
    for (const packet of [...from.queue.packets()]) {
      const dst = destinationOf(packet);
      const to = dst === null ? undefined : nextHop(dst);
      if (to === undefined || to === from) continue;
      const taken = from.frames.takeOut(packet);
      if (taken === null) continue;
      // Younger ones may have gone the new way: their numbers are not to speak for this one.
      setRouteFlag(taken.frame, RouteFlag.MOVED);
      const { changes, onCommitted } = to.frames.prepare(taken.frame, taken.options);
      // Out of the one and into the other in one commit: it is never in both, nor in none.
      store.keep([{ key: taken.key, value: null }, ...changes], onCommitted);
      moved++;
    }
  return moved;
}

function destinationOf({ body: { bytes } }: Packet): bigint | null {
  const view = decodeFrame(bytes, 0, bytes.length, bytes.length);
  return view instanceof FrameFault ? null : (view.route?.dst ?? null);
}
