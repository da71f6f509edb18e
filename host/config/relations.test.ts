import { describe, expect, it } from "vitest";
import { configSchema } from "./schema.ts";

function faults(value: unknown): string[] {
  return (configSchema.safeParse(value).error?.issues ?? []).map((issue) => issue.message);
}

describe("checkRelations()", () => {
  it("wants the shortest heartbeat interval to be no longer than the longest", () => {
    expect(faults({ session: { syncIntervalMinMs: 50, syncIntervalMaxMs: 50 } })).toEqual([]);
    expect(faults({ session: { syncIntervalMinMs: 51, syncIntervalMaxMs: 50 } })).toEqual([
      "session.syncIntervalMinMs: expected at most session.syncIntervalMaxMs (50), got 51",
    ]);
  });

  it("wants the shortest wait for another gateway to be no longer than the longest", () => {
    expect(faults({ peers: { retryMinMs: 50, retryMaxMs: 50 } })).toEqual([]);
    expect(faults({ peers: { retryMinMs: 51, retryMaxMs: 50 } })).toEqual([
      "peers.retryMinMs: expected at most peers.retryMaxMs (50), got 51",
    ]);
  });

  it("wants every cable to keep the session's shortest interval", () => {
    const serial = [{ path: "a" }, { path: "b", syncIntervalMaxMs: 19 }];
    expect(faults({ serial })).toEqual([
      "session.syncIntervalMinMs: expected at most serial.1.syncIntervalMaxMs (19), got 20",
    ]);
  });

  it("wants the store to have room for the largest packet", () => {
    expect(faults({ session: { maxPacketBytes: 65537 }, store: { maxBytes: 65536 } })).toEqual([
      "session.maxPacketBytes: expected at most store.maxBytes (65536), got 65537",
    ]);
  });

  it("refuses a port that is listed twice, unless one of the two is disabled", () => {
    expect(faults({ serial: [{ path: "a" }, { path: "b" }, { path: "a" }] })).toEqual([
      "serial.2.path: the same port as serial.0",
    ]);
    expect(faults({ serial: [{ path: "a" }, { path: "a", enabled: false }] })).toEqual([]);
  });

  it.each<[string, object, string[]]>([
    [
      "a gateway by id",
      { connect: [{ id: "42" }, { id: "42" }] },
      ["peers.connect.1.id: the same gateway as peers.connect.0"],
    ],
    [
      "a name, whether of a peer or of one behind it",
      {
        connect: [
          { id: "42", name: "gw2" },
          { id: "43", name: "gw2" },
        ],
        routes: [{ to: "44", name: "gw2", via: "42" }],
      },
      [
        "peers.connect.1.name: the same name as peers.connect.0",
        "peers.routes.0.name: the same name as peers.connect.0",
      ],
    ],
    [
      "a number as a name",
      {
        connect: [
          { id: "42", name: "44" },
          { id: "43", name: "43" },
        ],
        routes: [{ to: "44", name: "42", via: "42" }],
      },
      [
        "peers.connect.0.name: 44 is the host number of another gateway",
        "peers.routes.0.name: 42 is the host number of another gateway",
      ],
    ],
    [
      "a way",
      {
        connect: [{ id: "42" }],
        routes: [
          { to: "44", via: "42" },
          { to: "44", via: "42" },
        ],
      },
      ["peers.routes.1.to: the same gateway as peers.routes.0"],
    ],
  ])("refuses %s that is listed twice", (_, peers, texts) => {
    expect(faults({ peers })).toEqual(texts);
  });

  it("does not count peers that are disabled", () => {
    expect(faults({ peers: { connect: [{ id: "42" }, { id: "42", enabled: false }] } })).toEqual([]);
  });

  it("refuses this gateway as its own peer", () => {
    const peers = { connect: [{ id: "41" }, { id: "42" }], routes: [{ to: "41", via: "42" }] };
    expect(faults({ gateway: { hostId: "41" }, peers })).toEqual([
      "peers.connect.0.id: is this gateway itself (gateway.hostId)",
      "peers.routes.0.to: is this gateway itself (gateway.hostId)",
      "peers.routes.0.to: 41 is one of peers.connect, and needs no route",
    ]);
  });

  it("wants a route to lead through a peer, to one that is none", () => {
    const connect = [{ id: "42" }, { id: "43", enabled: false }];
    expect(faults({ peers: { connect, routes: [{ to: "44", via: "43" }] } })).toEqual([
      "peers.routes.0.via: 43 is none of peers.connect; allowed: 42",
    ]);
    expect(faults({ peers: { connect, routes: [{ to: "44", via: "42" }] } })).toEqual([]);
  });

  it("wants a certificate and its key together", () => {
    expect(faults({ peers: { connect: [{ id: "42", tls: { cert: "gw.crt" } }] } })).toEqual([
      "peers.connect.0.tls: key is missing; a certificate needs its key",
    ]);
  });

  it("adds to the faults of single keys, and is not hidden by them", () => {
    const value = { session: { syncIntervalMinMs: 6000 }, http: { port: 1.5 }, nonsense: 1 };
    expect(faults(value)).toHaveLength(3);
  });

  it.each([
    null,
    5,
    [],
    { session: null },
    { serial: [null, 3] },
    { serial: {} },
    { peers: 3 },
    { peers: { connect: [null], routes: {} } },
    { tcp: { host: 5 } },
  ])("says nothing of its own about %j", (value) => {
    expect(faults(value).filter((text) => text.includes("expected at most"))).toEqual([]);
  });
});
