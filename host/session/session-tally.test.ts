/** What is counted of sessions, at both ends of one in memory, in time that passes only when the test says so. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Code } from "../../shared/session/codes.ts";
import { appendPacket, createSendBuffer } from "../../shared/session/send-buffer.ts";
import { systemClock } from "../platform/clock.ts";
import { silentLog } from "../platform/log.ts";
import { FaultyLine } from "../transports/faulty.ts";
import { MemoryPair, type MemoryPairOptions } from "../transports/memory-pair.ts";
import { ClientSession } from "./client-session.ts";
import { Connection } from "./connection.ts";
import type { HostSession } from "./host-session.ts";
import { nobody } from "./session-owner.ts";
import { SessionServer } from "./session-server.ts";
import { SessionTally } from "./session-tally.ts";

const settings = { syncIntervalMinMs: 20, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 65_536 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A client that has all of its packets in its buffer, and a server that takes what comes. */
class House {
  readonly near = new SessionTally();
  readonly far = new SessionTally();
  readonly client: ClientSession;
  readonly server: SessionServer;
  received = 0;
  mayResume = true;
  private readonly buffer = createSendBuffer(new Uint8Array(20_000), 10_000);

  constructor() {
    const take = (session: HostSession, counted: () => void) => {
      const onPacket = (_bytes: Uint8Array, _start: number, _end: number, index: number) => {
        counted();
        session.accept(index + 1);
      };
      session.confirm(65_536);
      return { ...nobody, onPacket };
    };
    this.server = new SessionServer(
      settings,
      systemClock,
      (session) => take(session, () => this.received++),
      (session) => session !== undefined && this.mayResume,
      this.far,
    );
    this.client = new ClientSession(settings, systemClock, () => {}, null, this.near);
    this.client.setOwner(take(this.client, () => {}));
    this.client.bind(this.buffer);
  }

  send(text: string): void {
    const bytes = Buffer.from(text);
    expect(appendPacket(this.buffer, bytes, 0, bytes.length)).toBeGreaterThan(0);
    this.client.pump();
  }

  readonly join = (options: MemoryPairOptions = { delivery: "microtask" }): MemoryPair => {
    const pair = new MemoryPair(options);
    new Connection(pair.b, this.server, systemClock, silentLog, null, () => {}).start();
    new Connection(pair.a, this.client, systemClock, silentLog, null, () => {}).start();
    return pair;
  };
}

/** What the server says until packets flow: of a new session code, id and state, of one that goes on code and state. */
const NEW_BYTES = 1 + 1 + 16 + 1 + 1 + 3 + 1;
const RESUMED_BYTES = 1 + 1 + 1 + 3 + 1;
/** A line on which the client's packets leave, and nothing that answers them comes. */
const deafAfter = (cutAfterBytes: number): MemoryPairOptions => ({
  delivery: "microtask",
  toA: new FaultyLine({ seed: 1, cutAfterBytes }),
});

const resumes = (counts: Partial<SessionTally["resumes"]>) => ({
  ...{ ok: 0, unknown: 0, version: 0, auth: 0, gap: 0 },
  ...counts,
});

test("what left and was not acknowledged is counted when it leaves again, and nothing that leaves for the first time", async () => {
  const house = new House();
  const { near, far } = house;
  const pair = house.join();
  await pass(0);
  for (const text of ["one", "two", "three"]) house.send(text);
  pair.cut(); // all three have left, and none arrives
  house.send("four");
  expect([near.resentPackets, near.standing]).toEqual([
    0,
    { sessions: 1, connected: 0, packets: 4, bytes: 4 + 4 + 6 + 5 },
  ]);
  house.join();
  await pass(100);
  expect([near.resentPackets, near.resentBytes]).toEqual([3, 4 + 4 + 6]);
  expect([near.resumes, far.resumes]).toEqual([resumes({ ok: 1 }), resumes({ ok: 1 })]);
  expect([far.skipped, house.received]).toEqual([0, 4]); // they had not arrived
  expect(near.standing).toEqual({ sessions: 1, connected: 1, packets: 0, bytes: 0 });
});

