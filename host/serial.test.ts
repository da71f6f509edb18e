/** Boards on cables: real pseudo-terminals and npm serialport, unplugged, replugged and spoiled. */

import { mkdtemp, rm, symlink, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BoardClient } from "./testing/board-client.ts";
import { startGateway, type TestGateway } from "./testing/gateway.ts";
import { ptyWire } from "./testing/pty-wire.ts";
import { serialRelay } from "./testing/relay.ts";
import { stopAfterEach } from "./testing/stops.ts";
import { FaultyLine } from "./transports/faulty.ts";
import { isPtyAvailable, openPty } from "./transports/pty.ts";
import { randomInteger, seededRandom } from "./transports/random.ts";
import { openSerial } from "./transports/serial-transport.ts";
import { tcpTransport } from "./transports/tcp-transport.ts";

const toStop = stopAfterEach();

async function gatewayOn(path: string, ...set: string[]): Promise<TestGateway> {
  const gw = await startGateway([`serial.0.path=${path}`, ...set]);
  toStop.push(() => gw.stop());
  return gw;
}

function cableBoard(id: string): BoardClient {
  const client = new BoardClient({ id, hasLink: true });
  toStop.push(() => client.detach());
  return client;
}

/** A machine that stands still breaks no link. */
const patient = ["serial.0.syncIntervalMaxMs=60000", "serial.0.interByteTimeoutMs=60000"];

