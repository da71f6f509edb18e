/**
 * The session against a wire that delays, re-chunks and is cut, in simulated time, beside the naive model: what
 * arrived is the beginning of what was sent. SEED=n replays one run.
 */
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../host/transports/random.ts";
import { Side } from "../testing/side.ts";
import { Wire } from "../testing/wire.ts";

const only = process.env.SEED;
const seeds = only ? [Number(only)] : Array.from({ length: 60 }, (_, i) => 1000 + i);

/** Packet n of a stream: its number, then up to 300 bytes that depend on it. */
function packet(n: number): Uint8Array {
  const bytes = new Uint8Array(4 + ((n * 7919) % 300));
  new DataView(bytes.buffer).setUint32(0, n);
  bytes.fill(n & 255, 4);
  return bytes;
}

const hex = (n: number) => Buffer.from(packet(n)).toString("hex");

/** Feeds both ends from endless streams until `total` packets went each way. */
function run(seed: number, total: number, meanCut: number): { wire: Wire; client: Side; server: Side } {
  const random = seededRandom(seed);
  const client = new Side({ isClient: true, bufferBytes: 4096 });
  const server = new Side({ isClient: false, bufferBytes: 8192 });
  const cutAfter = () => 60 + Math.floor(-Math.log(1 - random()) * meanCut);
  const wire = new Wire(client, server, {
    random,
    delay: 30,
    chunk: 1 + Math.floor(random() * 200),
    cutAfter,
  });
  const sent = [0, 0];
  for (let steps = 0; steps < 3_000_000; steps++) {
    if (!wire.isConnected) {
      wire.now += 1 + Math.floor(random() * 500);
      wire.connect();
    }
    [client, server].forEach((side, i) => {
      while (sent[i] < total && side.send(packet(sent[i])) > 0) sent[i]++;
    });
    wire.step();
    if (client.acknowledged === total && server.acknowledged === total) return { wire, client, server };
  }
  throw new Error(
    `seed ${seed}: no end after 3 000 000 steps; delivered ${server.packets.length} and ${client.packets.length}`,
  );
}

describe("a session over a bad wire", () => {
  test.each(seeds)("seed %i: nothing lost, doubled or reordered, either way", (seed) => {
    const total = 400;
    const { wire, client, server } = run(seed, total, 3000);
    expect(wire.cuts, `seed ${seed}`).toBeGreaterThan(5);
    for (const side of [client, server]) {
      expect(side.packets.length, `seed ${seed}`).toBe(total);
      side.packets.forEach((got, n) => {
        if (got !== hex(n)) expect(got, `seed ${seed}, packet ${n}`).toBe(hex(n));
      });
      expect(side.indexes).toEqual(Array.from({ length: total }, (_, i) => i));
      expect(side.closed).toBe(0);
    }
  });

  test("20 000 packets each way through more than 1000 cuts", () => {
    const { wire, client, server } = run(42, 20_000, 6000);
    expect(wire.cuts).toBeGreaterThan(1000);
    expect(client.packets.length).toBe(20_000);
    expect(server.packets.every((got, n) => got === hex(n))).toBe(true);
    expect(client.packets.every((got, n) => got === hex(n))).toBe(true);
  });
});

describe("links that die early still make progress (D2)", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "each connection ends after the handshake, %i packets and one sync",
    (k) => {
      const client = new Side({ isClient: true, bufferBytes: 1 << 20 });
      const server = new Side({ isClient: false });
      const size = 100;
      // up: request 3 or 19 bytes with the state, then k packets; down: answer and state 24 or 8 bytes, then a sync of 2.
      const budget = () => (server.session.opened === 0 ? 3 + 24 : 19 + 10) + k * (size + 1) + 2;
      const wire = new Wire(client, server, { random: () => 0, cutAfter: budget });
      for (let i = 0; i < 1000; i++) client.send(new Uint8Array(size).fill(i));
      let connections = 0;
      while (client.acknowledged < 1000 && connections < 5000) {
        const before = client.acknowledged;
        wire.connect();
        connections++;
        while (wire.isConnected && client.acknowledged < 1000) wire.step();
        // The first connection of a session begins with the hello alone, which is not played here.
        if (connections > 1) expect(client.acknowledged, `connection ${connections}`).toBeGreaterThan(before);
      }
      expect(client.acknowledged).toBe(1000);
      expect(server.packets.length).toBe(1000);
      expect(wire.bytes).toBeLessThan(3 * 1000 * (size + 1) + connections * 40);
    },
  );
});
