/** The finished firmware joins a Wi-Fi that is away, has another password, goes and comes back. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { openKeys } from "../host/admission/key-store.ts";
import { systemClock } from "../host/platform/clock.ts";
import { until } from "../host/platform/testing/until.ts";
import { Air } from "../host/simulator/air.ts";
import { PtyBoard } from "../host/simulator/pty-board.ts";
import { SimulatedBoard } from "../host/simulator/simulated-board.ts";
import { folderForEach } from "../host/testing/folders.ts";
import { startGateway, type TestGateway } from "../host/testing/gateway.ts";
import { stopAfterEach } from "../host/testing/stops.ts";
import { isPtyAvailable } from "../host/transports/pty.ts";
import { buildDevice } from "./build.mjs";

let firmware = "";
const data = folderForEach("wifi");
const toStop = stopAfterEach();

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "bowline-firmware-"));
  firmware = (await buildDevice({ outfile: join(folder, "firmware.js"), quiet: true })).outfile;
  return () => rmSync(folder, { recursive: true, force: true });
});

/** Heartbeats so short that a silent socket is given up within a second. */
async function gatewayFor(...set: string[]): Promise<TestGateway> {
  const gw = await startGateway(["session.syncIntervalMaxMs=400", `data=${data()}`, ...set]);
  toStop.push(() => gw.stop());
  return gw;
}

/** The board's clock, which is put forward where it would have to wait. */
class SkippingClock {
  private skipped = 0;
  readonly wall = systemClock.wall;
  now(): number {
    return performance.now() + this.skipped;
  }
  skip(ms: number): void {
    this.skipped += ms;
  }
}

interface Station {
  board: SimulatedBoard;
  clock: SkippingClock;
  air: Air;
}

function station(gw: TestGateway, config: object = {}): Station {
  const clock = new SkippingClock();
  const air = new Air();
  const board = new SimulatedBoard({
    id: "wifi-1",
    bundle: firmware,
    transport: { kind: "tcp", host: "127.0.0.1", port: gw.tcpPort },
    config: { interval: 0, grace: 0, wifi: { ssid: "house", password: "open sesame" }, ...config },
    clock,
    air,
  });
  board.start();
  toStop.push(() => board.stop());
  return { board, clock, air };
}

const device = (gw: TestGateway) => gw.gateway.devicesView()[0];
const connected = (gw: TestGateway) => gw.until("connected", () => device(gw)?.connected === true);

async function flagsOf(gw: TestGateway): Promise<unknown> {
  await gw.request("wifi-1", { ot: "l:interval", s: 60 }); // telemetry goes out at once
  await gw.until("telemetry", () => gw.messages.some(({ message }) => message.ot === "l:telemetry"));
  return gw.messages.find(({ message }) => message.ot === "l:telemetry")?.message.flags;
}

/** Skips until the next attempt has been made, `attempts` times; each may be up to 75 s away. */
async function skipAttempts(one: Station, attempts: number): Promise<void> {
  for (let i = 0; i < attempts; i++) {
    await answered();
    const before = one.air.attempts;
    one.clock.skip(75_000);
    await until(() => expect(one.air.attempts).toBeGreaterThan(before));
  }
  await answered();
}

/** An attempt's answer comes a turn after it: time that is skipped before would be time without an answer. */
const answered = () => new Promise((resolve) => setImmediate(resolve));

test("a board whose Wi-Fi is away tries again until it is there, and then connects", async () => {
  const gw = await gatewayFor();
  const one = station(gw);
  await until(() => expect(one.air.attempts).toBe(1));
  await skipAttempts(one, 3);
  one.air.add("house", "open sesame");
  one.clock.skip(75_000);
  await connected(gw);
  expect(await flagsOf(gw)).toEqual(["wifi: NO_AP_FOUND"]);
});

test("with a wrong password it is told so, and the right one lets it in", async () => {
  const gw = await gatewayFor();
  const one = station(gw);
  one.air.add("house", "another");
  await until(() => expect(one.air.attempts).toBe(1));
  await skipAttempts(one, 1);
  one.air.add("house", "open sesame");
  one.clock.skip(75_000);
  await connected(gw);
  const flags = await flagsOf(gw);
  expect(["wifi: NO_AP_FOUND", "wifi: AUTH_FAIL"]).toEqual(expect.arrayContaining(flags as string[]));
  expect(flags).toContain("wifi: AUTH_FAIL");
});

test("a network that goes and comes back: the session goes on, and what was said meanwhile arrives once", async () => {
  const gw = await gatewayFor();
  const one = station(gw);
  one.air.add("house", "open sesame");
  one.clock.skip(2000);
  await connected(gw);
  await gw.request("wifi-1", { ot: "l:info" });
  const { epoch } = device(gw);
  for (let round = 0; round < 3; round++) {
    one.air.remove("house");
    await gw.until("given up", () => device(gw).connected === false);
    const asked = gw.request("wifi-1", { ot: "l:led", on: round % 2 });
    one.air.add("house", "open sesame");
    await until(() => {
      one.clock.skip(100);
      expect(device(gw).connected).toBe(true);
    });
    expect(await asked).toMatchObject({ outcome: "delivered", reply: { on: round % 2 === 1 } });
  }
  expect(epoch).not.toBe("");
  expect(device(gw)).toMatchObject({ epoch, sessions: 1, missing: 0 });
});

test.skipIf(!isPtyAvailable())(
  "moved from its cable to Wi-Fi, a board is the same one, and its numbers go on",
  async () => {
    const key = openKeys(data()).draw("wifi-1").toString("base64");
    const folder = join(data(), "flash");
    const cable = new PtyBoard({
      id: "wifi-1",
      bundle: firmware,
      storageDir: folder,
      config: { interval: 1, grace: 0 },
      link: join(data(), "tty"),
    });
    toStop.push(() => cable.stop());
    await cable.start();
    const gw = await gatewayFor(`serial.0.path=${join(data(), "tty")}`);
    await gw.until("two values by cable", () => gw.messages.length >= 2);
    await cable.stop();
    const one = station(gw, { interval: 1, key });
    one.air.add("house", "open sesame");
    const before = gw.messages.length;
    await gw.until("two values by Wi-Fi", () => gw.messages.length >= before + 2);
    expect(gw.gateway.devicesView()).toMatchObject([
      { id: "wifi-1", missing: 0, via: expect.stringMatching(/^tcp /) },
    ]);
    expect(gw.messages.map(({ n }) => n)).toEqual(gw.messages.map((_, i) => i + 1));
    expect(new Set(gw.messages.map(({ device }) => device))).toEqual(new Set(["wifi-1"]));
  },
);
