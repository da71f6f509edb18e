/** The finished firmware with a key, on the simulated board: it proves itself, and wants proof. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { openKeys } from "../host/admission/key-store.ts";
import { type Log, silentLog } from "../host/platform/log.ts";
import { parseLiberally } from "../host/simulator/liberal-json.ts";
import { PtyBoard } from "../host/simulator/pty-board.ts";
import { SimulatedBoard } from "../host/simulator/simulated-board.ts";
import { folderForEach } from "../host/testing/folders.ts";
import { startGateway, type TestGateway } from "../host/testing/gateway.ts";
import { tcpRelay } from "../host/testing/relay.ts";
import { stopAfterEach } from "../host/testing/stops.ts";
import { isPtyAvailable } from "../host/transports/pty.ts";
import { buildDevice } from "./build.mjs";

let firmware = "";
const data = folderForEach("keys");
const toStop = stopAfterEach();

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "bowline-firmware-"));
  firmware = (await buildDevice({ outfile: join(folder, "firmware.js"), quiet: true })).outfile;
  return () => rmSync(folder, { recursive: true, force: true });
});

async function gatewayFor(set: string[] = [], log: Log = silentLog): Promise<TestGateway> {
  const gw = await startGateway([`data=${data()}`, ...set], log);
  toStop.push(() => gw.stop());
  return gw;
}

function tcpBoard(port: number, config: object): SimulatedBoard {
  const transport = { kind: "tcp", host: "127.0.0.1", port } as const;
  const board = new SimulatedBoard({
    id: "fw-1",
    bundle: firmware,
    transport,
    config: { interval: 0, grace: 0, ...config },
  });
  board.start();
  toStop.push(() => board.stop());
  return board;
}

const base64 = (key: Uint8Array) => Buffer.from(key).toString("base64");
const device = (gw: TestGateway) => gw.gateway.devicesView()[0];
const connections = (gw: TestGateway, count: number) =>
  gw.until(`${count} connections`, () => device(gw)?.connections >= count);

describe("over the network", () => {
  test("board and gateway prove their key to each other, and resume with a proof", async () => {
    const key = openKeys(data()).draw("fw-1");
    const gw = await gatewayFor();
    const relay = await tcpRelay(gw.tcpPort);
    toStop.push(() => relay.stop());
    tcpBoard(Number(relay.boardEnd), { key: base64(key) });
    await connections(gw, 1);
    for (let cut = 1; cut <= 3; cut++) {
      expect(await gw.request("fw-1", { ot: "l:info" })).toMatchObject({ outcome: "delivered" });
      relay.breakNow();
      await connections(gw, cut + 1);
    }
    expect(await gw.request("fw-1", { ot: "l:info" })).toMatchObject({ outcome: "delivered" });
    expect(device(gw)).toMatchObject({ sessions: 1, repeats: 0, missing: 0 });
  });

  test("a restarted board proves itself anew", async () => {
    const key = openKeys(data()).draw("fw-1");
    const gw = await gatewayFor();
    const board = tcpBoard(gw.tcpPort, { key: base64(key) });
    await connections(gw, 1);
    board.reboot();
    await connections(gw, 2);
    expect(device(gw).sessions).toBe(2);
  });

  test("the board refuses a gateway with another key; it calls again ever more seldom, and sends it nothing", async () => {
    openKeys(data()).draw("fw-1");
    const reasons: unknown[] = [];
    const gw = await gatewayFor([], {
      ...silentLog,
      warn: ({ reason }: { reason?: string }) => reasons.push(reason),
    });
    tcpBoard(gw.tcpPort, { key: base64(Buffer.alloc(32, 1)), interval: 0.1 });
    while (reasons.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(reasons).toEqual(["fw-1 refuses our proof: its key is another"]);
    expect(gw.gateway.devicesView()).toEqual([]);
    expect(gw.messages).toEqual([]);
  });

  test("a key that is none is told in the flags, and the board speaks as if it had none", async () => {
    const gw = await gatewayFor();
    tcpBoard(gw.tcpPort, { key: "AAAA", interval: 0.05 });
    await gw.until("telemetry", () => gw.messages.length > 0);
    expect(gw.messages[0].message.flags).toEqual(["key"]);
  });
});

describe.skipIf(!isPtyAvailable())("over a cable (needs pseudo-terminals)", () => {
  async function cableBoard(config: object = {}): Promise<PtyBoard> {
    const board = new PtyBoard({
      id: "fw-1",
      link: join(data(), "fw-1.tty"),
      bundle: firmware,
      config: { interval: 0, grace: 0, ...config },
    });
    await board.start();
    toStop.push(() => board.stop());
    return board;
  }
  const onCable = () => [`serial.0.path=${join(data(), "fw-1.tty")}`];

  test("without a key in the gateway a board with one is trusted, and speaks", async () => {
    await cableBoard({ key: base64(Buffer.alloc(32, 1)) });
    const gw = await gatewayFor(onCable());
    await connections(gw, 1);
  });

  test("while pairing is open it is given a key, keeps it, and proves it from then on", async () => {
    const board = await cableBoard();
    const gw = await gatewayFor(onCable());
    gw.gateway.openPairing(60_000);
    await connections(gw, 1);
    await gw.request("fw-1", { ot: "l:info" }); // it has read the gateway's hello by now
    const key = openKeys(data()).get("fw-1")!;
    const kept = parseLiberally(Buffer.from(board.board.flash.read("bowline.json")!).toString());
    expect(kept).toMatchObject({ id: "fw-1", grace: 0, key: base64(key) });
    gw.gateway.openPairing(0);
    board.board.reboot();
    await connections(gw, 2);
    expect(device(gw).sessions).toBe(2);
    // The same board, moved to the network.
    tcpBoard(gw.tcpPort, { key: base64(key) });
    await gw.until("the network", () => device(gw).via.startsWith("tcp") && device(gw).connected);
  });

  test("pairing gives another key to a board whose key is not the gateway's", async () => {
    openKeys(data()).draw("fw-1");
    await cableBoard({ key: base64(Buffer.alloc(32, 1)) });
    const gw = await gatewayFor(onCable());
    gw.gateway.openPairing(60_000);
    await connections(gw, 1);
    expect(await gw.request("fw-1", { ot: "l:info" })).toMatchObject({ outcome: "delivered" });
  });
});
