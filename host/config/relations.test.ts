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

  it("adds to the faults of single keys, and is not hidden by them", () => {
    const value = { session: { syncIntervalMinMs: 6000 }, http: { port: 1.5 }, nonsense: 1 };
    expect(faults(value)).toHaveLength(3);
  });

  it.each([null, 5, [], { session: null }, { serial: [null, 3] }, { serial: {} }, { tcp: { host: 5 } }])(
    "says nothing of its own about %j",
    (value) => {
      expect(faults(value).filter((text) => text.includes("expected at most"))).toEqual([]);
    },
  );
});
