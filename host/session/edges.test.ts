/** Sessions and connections at their edges: ended before they began, never admitted, of another version, listened to from the middle. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { codeName } from "../../shared/session/code-names.ts";
import { Code } from "../../shared/session/codes.ts";
import { systemClock } from "../platform/clock.ts";
import { silentLog } from "../platform/log.ts";
import { MemoryPair } from "../transports/memory-pair.ts";
import type { Carrier } from "./carrier.ts";
import { ClientSession } from "./client-session.ts";
import { Connection } from "./connection.ts";
import { Door, type Visitor } from "./door.ts";
import { gatewayLink } from "./gateway-link.ts";
import { LinkTally } from "./link-tally.ts";
import { ServerExchange } from "./server-exchange.ts";
import type { ServerSession } from "./server-session.ts";
import { nobody } from "./session-owner.ts";
import { SessionServer } from "./session-server.ts";
import { SessionTally } from "./session-tally.ts";
import { nowhere } from "./wire.ts";
import { readWireState } from "./wire-state.ts";

const settings = { syncIntervalMinMs: 20, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 65_536 };
const cable = { baud: 115_200, interByteTimeoutMs: 300, syncIntervalMaxMs: 5000 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A server whose sessions are written down, and never confirmed unless somebody does. */
function serverOf(closed: string[] = []) {
  const sessions: ServerSession[] = [];
  const server = new SessionServer(settings, systemClock, (session) => {
    sessions.push(session);
    return { ...nobody, onClosed: (code) => void closed.push(codeName(code)) };
  });
  return { server, sessions };
}

/** A wire that goes nowhere, and says so when it is dropped. */
function carrierOf(remoteAddress = "", name = "tcp") {
  const dropped: string[] = [];
  const said: Buffer[] = [];
  const carrier: Carrier = {
    ...{ name, remoteAddress, wire: nowhere, gathered: 0 },
    output: (bytes, start, end) => void said.push(Buffer.from(bytes.slice(start, end))),
    settle: () => {},
    settleNow: () => {},
    drop: (code) => void dropped.push(codeName(code)),
  };
  return { carrier, dropped, said: () => Buffer.concat(said.splice(0)).toString("hex") };
}

describe("a session of ours that is over", () => {
  test("asks for nothing over a wire that is opened late, and ends again for nobody", () => {
    const ended: string[] = [];
    const session = new ClientSession(settings, systemClock, (_, code) => ended.push(codeName(code)));
    session.finish(Code.CLOSED); // no wire: nobody is told
    const { carrier, said } = carrierOf();
    const exchange = session.beginExchange(carrier);
    expect([exchange.session, exchange.deadline, said()]).toEqual([null, Number.POSITIVE_INFINITY, ""]);
    session.endWith(Uint8Array.of(1, 2), Code.REPLACED);
    expect(said()).toBe("");
    expect(ended).toEqual([codeName(Code.CLOSED)]);
  });

  test.each([
    ["01", Code.VERSION_UNSUPPORTED, { version: 1, unknown: 0 }],
    ["02", Code.SESSION_UNKNOWN, { version: 0, unknown: 1 }],
  ])("by a reply of %s tells and counts why", (reply, why, counted) => {
    const tally = new SessionTally();
    const ended: string[] = [];
    const onEnded = (_: ClientSession, code: Code) => ended.push(codeName(code));
    const session = new ClientSession(settings, systemClock, onEnded, null, tally);
    const exchange = session.beginExchange(carrierOf().carrier);
    exchange.hear(Buffer.from(reply, "hex"), 0, 1, 0);
    expect(ended).toEqual([codeName(why)]);
    expect(tally.resumes).toEqual({ ok: 0, auth: 0, gap: 0, ...counted });
  });
});

test("an end that is told twice is counted once, and a gap is one of its own", () => {
  const tally = new SessionTally();
  const { session } = new ClientSession(settings, systemClock, () => {}, null, new SessionTally());
  tally.begun(session);
  session.skipped = 3;
  tally.ended(session, Code.PACKET_GAP);
  tally.ended(session, Code.PACKET_GAP);
  tally.ended(session, Code.KEY_NEEDED);
  expect([tally.resumes.gap, tally.authFailures, tally.skipped]).toEqual([1, 0, 3]);
});

describe("a session that is never admitted", () => {
  test("is ended by the sweep once its time is over, though it has its connection", async () => {
    const closed: string[] = [];
    const { server, sessions } = serverOf(closed);
    server.create(carrierOf().carrier, {});
    await pass(10_000);
    server.sweep(systemClock.now());
    expect([sessions.length, closed]).toEqual([1, []]);
    await pass(1);
    server.sweep(systemClock.now());
    expect(closed).toEqual([codeName(Code.EXPIRED)]);
    expect([...server.all()]).toEqual([]);
  });

  test("of one address there are four with a connection; without one the oldest goes for the next", async () => {
    const closed: string[] = [];
    const { server, sessions } = serverOf(closed);
    const wires = Array.from({ length: 4 }, () => carrierOf("10.0.0.1").carrier);
    for (const wire of wires) expect(server.create(wire, {})).not.toBeNull();
    expect(server.create(carrierOf("10.0.0.1").carrier, {})).toBeNull();
    expect(server.create(carrierOf("10.0.0.2").carrier, {})).not.toBeNull();
    await pass(10);
    sessions[1].detach(wires[1]);
    expect(server.create(carrierOf("10.0.0.1").carrier, {})).not.toBeNull();
    expect(closed).toEqual([codeName(Code.TOO_MANY)]);
  });
});