test("a connection that ends halfway through a repetition leaves the rest to be counted by the next", async () => {
  const house = new House();
  const first = house.join();
  await pass(0);
  for (let i = 0; i < 6; i++) house.send(`packet ${i}`);
  first.cut(); // slow start let 4 of them leave (session D2)
  house.join(deafAfter(RESUMED_BYTES)); // as the first got nothing acknowledged, one packet leaves
  await pass(0);
  const halfway = house.near.resentPackets;
  house.join();
  await pass(100);
  expect([halfway, house.near.resentPackets, house.received]).toEqual([1, 4 + 1, 6]);
});

test("cut after any byte, what was sent again is at least what the other side skipped, and all arrives once", async () => {
  let skipped = 0;
  for (let bytes = 0; bytes < 60; bytes++) {
    const house = new House();
    for (const text of ["one", "two", "three", "four", "five"]) house.send(text);
    house.join(deafAfter(bytes));
    await pass(50);
    house.join();
    await pass(50);
    const seen = { bytes, received: house.received, isMore: house.near.resentPackets >= house.far.skipped };
    expect(seen).toEqual({ bytes, received: 5, isMore: true });
    skipped += house.far.skipped;
  }
  expect(skipped).toBeGreaterThan(0);
});

test("a resumed connection that gets nothing acknowledged is one without progress; a session's first is none", async () => {
  const house = new House();
  house.send("one");
  for (let i = 0; i < 3; i++) {
    house.join(deafAfter(i === 0 ? NEW_BYTES : RESUMED_BYTES));
    await pass(0);
  }
  expect([house.near.resumesWithoutProgress, house.received]).toEqual([2, 1]);
  house.join();
  await pass(50);
  expect(house.near.resumesWithoutProgress).toBe(2);
});

test("from the request until packets flow is a resume's time, from a packet to its acknowledgement its way and back", async () => {
  const house = new House();
  const pair = house.join();
  await pass(0);
  pair.cut();
  const slow = house.join({ delivery: "manual", toA: new FaultyLine({ seed: 1, delayMs: [30, 30] }) });
  for (let at = 0; at < 200; at++) {
    if (at === 100) house.send("one");
    slow.deliver(performance.now());
    await pass(1);
  }
  const { resumeSeconds, rttSeconds } = house.near;
  expect([resumeSeconds.count, rttSeconds.count]).toEqual([1, 1]);
  expect(resumeSeconds.sum).toBeCloseTo(0.03, 2);
  expect(rttSeconds.sum).toBeCloseTo(0.03, 2);
});

test("why a session was not gone on with is counted where it was asked for, and a wrong proof as one not let in", async () => {
  const lost = new House();
  lost.join();
  await pass(0);
  const pair = lost.join();
  await pass(0);
  pair.cut();
  for (const session of lost.server.all()) session.end(Code.EXPIRED);
  lost.join();
  await pass(0);
  expect([lost.near.resumes, lost.far.resumes]).toEqual([
    resumes({ ok: 1, unknown: 1 }),
    resumes({ ok: 1, unknown: 1 }),
  ]);
  expect([lost.near.standing.sessions, lost.far.standing.sessions]).toEqual([0, 0]);

  const wrong = new House();
  wrong.join();
  await pass(0);
  wrong.mayResume = false;
  wrong.join();
  await pass(0);
  expect([wrong.far.resumes, wrong.far.authFailures]).toEqual([resumes({ auth: 1 }), 1]);
});

test("a connection on which nothing is heard for two heartbeats is counted at both ends", async () => {
  const house = new House();
  const pair = house.join({ delivery: "manual" });
  await pass(0);
  pair.deliver(); // the handshake, and nothing after it
  await pass(10_000);
  expect([house.near.heartbeatMisses, house.far.heartbeatMisses]).toEqual([1, 1]);
});