const numbers = (gw: TestGateway) =>
  gw.messages.filter((m) => m.message.ot === "l:n").map((m) => m.message.i);
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe.skipIf(!isPtyAvailable())("boards on cables (needs script: sudo apt-get install bsdutils)", () => {
  test("64 KiB each way in odd chunks arrive whole, over serialport at both ends", async () => {
    const relay = await serialRelay(
      new FaultyLine({ seed: 1, maxChunkBytes: 61 }),
      new FaultyLine({ seed: 2, maxChunkBytes: 7 }),
    );
    toStop.push(() => relay.stop());
    const gw = await gatewayOn(relay.gatewayEnd);
    const client = cableBoard("cable-1");
    client.attach(await openSerial({ path: relay.boardEnd, baud: 115_200, resetOnOpen: "never" }));
    const random = seededRandom(11);
    const sent: string[] = [];
    for (let total = 0; total < 65_536; ) {
      const bytes = Uint8Array.from({ length: randomInteger(random, 1, 900) }, () =>
        randomInteger(random, 0, 255),
      );
      bytes[0] = 3; // a blob whose type is the three bytes behind
      if (bytes.length < 4) continue;
      sent.push(Buffer.from(bytes.subarray(4)).toString("base64"));
      total += bytes.length;
      client.send(bytes);
    }
    await gw.until("hello", () => gw.gateway.devicesView().length === 1);
    const texts = upTo(300).map((i) => "é√\u00c0\u00db".repeat(1 + (i % 60)) + i);
    const asked = texts.map((text) => gw.request("cable-1", { ot: "l:echo", text }, 60_000));
    await gw.until("64 KiB up", () => gw.messages.length === sent.length);
    expect(gw.messages.map((m) => m.message.blob)).toEqual(sent);
    while (client.packets.length < texts.length) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(client.packets.map((packet) => JSON.parse(packet).text)).toEqual(texts);
    expect(Buffer.byteLength(texts.join(""))).toBeGreaterThan(65_536);
    for (const packet of client.packets) client.send(JSON.stringify({ re: JSON.parse(packet).rq, v: 1 }));
    expect((await Promise.all(asked)).every(({ outcome }) => outcome === "delivered")).toBe(true);
  });

  test("a gateway started before the board; unplugged, and replugged under another name: nothing is lost", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bowline-serial-"));
    toStop.push(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, "usb-Espruino_Pico-if00");
    const gw = await gatewayOn(path);
    expect(gw.gateway.serialView()[0].open).toBe(false);
    const client = cableBoard("cable-1");
    let sent = 0;
    for (let round = 1; round <= 3; round++) {
      const pty = await openPty();
      toStop.push(() => pty.close());
      await symlink(pty.path, path);
      while (!gw.gateway.serialView()[0].open) await new Promise((resolve) => setTimeout(resolve, 20));
      client.attach(ptyWire(pty)());
      for (let i = 0; i < 200; i++) client.send(JSON.stringify({ ot: "l:n", i: sent++ }));
      await gw.until("half of them", () => numbers(gw).length > sent - 150);
      await unlink(path);
      await pty.close();
      await gw.until("unplugged", () => !gw.gateway.devicesView()[0].connected);
    }
    const pty = await openPty();
    toStop.push(() => pty.close());
    await symlink(pty.path, path);
    while (!gw.gateway.serialView()[0].open) await new Promise((resolve) => setTimeout(resolve, 20));
    client.attach(ptyWire(pty)());
    await gw.until("all", () => numbers(gw).length === sent);
    expect(numbers(gw)).toEqual(upTo(600));
    expect(gw.gateway.devicesView()[0]).toMatchObject({ sessions: 1, missing: 0 });
  });

  test("several cables and several sockets at once, each with its own order", async () => {
    const [first, second] = await Promise.all([openPty(), openPty()]);
    toStop.push(() => Promise.all([first.close(), second.close()]));
    const gw = await startGateway([`serial.0.path=${first.path}`, `serial.1.path=${second.path}`]);
    toStop.push(() => gw.stop());
    while (!gw.gateway.serialView().every(({ open }) => open))
      await new Promise((resolve) => setTimeout(resolve, 10));
    const boards = [cableBoard("cable-1"), cableBoard("cable-2")];
    boards[0].attach(ptyWire(first)());
    boards[1].attach(ptyWire(second)());
    for (const id of ["tcp-1", "tcp-2", "tcp-3"]) {
      const board = new BoardClient({ id, hasLink: false });
      toStop.push(() => board.detach());
      board.attach(tcpTransport(connect(gw.tcpPort, "127.0.0.1")));
      boards.push(board);
    }
    for (let i = 0; i < 300; i++) for (const board of boards) board.send(JSON.stringify({ ot: "l:n", i }));
    await gw.until("all", () => gw.messages.length === 1500);
    for (const { id } of gw.gateway.devicesView()) {
      expect(gw.messages.filter((m) => m.device === id).map((m) => m.message.i)).toEqual(upTo(300));
    }
    expect(gw.gateway.devicesView().length).toBe(5);
  });

  test("boot text and noise before the board speaks, and between its frames, are skipped and counted", async () => {
    const pty = await openPty();
    toStop.push(() => pty.close());
    const gw = await gatewayOn(pty.path, ...patient);
    while (!gw.gateway.serialView()[0].open) await new Promise((resolve) => setTimeout(resolve, 10));
    const banner = Buffer.from(
      "\r\n ____ Espruino 2v29 (c) 2021 G.Williams\r\n>echo(0)\r\n=undefined\r\n>",
      "latin1",
    );
    pty.write(banner);
    const client = cableBoard("cable-1");
    client.attach(ptyWire(pty)());
    for (let i = 0; i < 20; i++) client.send(JSON.stringify({ ot: "l:n", i }));
    await gw.until("20", () => numbers(gw).length === 20);
    expect(gw.gateway.linksView()[0].noise).toBe(banner.length);
    expect(gw.gateway.devicesView()[0].connections).toBe(1);
    pty.write(Buffer.from("Uncaught Error: x\r\n\xc0", "latin1"));
    for (let i = 20; i < 40; i++) client.send(JSON.stringify({ ot: "l:n", i }));
    await gw.until("40", () => numbers(gw).length === 40);
    expect(gw.gateway.devicesView()[0].connections).toBe(1);
  });

  test.each([
    [1e-5, 42],
    [1e-4, 43],
    [5e-4, 44],
  ])(
    "bytes dropped, inserted and flipped at %f each (seed %i): no payload is delivered spoiled, lost or twice",
    async (rate, seed) => {
      const faults = { dropRate: rate, insertRate: rate, flipRate: rate };
      const up = new FaultyLine({ seed, ...faults });
      const down = new FaultyLine({ seed: seed + 1000, ...faults });
      const relay = await serialRelay(up, down);
      toStop.push(() => relay.stop());
      const gw = await gatewayOn(relay.gatewayEnd);
      const client = cableBoard("cable-1");
      client.attach(await openSerial({ path: relay.boardEnd, baud: 115_200, resetOnOpen: "never" }));
      const total = rate > 1e-4 ? 400 : 2000;
      const pad = "x".repeat(60);
      for (let i = 0; i < total; i++) client.send(JSON.stringify({ ot: "l:n", i, pad }));
      for (let part = total / 4; part <= total; part += total / 4)
        await gw.until(`seed ${seed}: ${part} of ${total}`, () => numbers(gw).length >= part);
      expect(numbers(gw)).toEqual(upTo(total));
      expect(gw.messages.every((m) => m.message.pad === pad)).toBe(true);
      if (rate >= 1e-4) expect(client.linksOpened).toBeGreaterThan(1);
    },
  );
});
