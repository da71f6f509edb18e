/** Both roles joined in memory, each with its own run loop, in time that passes only when the test says so. */
import { createHmac } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { codeName } from "../../shared/session/code-names.ts";
import { Code } from "../../shared/session/codes.ts";
import { appendPacket, createSendBuffer } from "../../shared/session/send-buffer.ts";
import { systemClock } from "../platform/clock.ts";
import { silentLog } from "../platform/log.ts";
import { FaultyLine } from "../transports/faulty.ts";
import { MemoryPair } from "../transports/memory-pair.ts";
import { ClientSession, type Mac } from "./client-session.ts";
import { Connection } from "./connection.ts";
import type { HostSession } from "./host-session.ts";
import type { ServerSession } from "./server-session.ts";
import type { SessionOwner } from "./session-owner.ts";
import { SessionServer } from "./session-server.ts";

const settings = { syncIntervalMinMs: 20, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 65_536 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** One end of a session: confirmed at once, accepts at once, writes down what it is told. */
class End<S extends HostSession> implements SessionOwner {
  readonly got: string[] = [];
  readonly told: string[] = [];
  readonly buffer = createSendBuffer(new Uint8Array(200_000), 100_000);
  acknowledged = 0;

  constructor(
    readonly session: S,
    isKnown = true,
  ) {
    session.setOwner(this);
    if (!isKnown) return;
    session.confirm(65_536);
    session.bind(this.buffer);
  }

  send(text: string | Uint8Array): void {
    const bytes = Buffer.from(text);
    expect(appendPacket(this.buffer, bytes, 0, bytes.length)).toBeGreaterThan(0);
    this.session.pump();
  }

  onPacket(bytes: Uint8Array, start: number, end: number, index: number): void {
    this.got.push(Buffer.from(bytes.slice(start, end)).toString());
    this.session.accept(index + 1);
  }

  onAcknowledged(count: number): void {
    this.acknowledged += count;
  }

  onConnected(): void {
    this.told.push("connected");
  }

  onDisconnected(): void {
    this.told.push("disconnected");
  }

  onWritable(): void {
    this.told.push("writable");
  }

  onClosed(code: Code): void {
    this.told.push(`closed: ${codeName(code)}`);
  }
}

/** A server with its sessions, and a client of it. */
class House {
  readonly far: End<ServerSession>[] = [];
  /** Why connections were dropped or refused, at the client's end. */
  readonly faults: string[] = [];
  readonly client: End<ClientSession>;
  readonly server: SessionServer;

  /** `isKnown`: whether the client has been told who the server is. */
  constructor(options: { isKnown?: boolean; mac?: Mac; shown?: Uint8Array[] } = {}) {
    this.server = new SessionServer(
      settings,
      systemClock,
      (session) => {
        const end = new End(session);
        this.far.push(end);
        return end;
      },
      (session, shown) => {
        options.shown?.push(shown);
        return session !== undefined;
      },
    );
    const session = new ClientSession(settings, systemClock, () => {}, options.mac);
    this.client = new End(session, options.isKnown);
  }

  /** A connection between the two. */
  readonly join = (faults: { toA?: FaultyLine; toB?: FaultyLine } = {}): MemoryPair => {
    const pair = new MemoryPair({ delivery: "microtask", ...faults });
    const { server, client } = this;
    new Connection(pair.b, server, systemClock, silentLog, null, () => {}).start();
    const near = new Connection(pair.a, client.session, systemClock, silentLog, null, () => {
      this.faults.push(near.fault === 0 ? "" : codeName(near.fault));
    });
    near.start();
    return pair;
  };
}

test("packets travel both ways, and each side is told what the other has", async () => {
  const { client, far, join } = new House();
  join();
  client.send("to the server");
  await pass(0);
  far[0].send("to the client");
  await pass(0);
  expect([far[0].got, client.got]).toEqual([["to the server"], ["to the client"]]);
  expect([client.acknowledged, far[0].acknowledged]).toEqual([1, 1]);
  expect(client.session.id).toEqual(Uint8Array.from(far[0].session.id));
});

test("cut after any byte, either way, the session goes on over the next connection: each packet once, in order", async () => {
  const packets = ["one", "two", "three", "four", "five"];
  for (const way of ["toA", "toB"] as const) {
    for (let bytes = 0; bytes < 70; bytes++) {
      const { client, far, join } = new House();
      for (const text of packets) client.send(text);
      join({ [way]: new FaultyLine({ seed: 1, cutAfterBytes: bytes }) });
      await pass(50);
      join().rechunk(3);
      await pass(50);
      for (const text of packets) far.at(-1)?.send(`re ${text}`);
      await pass(50);
      const what = `${way} cut after ${bytes} bytes`;
      expect([what, far.flatMap(({ got }) => got)]).toEqual([what, packets]);
      expect([what, client.got]).toEqual([what, packets.map((text) => `re ${text}`)]);
      expect([what, client.acknowledged, client.buffer.count]).toEqual([what, 5, 0]);
    }
  }
});

test("a session that the server has forgotten is over, and its packets are the owner's again", async () => {
  const { client, far, join } = new House();
  const pair = join();
  await pass(0);
  pair.cut();
  client.send("kept");
  far[0].session.end(Code.EXPIRED);
  join();
  await pass(0);
  expect(client.told).toEqual(["connected", "disconnected", "disconnected", "closed: SESSION_UNKNOWN"]);
  expect(client.buffer.count).toBe(1);
});

test("without a connection for as long as the server said, it is over", async () => {
  const { client, join } = new House();
  join();
  await pass(0);
  join().cut(); // the older connection was replaced by this one
  await pass(254_999);
  expect(client.told.at(-1)).toBe("disconnected");
  await pass(1);
  expect(client.told.at(-1)).toBe("closed: EXPIRED");
});

test("a newer connection takes the place of the one that stands", async () => {
  const { client, far, join, faults } = new House();
  join();
  await pass(0);
  join();
  await pass(0);
  client.send("over the second");
  await pass(0);
  expect(faults).toEqual(["REPLACED"]);
  expect([far.length, far[0].got]).toEqual([1, ["over the second"]]);
});

test("with a key it shows the id, a counter and a proof of both, never the same twice (session D7)", async () => {
  const key = Buffer.alloc(32, 7);
  const mac: Mac = (text) => createHmac("sha256", key).update(text, "latin1").digest();
  const shown: Uint8Array[] = [];
  const { client, far, join } = new House({ mac, shown });
  for (let i = 0; i < 3; i++) {
    join().deliver();
    await pass(0);
  }
  const { id } = far[0].session;
  const expected = [1, 2].map((counter) => {
    const body = Buffer.concat([Buffer.from("bowline-1 resume"), id, Buffer.from([0, 0, 0, counter])]);
    const proof = createHmac("sha256", key).update(body).digest().subarray(0, 12);
    return Buffer.concat([id, Buffer.from([0, 0, 0, counter]), proof]).toString("hex");
  });
  expect(shown.map((bytes) => Buffer.from(bytes).toString("hex"))).toEqual(expected);
  expect(client.told.at(-1)).toBe("connected");
});

test("a server that says nothing of itself has 5 s", async () => {
  const { client, faults, join } = new House({ isKnown: false });
  join();
  await pass(4999);
  expect([client.told, faults]).toEqual([["connected"], []]);
  await pass(1);
  expect(client.told).toEqual(["connected", "disconnected", "closed: ADMISSION_OVERDUE"]);
  expect(faults).toEqual(["ADMISSION_OVERDUE"]);
});

test("a server that is not admitted may send 4 KiB", async () => {
  const { client, far, join } = new House({ isKnown: false });
  join();
  await pass(0);
  // 16 bytes of handshake and state, and packets of 242: the seventeenth is the first byte too many.
  for (let i = 0; i < 17; i++) far[0].send(new Uint8Array(240));
  await pass(0);
  expect([client.got.length, client.told.at(-1)]).toEqual([17, "closed: ADMISSION_OVERDUE"]);
});

test("finish() tells the other side at once, and endWith() after one more packet", async () => {
  const house = new House();
  house.join();
  await pass(0);
  house.client.session.finish(Code.SUPERSEDED);
  await pass(0);
  expect(house.far[0].told.at(-1)).toBe("closed: CLOSED");

  const other = new House();
  other.join();
  await pass(0);
  other.client.send("before");
  other.client.session.endWith(Buffer.from("the last"), Code.HELLO_INVALID);
  await pass(0);
  expect(other.far[0].got).toEqual(["before", "the last"]);
  expect(other.far[0].told.at(-1)).toBe("disconnected");
});
