/** The firmware on the real Espruino interpreter, over a pty and over TCP, with the line broken again and again. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { buildDevice } from "../../device/build.mjs";
import { openKeys } from "../admission/key-store.ts";
import { silentLog } from "../platform/log.ts";
import { startGateway, type TestGateway } from "../testing/gateway.ts";
import { Interpreter, interpreters, placeFor } from "../testing/interpreter.ts";
import { type Relay, serialRelay, tcpRelay } from "../testing/relay.ts";
import { seededRandom } from "../transports/random.ts";

const NUMBERS = 1000;
const REQUESTS = 200;
const BREAKS = 12;

let bundle = "";
const toStop: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  const built = await buildDevice({
    entry: "device/testing/counter.ts",
    outfile: "dist/device/counter.js",
    quiet: true,
  });
  bundle = await readFile(built.outfile, "latin1");
});

afterEach(async () => {
  for (const thing of toStop.splice(0).reverse()) await thing.stop();
});

/** Numbers up, requests down, `relay` broken in between; everything once and in order both ways. */
async function exchange(gw: TestGateway, board: Interpreter, relay: Relay): Promise<void> {
  const random = seededRandom(7);
  await gw
    .until("hello", () => gw.gateway.devicesView().length === 1)
    .catch((error) => {
      throw new Error(`${error.message}\n${board.output}`);
    });
  const freeBefore = await freeMemory(gw);
  const first = await gw.request("esp-1", { ot: "l:count", to: NUMBERS });
  expect(first.outcome).toBe("delivered");
  const numbers = () => gw.messages.filter((m) => m.message.ot === "l:n");
  let breakAt = 30;
  let breaks = 0;
  const breaker = gw.gateway.router.messages.subscribe(() => {
    if (breaks >= BREAKS || numbers().length < breakAt) return;
    breakAt += Math.floor((random() * (2 * NUMBERS)) / BREAKS / 2.2);
    breaks++;
    relay.breakNow();
  });
  for (let i = 0; i < REQUESTS; i += 4) {
    const four = [0, 1, 2, 3].map((k) => gw.request("esp-1", { ot: "l:ask", i: i + k }, 60_000));
    for (const [k, answer] of (await Promise.all(four)).entries()) {
      expect(answer, board.output).toMatchObject({
        outcome: "delivered",
        reply: { i: i + k, asked: i + k + 1, errors: 0 },
      });
    }
  }
  await gw
    .until("all numbers", () => numbers().length >= NUMBERS)
    .catch((error) => {
      throw new Error(`${error.message}: ${numbers().length} came\n${board.output}`);
    });
  breaker();
  expect(breaks).toBe(BREAKS);
  expect(numbers().map((m) => m.message.i)).toEqual(Array.from({ length: NUMBERS }, (_, k) => k + 1));
  const seqs = gw.messages.map((m) => m.seq);
  expect(seqs).toEqual(seqs.map((_, k) => seqs[0] + k));
  const [device] = gw.gateway.devicesView();
  expect(device.connections).toBeGreaterThan(BREAKS / 2);
  expect(device.missing).toBe(0);
  expect(board.output).not.toMatch(/ERROR|Uncaught|OUT OF MEMORY/);
  // Nothing leaks: neither 1200 packets nor a dozen broken connections cost memory for good.
  expect(freeBefore - (await freeMemory(gw))).toBeLessThan(40);
}

/** Variables free on the board after a collection. */
async function freeMemory(gw: TestGateway): Promise<number> {
  const answer = await gw.request("esp-1", { ot: "l:info" });
  if (answer.outcome !== "delivered") throw new Error(`l:info: ${answer.outcome}`);
  return answer.reply.free as number;
}

