/** What strangers may cost: slow ones by the thousand (users F4), guesses by the million (X1), and what they can learn. */
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { Code } from "../shared/session/codes.ts";
import { Admission } from "./admission/admission.ts";
import { openKeys } from "./admission/key-store.ts";
import { Pairing } from "./admission/pairing.ts";
import { configSchema } from "./config/schema.ts";
import { silentLog } from "./platform/log.ts";
import { isLoopback } from "./platform/loopback.ts";
import { Connection } from "./session/connection.ts";
import { Door, MAX_STRANGERS } from "./session/door.ts";
import { nobody } from "./session/session-owner.ts";
import { SessionServer } from "./session/session-server.ts";
import { nowhere } from "./session/wire.ts";
import { BoardClient } from "./testing/board-client.ts";
import { startGateway } from "./testing/gateway.ts";
import { stopAfterEach } from "./testing/stops.ts";
import { tcpTransport } from "./transports/tcp-transport.ts";
import type { Transport } from "./transports/transport.ts";

/** users F4: what a connection may hold that was not admitted. */
const MOST_BYTES_EACH = 20_000;

const settings = { syncIntervalMinMs: 20, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 65_536 };
const clock = { now: () => 0, wall: () => 0 };
const toStop = stopAfterEach();

describe("slow connections", () => {
  test("never hold more than the strangers that may stand, and the board that stands is served all the while", async () => {
    const gw = await startGateway();
    toStop.push(() => gw.stop());
    const dial = async (): Promise<Socket> => {
      const socket = connect(gw.tcpPort, "127.0.0.1");
      toStop.push(() => socket.destroy());
      await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
      return socket.on("error", () => {}).resume();
    };
    const board = new BoardClient({ id: "b-1", hasLink: false });
    board.attach(tcpTransport(await dial()));
    toStop.push(() => board.detach());
    await gw.until("hello", () => gw.gateway.devicesView().length === 1);
    for (let wave = 1; wave <= 4; wave++) {
      const slow = await Promise.all(Array.from({ length: 500 }, dial));
      for (const socket of slow) socket.write(Buffer.from([1]));
      board.send(JSON.stringify({ ot: "l:n", wave }));
      await gw.until(`message ${wave}`, () => gw.messages.length === wave);
      expect(gw.gateway.linksView().length).toBeLessThanOrEqual(1 + MAX_STRANGERS + 500); // the last wave may still close
    }
    expect(gw.gateway.devicesView()[0]).toMatchObject({ connected: true, sessions: 1, connections: 1 });
  });

  test("by the ten thousand hold 20 kB each at most, and no more than may stand at once", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const server = new SessionServer(settings, clock, () => nobody);
    const door = new Door(clock);
    const used = () => {
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const standing = new Set<Connection>();
    const slow = (i: number) => {
      let hear = (_: Uint8Array): void => {};
      let end = (): void => {};
      const transport: Transport = {
        name: `tcp 10.0.0.1:${i}`,
        remoteAddress: `10.0.${i >> 8}.${i & 255}`,
        start: (handler) => {
          hear = (chunk) => handler.onChunk(chunk);
          end = () => handler.onClose("over");
        },
        write: () => true,
        close: () => end(),
      };
      const onOver = (connection: Connection) => {
        standing.delete(connection);
        door.left(connection);
      };
      const connection = new Connection(transport, server, clock, silentLog, null, onOver);
      standing.add(connection);
      connection.start(door.enter(connection));
      hear(Uint8Array.of(1)); // and no more
    };
    const before = used();
    for (let i = 0; i < 10_000; i++) slow(i);
    await new Promise((resolve) => setImmediate(resolve)); // what the turn's end holds is let go
    const held = used() - before;
    expect(standing.size).toBe(MAX_STRANGERS);
    for (const connection of [...standing]) connection.drop(Code.HANDSHAKE_TIMEOUT);
    expect(held / MAX_STRANGERS).toBeLessThan(MOST_BYTES_EACH);
    expect([standing.size, door.counts.connections]).toEqual([0, 0]);
  });
});

test("a million guessed ids find none of a hundred sessions, with a proof or without", () => {
  const keys = openKeys("memory");
  const admission = new Admission(keys, new Pairing(keys, clock), { isInsecure: true, isLoopback: false });
  const server = new SessionServer(
    settings,
    clock,
    () => nobody,
    (session, shown, wire) => admission.mayResume(session, shown, wire),
  );
  const carrier = {
    name: "tcp",
    remoteAddress: "",
    wire: nowhere,
    output() {},
    settle() {},
    gathered: 0,
    settleNow() {},
    drop() {},
  };
  const sessions = Array.from({ length: 100 }, () => server.create({ ...carrier }, {})!);
  expect(server.resume(sessions[99].id, carrier)).toBe(sessions[99]);
  let hits = 0;
  for (let block = 0; block < 100; block++) {
    const noise = randomBytes(10_000 * 16 + 16);
    for (let i = 0; i < 10_000; i++) {
      const size = block % 10 === 0 ? 32 : 16;
      if (server.resume(noise.subarray(16 * i, 16 * i + size), carrier) !== null) hits++;
    }
  }
  expect(hits).toBe(0);
});

test("every address that is listened on by default is the loopback (users X5)", () => {
  const hosts = (value: unknown): string[] =>
    typeof value !== "object" || value === null
      ? []
      : Object.entries(value).flatMap(([name, below]) => (name === "host" ? [String(below)] : hosts(below)));
  const found = hosts(configSchema.parse({}));
  expect(found.length).toBeGreaterThan(1);
  expect(found.filter((host) => !isLoopback(host))).toEqual([]);
});
