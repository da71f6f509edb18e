import { expect, test } from "vitest";
import { seededRandom } from "../transports/random.ts";
import type { GatewayPeer } from "./gateway-peer.ts";
import { haveNothing } from "./introducer.ts";
import { PeerRegistry, type RegisteredPeer } from "./peer-registry.ts";
import { peersOf } from "./testing/test-gateways.ts";

const connect = (...peers: object[]) => peersOf({ connect: peers }).connect;

/** A registry, and what its peers and its listener were told, in order. */
function registryOf() {
  const told: string[] = [];
  const make = (hostId: bigint, generation: number): GatewayPeer => ({
    hostId,
    haveUpTo: () => haveNothing,
    welcome() {},
    configure: () => void told.push(`${hostId}.${generation} configured`),
    remove: () => void told.push(`${hostId}.${generation} removed`),
  });
  const name = ({ hostId, generation }: RegisteredPeer) => `${hostId}.${generation}`;
  const registry = new PeerRegistry(make, {
    onAdded: (peer) => void told.push(`${name(peer)} added`),
    onChanged: (peer, before) => void told.push(`${name(peer)} changed from ${before.dial}`),
    onRemoved: (peer) => void told.push(`${name(peer)} gone`),
  });
  return { registry, told };
}

test("a peer is found by host id, in either form, or by name; another is unknown, synchronously", () => {
  const { registry } = registryOf();
  registry.apply(connect({ id: "9007199254740993", name: "gw2" }));
  const peer = registry.findPeer(9_007_199_254_740_993n);
  expect([registry.findPeer("9007199254740993"), registry.findPeer("gw2")]).toEqual([peer, peer]);
  for (const id of [9_007_199_254_740_992n, 0n, "9007199254740992", "gw3", "-1"])
    expect(() => registry.findPeer(id), String(id)).toThrow(
      expect.objectContaining({ code: "PEER_UNKNOWN" }),
    );
  expect(() => registry.findPeer("gw3")).toThrow("none of peers.connect; allowed: gw2");
});

test("a peer is found by its name, and by its id, in decimal or not", () => {
  const { registry } = registryOf();
  registry.apply(connect({ id: "42", name: "gw2" }, { id: "43" }));
  expect(["gw2", "42", 42n, "43"].map((id) => registry.findPeer(id).hostId)).toEqual([42n, 42n, 42n, 43n]);
});

test("what is the same is not touched; a removed peer's packets end before its session does", () => {
  const { registry, told } = registryOf();
  registry.apply(connect({ id: "42" }, { id: "43" }));
  told.length = 0;
  expect(registry.apply(connect({ id: "43" }, { id: "42" }))).toEqual({
    added: [],
    changed: [],
    removed: [],
  });
  expect(told).toEqual([]);
  registry.apply(connect({ id: "42", dial: "never" }, { id: "44" }));
  expect(told).toEqual([
    "43.1 removed",
    "43.1 gone",
    "42.1 configured",
    "42.1 changed from auto",
    "44.1 added",
  ]);
});

test("one that is disabled is one that is not listed", () => {
  const { registry } = registryOf();
  registry.apply(connect({ id: "42" }));
  expect(registry.apply(connect({ id: "42", enabled: false })).removed).toEqual(["42"]);
});

test("a handle is of one generation: removed, it refuses everything, and never becomes the next one (seed 3)", () => {
  const random = seededRandom(3);
  const { registry } = registryOf();
  const handles: { handle: RegisteredPeer; isStale: boolean }[] = [];
  let present = new Set<string>();
  const generations = new Map<string, number>();
  for (let step = 0; step < 500; step++) {
    const next = new Set(["1", "2", "3", "4"].filter(() => random() < 0.6));
    registry.apply(connect(...[...next].map((id) => ({ id }))));
    for (const held of handles) held.isStale ||= !next.has(String(held.handle.hostId));
    for (const id of next) {
      if (!present.has(id)) generations.set(id, (generations.get(id) ?? 0) + 1);
      const handle = registry.findPeer(id);
      expect([step, id, handle.generation]).toEqual([step, id, generations.get(id)]);
      if (random() < 0.2) handles.push({ handle, isStale: false });
    }
    present = next;
    for (const { handle, isStale } of handles.slice(-50)) {
      if (isStale) expect(() => handle.peer).toThrow(expect.objectContaining({ code: "PEER_REMOVED" }));
      else expect(handle.peer.hostId).toBe(handle.hostId);
    }
  }
  expect(handles.filter(({ isStale }) => isStale).length).toBeGreaterThan(100);
});