// A suite of nothing would be an error: without an interpreter there is one, skipped.
const boards = interpreters.map((path) => ({ path, name: basename(path) }));
describe
  .skipIf(boards.length === 0)
  .each(boards.length > 0 ? boards : [{ path: "", name: "no interpreter" }])(
  "the firmware on $name (ESPRUINO_BIN=/path/to/espruino npm test; skipped where it is not set)",
  ({ path }) => {
    test("over TCP: 1000 numbers up and 200 requests down through broken connections", async () => {
      const gw = await startGateway();
      toStop.push(gw);
      const relay = await tcpRelay(gw.tcpPort);
      toStop.push(relay);
      const board = new Interpreter(path);
      toStop.push(board);
      const tcp = { host: "127.0.0.1", port: Number(relay.boardEnd) };
      await board.start(bundle, { id: "esp-1", tcp, interval: 0, grace: 0 }, await placeFor(path));
      await exchange(gw, board, relay);
    });

    test("with a key, over TCP: both sides prove it, resumes too, and a gateway with another key is refused", async () => {
      const data = await mkdtemp(join(tmpdir(), "bowline-keys-"));
      toStop.push({ stop: () => rm(data, { recursive: true, force: true }) });
      const key = openKeys(data).draw("esp-1").toString("base64");
      let refuse = (_: object): void => {};
      const refusal = new Promise<object>((resolve) => {
        refuse = resolve;
      });
      const gw = await startGateway([`data=${data}`], { ...silentLog, warn: (fields) => refuse(fields) });
      toStop.push(gw);
      const relay = await tcpRelay(gw.tcpPort);
      toStop.push(relay);
      const board = new Interpreter(path);
      toStop.push(board);
      const tcp = { host: "127.0.0.1", port: Number(relay.boardEnd) };
      await board.start(bundle, { id: "esp-1", tcp, key, interval: 0, grace: 0 }, await placeFor(path));
      const connections = () => gw.gateway.devicesView()[0]?.connections ?? 0;
      for (let cut = 1; cut <= 5; cut++) {
        await gw.until(`connection ${cut}`, () => connections() >= cut);
        expect(await gw.request("esp-1", { ot: "l:ask", i: cut }, 20_000), board.output).toMatchObject({
          outcome: "delivered",
        });
        relay.breakNow();
      }
      expect(gw.gateway.devicesView()[0]).toMatchObject({ sessions: 1, missing: 0 });
      openKeys(data).draw("esp-1"); // the gateway's key is another from now on
      relay.breakNow();
      expect(await refusal).toMatchObject({ code: "PROOF_INVALID" });
      expect(board.output).not.toMatch(/ERROR|Uncaught|OUT OF MEMORY/);
    });

    test("a tick that was struck out is made anew: telemetry goes on", async () => {
      const gw = await startGateway();
      toStop.push(gw);
      const board = new Interpreter(path);
      toStop.push(board);
      const tcp = { host: "127.0.0.1", port: gw.tcpPort };
      await board.start(bundle, { id: "esp-1", tcp, interval: 0.5, grace: 0 }, await placeFor(path));
      const telemetry = () => gw.messages.filter((m) => m.message.ot === "l:telemetry").length;
      await gw.until("telemetry", () => telemetry() >= 2);
      board.type("clearInterval(1)"); // as an out-of-memory or a Ctrl-C does to the one it strikes
      const before = telemetry();
      await gw.until("more telemetry", () => telemetry() >= before + 4);
      expect(gw.gateway.devicesView()[0].sessions).toBe(1);
    });

    test("over a pty: 1000 numbers up and 200 requests down through broken links", async () => {
      const relay = await serialRelay();
      toStop.push(relay);
      const gw = await startGateway([
        `serial.0.path=${relay.gatewayEnd}`,
        "serial.0.interByteTimeoutMs=3000",
      ]);
      toStop.push(gw);
      const board = new Interpreter(path);
      toStop.push(board);
      const config = { id: "esp-1", port: "Serial1", path: relay.boardEnd, interval: 0, grace: 0 };
      await board.start(bundle, config, await placeFor(path));
      await exchange(gw, board, relay);
    });
  },
);
