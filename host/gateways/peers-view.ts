/** What people are shown of all other gateways, and of this one, as those have to be told of it. */
import { fillOf, type QueueFill } from "../queue/queue-fill.ts";
import type { GatewayNames } from "./gateway-names.ts";
import type { Gateways } from "./gateways.ts";
import type { Mesh } from "./mesh.ts";
import type { PeerView } from "./peer-view.ts";

export interface ShownPeer extends PeerView {
  /** What waits here for it. */
  waiting: Pick<QueueFill, "packets" | "bytes" | "oldestMs">;
  /** Frames taken from it, repeats dropped, frames that were not understood. */
  received: number;
  repeats: number;
  faults: number;
  /** So far. */
  sessions: number;
  connections: number;
  /** Gateways behind it, by the names that they have here. */
  leadsTo: string[];
  /** Its boards whose messages come here too; * stands for any letters. */
  subscribe: string[];
}

/** What another gateway's configuration has to say of this one. */
export interface SelfView {
  id: string;
  name: string;
  /** Where it listens for others, or will once there is one; null: it does not. */
  listen: { host: string; port: number; isOpen: boolean } | null;
}

/** GET /api/v1/peers. */
export interface PeersView {
  gateway: SelfView;
  peers: ShownPeer[];
}

export interface PeersViewOptions {
  name: string;
  gateways: Gateways;
  mesh: Mesh;
  names: GatewayNames;
  /** Of the queues' clock. */
  now: number;
}

export function viewPeers({ name, gateways, mesh, names, now }: PeersViewOptions): PeersView {
  const { address, settings } = gateways;
  const { enabled, listen } = settings;
  const wanted = enabled && listen.enabled ? { host: listen.host, port: listen.port, isOpen: false } : null;
  const shown = (view: PeerView): ShownPeer => {
    const hostId = BigInt(view.id);
    const peer = mesh.get(hostId);
    const { packets, bytes, oldestMs } = fillOf(peer?.queue ?? null, now);
    const { received, faults, sessions, connections } = peer?.counts ?? nothing;
    return {
      ...view,
      name: names.nameOf(hostId),
      waiting: { packets, bytes, oldestMs },
      ...{ received, repeats: peer?.intake.repeats ?? 0, faults, sessions, connections },
      leadsTo: mesh.behind(hostId).map((id) => names.nameOf(id)),
      subscribe: gateways.registry.get(hostId)?.config.subscribe ?? [],
    };
  };
  const own = {
    id: `${mesh.hostId}`,
    name,
    listen: address === null ? wanted : { ...address, isOpen: true },
  };
  return { gateway: own, peers: gateways.view().map(shown) };
}

const nothing = { received: 0, faults: 0, sessions: 0, connections: 0 };
