/** Decisions of PROTOCOL.md (section 5) that have no test of their own elsewhere. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Carrier } from "../host/session/carrier.ts";
import { nobody } from "../host/session/session-owner.ts";
import { SessionServer } from "../host/session/session-server.ts";
import { nowhere } from "../host/session/wire.ts";
import { Code } from "./session/codes.ts";
import { tickSession } from "./session/lifecycle.ts";
import { Phase } from "./session/state.ts";
import { join, pair, refusalOf } from "./testing/joined-sides.ts";
import { root, sourceOf } from "./testing/protocol-source.ts";
import { hexOf } from "./testing/side.ts";

const settings = { syncIntervalMinMs: 20, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 65536 };

/** A connection on which nothing travels. */
class IdleCarrier implements Carrier {
  readonly remoteAddress = "";
  readonly wire = nowhere;
  readonly gathered = 0;
  dropped: Code | 0 = 0;
  constructor(readonly name: string) {}
  output(): void {}
  settle(): void {}
  settleNow(): void {}
  drop(code: Code): void {
    this.dropped = code;
  }
}

describe("decisions that have no test elsewhere", () => {
  const clock = { now: () => 0, wall: () => 0 };
  const newServer = () => new SessionServer(settings, clock, () => nobody);

  test("D7: ids are 16 bytes, never twice the same, and one that is not known has no session", () => {
    const server = newServer();
    const ids = Array.from({ length: 50 }, () => server.create(new IdleCarrier("a"), {})!.id);
    expect(new Set(ids.map(hexOf)).size).toBe(50);
    expect(ids.every((id) => id.length === 16)).toBe(true);
    const carrier = new IdleCarrier("b");
    expect(server.resume(new Uint8Array(16), carrier)).toBe(null);
    expect(server.resume(Uint8Array.of(...ids[0], ...new Uint8Array(16)), carrier)).toBe(null);
    expect(refusalOf(`0121${"00".repeat(33)}`)).toBe("02"); // longer than any id
  });

  test("D8: a refused connection is held 500…3000 ms, and not at all when 100 are", () => {
    const server = newServer();
    const delays = Array.from({ length: 100 }, () => server.holdRefused());
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...delays)).toBeLessThanOrEqual(3000);
    expect(server.holdRefused()).toBe(0);
    server.releaseRefused();
    expect(server.holdRefused()).toBeGreaterThan(0);
  });

  test("D10: the newest connection wins, and the older one's late end is ignored", () => {
    const server = newServer();
    const [older, newer] = [new IdleCarrier("older"), new IdleCarrier("newer")];
    const session = server.create(older, {})!;
    expect(server.resume(session.id, newer)).toBe(session);
    expect([older.dropped, newer.dropped]).toEqual([Code.REPLACED, 0]);
    session.detach(older);
    expect(session.carrier).toBe(newer);
    expect(session.session.phase).toBe(Phase.STATE);
  });

  test("D15: no wall clock in the codec, and the firmware never sets the board's", () => {
    const sources = (folder: string) =>
      readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".ts") && !/\.test\.ts$|^testing|\.d\.ts$/.test(path))
        .map((path) => `${folder}/${path}`);
    for (const path of sources("shared"))
      expect(sourceOf(path), path).not.toMatch(/\bDate\b|getTime|performance\./);
    for (const path of sources("device")) expect(sourceOf(path), path).not.toMatch(/\bsetTime\(/);
  });

  test("D18: a sync with a count is a heartbeat", () => {
    const { client, server } = pair();
    join(client, server);
    server.send("61");
    server.hear("0001", 9000);
    tickSession(server.session, 10_000);
    expect(server.disconnected).toBe(0);
    tickSession(server.session, 19_000);
    expect(server.disconnected).toBe(Code.DEAD);
  });
});