describe("the door", () => {
  class Guest implements Visitor {
    isAdmitted = false;
    fault: Code | 0 = 0;
    constructor(readonly remoteAddress: string) {}
    drop(code: Code): void {
      this.fault = code;
    }
  }

  test("counts nobody as a stranger who was admitted meanwhile", () => {
    const door = new Door(systemClock);
    const guests = ["a", "a", "b"].map((address) => new Guest(address));
    for (const guest of guests) door.enter(guest);
    expect(door.counts).toEqual({ connections: 3, strangers: 3, turnedAway: 0 });
    guests[0].isAdmitted = true;
    expect(door.counts.strangers).toBe(2);
    expect(door.counts.strangers).toBe(2);
  });

  test("forgets of those who failed the one it met first, but nobody who is there", () => {
    const door = new Door(systemClock);
    const fail = (address: string) => {
      const guest = new Guest(address);
      const delay = door.enter(guest);
      guest.fault = Code.PROOF_INVALID;
      door.left(guest);
      return delay;
    };
    const there = new Guest("there");
    door.enter(there);
    for (let n = 0; n < 20; n++) {
      fail("there");
      fail("gone");
    }
    expect([fail("there"), fail("gone")].map((delay) => delay > 0)).toEqual([true, true]);
    for (let n = 0; n < 10_001; n++) fail(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`);
    expect([fail("there"), fail("gone")].map((delay) => delay > 0)).toEqual([true, false]);
    expect(door.counts.connections).toBe(1);
  });
});

describe("a connection", () => {
  const begin = () => {
    const pair = new MemoryPair({ delivery: "microtask" });
    const { server, sessions } = serverOf();
    const connection = new Connection(pair.b, server, systemClock, silentLog, null, () => {});
    const heard: string[] = [];
    let end = "";
    pair.a.start({
      onChunk: (chunk) => void heard.push(Buffer.from(chunk).toString("hex")),
      onDrain: () => {},
      onClose: (reason) => {
        end = reason;
      },
    });
    return { pair, connection, sessions, heard, end: () => end };
  };

  test("that is to begin later reads nothing until then, and has no frames", async () => {
    const { pair, connection, sessions } = begin();
    connection.start(1000);
    pair.a.write(Buffer.from("010000", "hex"));
    await pass(999);
    expect(sessions).toHaveLength(0);
    await pass(1);
    expect(sessions).toHaveLength(1);
    connection.start(); // once more changes nothing
    await pass(0);
    expect([sessions.length, connection.frames]).toEqual([1, 0]);
  });

  test("that is stopped before it has begun is over, and begins no more", async () => {
    const { pair, connection, sessions, end } = begin();
    connection.start(1000);
    connection.stop();
    pair.a.write(Buffer.from("010000", "hex"));
    await pass(5000);
    expect([sessions.length, end() === ""]).toEqual([0, false]);
  });
});

describe("who listens from the middle on", () => {
  test("is told what of a request has come, and of one that is refused nothing", () => {
    const { server } = serverOf();
    const { carrier } = carrierOf();
    const hear = (exchange: ServerExchange, hex: string) =>
      exchange.hear(Buffer.from(hex, "hex"), 0, hex.length / 2, 0);
    const begun = new ServerExchange(carrier, server, {}, null, 0);
    hear(begun, "01");
    expect(readWireState(null, begun)).toMatchObject({
      board: { stage: "request", index: 0 },
      gateway: { stage: "reply", index: 0, partial: "" },
    });
    const refused = new ServerExchange(carrier, server, {}, null, 0);
    hear(refused, "7f");
    expect(refused.refusal).not.toBe(0);
    const nothing = { stage: "nothing", index: 0, partial: "" };
    expect(readWireState(null, refused)).toEqual({ link: null, board: nothing, gateway: nothing });
    expect(readWireState(null, null)).toEqual({ link: null, board: nothing, gateway: nothing });
  });

  test("of a gateway that asks is told that the reply has not come whole", () => {
    const session = new ClientSession(settings, systemClock, () => {});
    const { carrier } = carrierOf();
    expect(readWireState(null, session.beginExchange(carrier))).toMatchObject({
      board: { stage: "reply", index: 0, partial: "" },
      gateway: { stage: "packets", index: 0 },
    });
  });
});

test("a cable that nobody has opened from the other end is no link that stands", () => {
  const tally = new LinkTally();
  const handler = { onBytes() {}, onBroken() {}, onOpen() {}, onOutput() {} };
  tally.begun(gatewayLink(cable, handler as never));
  expect([tally.isOpen, tally.standing]).toEqual([false, 1]);
});
