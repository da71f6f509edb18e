/** A gateway of which no metric is without samples, and its metrics. */
import type { IrcView } from "../../irc-bridge/views.ts";
import { Metrics } from "../../metrics/metrics.ts";
import { Packet } from "../../queue/packet.ts";
import { PeerQueue } from "../../queue/peer-queue.ts";
import type { QueuedPeer } from "../../router/queued-peer.ts";
import { FakeGateway, upstreamView } from "./fake-gateway.ts";
import { fillHouse } from "./house.ts";

export function metricsOf(gateway: FakeGateway): Metrics {
  return new Metrics({ sources: gateway, version: "0.1.0", now: () => 5000 });
}

export function queued(name: string, packets: number, kind: QueuedPeer["kind"] = "board"): QueuedPeer {
  const queue = new PeerQueue({ now: () => 1000 });
  for (let i = 0; i < packets; i++) queue.addPacket(Packet.copyOf(new Uint8Array(10), { lane: 3 })!);
  return {
    ...{ kind, id: name, name, queue, leadsTo: [], limits: { maxPackets: 100, maxBytes: null } },
    ...{ describe: () => null, withdraw: () => {} },
  };
}

/** Everything that there can be, so that no family is empty. */
export function fullHouse(): FakeGateway {
  const gateway = new FakeGateway();
  fillHouse(gateway);
  gateway.tallies.cable("/dev/ttyUSB7").rxBytes = 100;
  gateway.tallies.http.authFailures = 3;
  gateway.queued = [queued("pico-kitchen", 2), queued("gw2", 0, "gateway")];
  gateway.ircView = { ...gateway.ircView, networks: [ircNetwork("lab")] };
  gateway.upstreams = [upstreamView("webhooks.home")];
  gateway.peers = { ...gateway.peers, peers: [peer("gw2")] };
  return gateway;
}

function peer(name: string): FakeGateway["peers"]["peers"][number] {
  const view = { id: "2", name, generation: 1, state: "open", via: "", isDialled: true, says: name } as const;
  const counts = { received: 3, repeats: 0, faults: 0, sessions: 1, connections: 1 };
  const waiting = { packets: 0, bytes: 0, oldestMs: null };
  return {
    ...{ ...view, ...counts, waiting, epoch: "", nextTryMs: null, fault: "", leadsTo: [], subscribe: [] },
  };
}

function ircNetwork(name: string): IrcView["networks"][number] {
  const counts = { linesIn: 7, linesOut: 5, throttledMs: 1500 };
  const participant = { signaturesRefused: 2 };
  return { name, state: "online", counts, participant } as unknown as ReturnType<typeof ircNetwork>;
}
