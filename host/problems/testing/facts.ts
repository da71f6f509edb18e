/** Facts of a gateway in which all is well; a test says what is not. */
import type { ComponentView } from "../../hub/views.ts";
import type { PeerQueueView } from "../../router/queued-peer.ts";
import type { DeviceView } from "../../router/views.ts";
import type { Facts } from "../facts.ts";

export const NOW = 1_795_301_705_000;

export function facts(seen: Partial<Facts> = {}): Facts {
  return {
    now: NOW,
    devices: [],
    links: [],
    ports: [],
    queue: { store: storeFill(), boards: [], peers: [] },
    store: { whenFull: "dropOldest", maxMessages: 1e6, fault: null, low: null },
    history: null,
    keys: null,
    peers: [],
    letters: new Map(),
    irc: {
      ...{ enabled: false, address: "", key: null, networks: [], routes: [] },
      commands: { accepted: 0, refused: 0, open: 0, people: 0, silenced: 0 },
    },
    upstreams: [],
    components: [],
    silentTasks: [],
    unconfirmed: [],
    losses: [],
    silent: [],
    authFailures: { board: 0, gateway: 0, http: 0, irc: 0, kill: 0 },
    ...seen,
  };
}

export function storeFill(seen: Partial<Facts["queue"]["store"]> = {}): Facts["queue"]["store"] {
  return {
    ...{
      messages: 10,
      bytes: 1000,
      maxBytes: 1e6,
      written: 1000,
      oldest: 1,
      oldestAt: NOW - 1000,
      dropped: 0,
    },
    ...{ refused: 0, pending: 0, isHeld: false, fault: "", low: "", bytesPerS: 0, fullInS: null },
    ...seen,
  };
}

export function board(id: string, seen: Partial<DeviceView> = {}): DeviceView {
  return {
    ...{ id, gateway: "", connected: true, since: NOW - 60_000, hasLeft: false, via: "tcp 10.0.0.7:4711" },
    ...{ epoch: "e", watermark: 0, board: "", firmware: "", caps: [], delivered: 0, repeats: 0, missing: 0 },
    ...{ mayBeMissing: 0, lost: 0, sessions: 1, connections: 1, queued: 0, lastAt: NOW, last: null },
    ...seen,
  };
}

export function port(path: string, seen: Partial<Facts["ports"][number]> = {}): Facts["ports"][number] {
  return {
    ...{ path, open: true, waitingFor: "", mend: "", state: "speaking", lent: null, openings: 1 },
    ...{ reopened: 0, reset: 0, rebound: 0, latencyMs: null },
    ...seen,
  };
}

export function peer(name: string, seen: Partial<Facts["peers"][number]> = {}): Facts["peers"][number] {
  return {
    ...{
      id: "42",
      name,
      generation: 1,
      state: "open",
      via: "tcp 10.0.0.9:12002",
      isDialled: true,
      says: name,
    },
    ...{
      epoch: "e",
      nextTryMs: null,
      fault: "",
      waiting: { packets: 0, bytes: 0, oldestMs: null },
      received: 0,
    },
    ...{ repeats: 0, faults: 0, sessions: 1, connections: 1, leadsTo: [], subscribe: [] },
    ...seen,
  };
}

export function queue(name: string, seen: Partial<PeerQueueView> = {}): PeerQueueView {
  return {
    kind: "gateway",
    id: "42",
    name,
    packets: 1,
    oldestMs: 10,
    fullInS: null,
    ...seen,
  } as PeerQueueView;
}

export function component(name: string, seen: Partial<ComponentView> = {}): ComponentView {
  return {
    ...{ name, creator: "me", instances: 1, state: "alive", isDown: false, isSilent: false, message: "" },
    ...{
      syncTime: 0,
      heardAt: NOW,
      skewMs: 0,
      rhythmMs: 1000,
      heartbeats: 9,
      invalid: 0,
      address: "10.0.0.8:1",
    },
    ...{ since: NOW - 9000, ...seen },
  };
}
