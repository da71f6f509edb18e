/** The finished firmware bundle on the simulated board, with a real gateway at the other end. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { until } from "../host/platform/testing/until.ts";
import { PtyBoard } from "../host/simulator/pty-board.ts";
import { SimulatedBoard } from "../host/simulator/simulated-board.ts";
import { freePort } from "../host/testing/free-port.ts";
import { startGateway, type TestGateway } from "../host/testing/gateway.ts";
import { tcpRelay } from "../host/testing/relay.ts";
import { stopAfterEach } from "../host/testing/stops.ts";
import { isPtyAvailable } from "../host/transports/pty.ts";
import { buildDevice } from "./build.mjs";

/** Between two clocks that are both read in whole ms. */
const CLOCK_MS = 10;

let firmware = "";
let counter = "";
let chaos = "";
const toStop = stopAfterEach();

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "bowline-firmware-"));
  firmware = (await buildDevice({ outfile: join(folder, "firmware.js"), quiet: true })).outfile;
  const testing = async (name: string) => {
    const [entry, outfile] = [`device/testing/${name}.ts`, join(folder, `${name}.js`)];
    return (await buildDevice({ entry, outfile, quiet: true })).outfile;
  };
  counter = await testing("counter");
  chaos = await testing("chaos");
  return () => rm(folder, { recursive: true, force: true });
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function gatewayFor(...set: string[]): Promise<TestGateway> {
  const gw = await startGateway(set);
  toStop.push(() => gw.stop());
  return gw;
}

function tcpBoard(
  port: number,
  bundle = firmware,
  config: object = {},
  onConsole: (line: string) => void = () => {},
): SimulatedBoard {
  const transport = { kind: "tcp", host: "127.0.0.1", port } as const;
  const board = new SimulatedBoard({
    id: "fw-1",
    bundle,
    transport,
    config: { interval: 0, grace: 0, ...config },
    onConsole,
  });
  board.start();
  toStop.push(() => board.stop());
  return board;
}

const connected = (gw: TestGateway) =>
  gw.until("connected", () => gw.gateway.devicesView()[0]?.connected === true);

async function ask(gw: TestGateway, message: { ot: string; [field: string]: unknown }): Promise<object> {
  const answer = await gw.request("fw-1", message);
  if (answer.outcome !== "delivered") throw new Error(`${message.ot}: ${JSON.stringify(answer)}`);
  const { re, ...fields } = answer.reply;
  return fields;
}

test("the version the firmware names is the package's", async () => {
  const { version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
  const gw = await gatewayFor();
  tcpBoard(gw.tcpPort);
  await connected(gw);
  expect(gw.gateway.devicesView()[0].firmware).toBe(`bowline ${version}`);
});

describe("the standard requests", () => {
  test("each answers, and says what is wrong with what it cannot do", async () => {
    const gw = await gatewayFor();
    const board = tcpBoard(gw.tcpPort);
    await connected(gw);
    const caps = ["l:info", "l:led", "l:read", "l:write", "l:watch", "l:interval", "l:reboot"];
    expect(await ask(gw, { ot: "l:info" })).toMatchObject({
      ...{ id: "fw-1", caps },
      // Its own count, without this answer.
      ...{ epoch: gw.gateway.devicesView()[0].epoch, numbered: 0, held: 0, refused: 0 },
    });
    expect(await ask(gw, { ot: "l:led", on: 1 })).toEqual({ on: true });
    expect(board.pins.get("LED1")).toBe(1);
    expect(await ask(gw, { ot: "l:led", on: 0 })).toEqual({ on: false });
    expect(board.pins.get("LED1")).toBe(0);
    board.pins.set("B3", 1);
    expect(await ask(gw, { ot: "l:read", pin: "B3" })).toEqual({ pin: "B3", v: 1 });
    expect(await ask(gw, { ot: "l:write", pin: "B4", value: 1 })).toEqual({ pin: "B4", value: 1 });
    expect(board.pins.get("B4")).toBe(1);
    expect(await ask(gw, { ot: "l:write", pin: "B4" })).toMatchObject({
      err: "value: a number or a boolean",
    });
    expect(await ask(gw, { ot: "l:read" })).toMatchObject({ err: "pin: the name of a pin" });
    expect(await ask(gw, { ot: "l:read", pin: "ZZ" })).toHaveProperty("err");
    expect(await ask(gw, { ot: "l:watch", pin: "B3", edge: "sideways" })).toHaveProperty("err");
    expect(await ask(gw, { ot: "l:interval", s: -1 })).toMatchObject({ err: "s: seconds, 0 for none" });
    const numbered = gw.messages.length;
    expect(await ask(gw, { ot: "l:info" })).toMatchObject({ numbered, held: expect.any(Number) });
    expect(await ask(gw, { ot: "l:nonsense" })).toMatchObject({ err: "unknown request l:nonsense" });
  });

  test("a watched pin sends its edges until it is watched no more", async () => {
    const gw = await gatewayFor();
    const board = tcpBoard(gw.tcpPort);
    await connected(gw);
    expect(await ask(gw, { ot: "l:watch", pin: "B3", edge: "rising" })).toEqual({
      pin: "B3",
      edge: "rising",
    });
    const edges = () => gw.messages.filter((m) => m.message.ot === "l:pin").map((m) => m.message.v);
    for (const level of [1, 0, 1, 0]) {
      board.pins.set("B3", level);
      await pause(40);
    }
    await gw.until("two edges", () => edges().length === 2);
    await ask(gw, { ot: "l:watch", pin: "B3", edge: "none" });
    board.pins.set("B3", 1);
    await ask(gw, { ot: "l:info" });
    expect(edges()).toEqual([1, 1]);
  });

  test("telemetry comes every interval, with the time the board made it", async () => {
    const begun = Date.now();
    const gw = await gatewayFor();
    tcpBoard(gw.tcpPort);
    await connected(gw);
    await ask(gw, { ot: "l:interval", s: 0.1 });
    await gw.until("three", () => gw.messages.filter((m) => m.message.ot === "l:telemetry").length >= 3);
    const [first] = gw.messages.filter((m) => m.message.ot === "l:telemetry");
    expect(Object.keys(first.message).sort()).toEqual(
      ["flags", "free", "lost", "ot", "supply", "t", "temp", "total", "uptime"].sort(),
    );
    expect(first.t).toBeGreaterThan(begun - CLOCK_MS);
    expect(first.t).toBeLessThan(first.at + CLOCK_MS);
  });

  test("a reboot acts after its reply was acknowledged, is done once, and shows as a new epoch", async () => {
    const gw = await gatewayFor();
    const board = tcpBoard(gw.tcpPort);
    await connected(gw);
    await ask(gw, { ot: "l:info" });
    const before = gw.gateway.devicesView()[0].epoch;
    const asked = performance.now();
    expect(await ask(gw, { ot: "l:reboot" })).toEqual({ v: 1 });
    await gw.until("two sessions", () => gw.gateway.devicesView()[0].sessions === 2);
    const { uptime } = (await ask(gw, { ot: "l:info" })) as { uptime: number };
    expect(uptime).toBeLessThanOrEqual(Math.ceil((performance.now() - asked) / 1000));
    await pause(500);
    expect(board.restarts).toBe(1);
    expect(gw.gateway.devicesView()[0].epoch).not.toBe(before);
    expect(gw.gateway.devicesView()[0].missing).toBe(0);
  });
});

describe("what a board promises", () => {
  test("what it accepted while the gateway was away arrives; what found no room is counted and told", async () => {
    const gw = await gatewayFor();
    const relay = await tcpRelay(gw.tcpPort);
    const said: string[] = [];
    tcpBoard(Number(relay.boardEnd), counter, { interval: 0.2 }, (line) => said.push(line));
    await connected(gw);
    await gw.request("fw-1", { ot: "l:count", to: 10_000 });
    await relay.stop(); // nobody listens there any more
    await gw.until("away", () => !gw.gateway.devicesView()[0].connected);
    await until(() => said.includes("no room"));
    const again = await tcpRelay(gw.tcpPort, Number(relay.boardEnd));
    toStop.push(() => again.stop());
    await connected(gw);
    await gw.until("lost is told", () => ((gw.messages.at(-1)?.message.lost as number) ?? 0) > 0);
    const seqs = gw.messages.map((m) => m.seq);
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    expect(gw.gateway.devicesView()[0]).toMatchObject({ missing: 0, sessions: 1 });
  });

  test("replies wait for room: a hundred requests at once to a board that has none are all answered, in order", async () => {
    const gw = await gatewayFor();
    // It sends as fast as there is room, so that there is none for replies.
    tcpBoard(gw.tcpPort, chaos, { chaos: 1e9 });
    await gw.until("a full buffer", () => gw.messages.length > 50);
    const asked = Array.from({ length: 100 }, (_, i) => gw.request("fw-1", { ot: "l:ask", i }));
    for (const [i, answer] of (await Promise.all(asked)).entries())
      expect(answer).toMatchObject({ outcome: "delivered", reply: { i } });
    const replies = gw.messages.filter((m) => typeof m.message.re === "number").map((m) => m.message.i);
    expect(replies).toEqual(asked.map((_, i) => i));
  });

  test("sessions that end with every cut: each request is done once, in order, and every number arrives once", async () => {
    const gw = await gatewayFor("session.expireS=0");
    const relay = await tcpRelay(gw.tcpPort);
    toStop.push(() => relay.stop());
    tcpBoard(Number(relay.boardEnd), counter);
    await connected(gw);
    const counted = gw.request("fw-1", { ot: "l:count", to: 600 });
    // Cuts while hellos, requests and numbers are on their way: the nth at n·7 mod 40 ms after the connection.
    let cuts = 0;
    let isWaiting = false;
    const cut = gw.gateway.router.changes.subscribe((peer) => {
      if (!peer.isConnected || isWaiting || cuts >= 15) return;
      isWaiting = true;
      setTimeout(
        () => {
          isWaiting = false;
          relay.breakNow();
        },
        (cuts++ * 7) % 40,
      );
    });
    toStop.push(cut);
    relay.breakNow();
    const asked = Array.from({ length: 60 }, (_, i) => gw.request("fw-1", { ot: "l:ask", i }));
    for (const [i, answer] of (await Promise.all(asked)).entries()) {
      expect(answer).toMatchObject({ outcome: "delivered", reply: { i, asked: i + 1, errors: 0 } });
    }
    await counted;
    const numbers = () => gw.messages.filter((m) => m.message.ot === "l:n").map((m) => m.message.i);
    await gw.until("600", () => numbers().length >= 600);
    expect(numbers()).toEqual(Array.from({ length: 600 }, (_, i) => i + 1));
    expect(gw.gateway.devicesView()[0].sessions).toBeGreaterThan(5);
    expect(gw.messages.every((m) => m.message.hello === undefined)).toBe(true);
  });

  test("a hello that was not acknowledged does not enter the next session", async () => {
    const answer = Buffer.from(`0010${"a5".repeat(16)}0014f90a98ff`, "hex"); // id, state: 0, 20 ms, 5 s, 255 s
    const text = `{"hello":{"id":"gw","epoch":"00000000000000aa","seq":1,"rx":1000,"max":500,"yourEpoch":"0123456789abcdef","t":1,"heartbeat":5000}}`;
    const hello = Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
    const heard: Buffer[] = [];
    const server = createServer((socket) => {
      let bytes = Buffer.alloc(0);
      let isAnswered = false;
      let isHeard = false;
      socket.on("error", () => {});
      socket.on("data", (chunk) => {
        bytes = Buffer.concat([bytes, chunk]);
        if (bytes[1] === 16)
          socket.end(Buffer.from("02", "hex")); // resume: there is no such session
        else if (!isAnswered) {
          isAnswered = true;
          socket.write(answer);
        } else if (!isHeard && bytes.includes("}}")) {
          isHeard = true;
          heard.push(bytes.subarray(3));
          // The first session gives an epoch and is cut before the board's hello is acknowledged.
          if (heard.length === 1) socket.end(hello);
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    toStop.push(() => server.close());
    const board = tcpBoard((server.address() as { port: number }).port);
    while (heard.length < 2) await pause(20);
    await pause(300);
    board.stop();
    const hellos = heard.map((said) => {
      expect(said.length).toBe(said[0] + 1); // one packet, below 241 bytes
      return JSON.parse(said.subarray(1).toString()).hello;
    });
    expect(hellos.map(({ id, seq, epoch }) => [id, seq, epoch])).toEqual([
      ["fw-1", 1, ""],
      ["fw-1", 1, "0123456789abcdef"],
    ]);
  });

  test("a gateway that was restarted gets the same epoch and numbers that go on", async () => {
    const port = await freePort();
    const first = await gatewayFor(`tcp.port=${port}`);
    tcpBoard(port, counter);
    await connected(first);
    await first.request("fw-1", { ot: "l:count", to: 20 });
    await first.until("20", () => first.messages.filter((m) => m.message.ot === "l:n").length === 20);
    const { epoch } = first.gateway.devicesView()[0];
    const last = first.messages.at(-1)!.seq;
    await first.stop();
    const second = await gatewayFor(`tcp.port=${port}`);
    await connected(second);
    await second.request("fw-1", { ot: "l:count", to: 40 });
    await second.until("20 more", () => second.messages.filter((m) => m.message.ot === "l:n").length === 20);
    expect(second.gateway.devicesView()[0]).toMatchObject({ epoch, missing: 0 });
    expect(second.messages[0].seq).toBe(last + 1);
    const numbers = second.messages.filter((m) => m.message.ot === "l:n").map((m) => m.message.i);
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, i) => 21 + i));
  });
});

describe.skipIf(!isPtyAvailable())("on a cable (needs script: sudo apt-get install bsdutils)", () => {
  async function cableBoard(
    bundle: string,
    config: object = {},
  ): Promise<{ gw: TestGateway; cable: PtyBoard }> {
    const folder = await mkdtemp(join(tmpdir(), "bowline-cable-"));
    const link = join(folder, "board.tty");
    const cable = new PtyBoard({ id: "fw-1", bundle, link, config: { interval: 0, grace: 0, ...config } });
    const gw = await gatewayFor(`serial.0.path=${link}`);
    await cable.start();
    toStop.push(async () => {
      await cable.stop();
      await rm(folder, { recursive: true, force: true });
    });
    await connected(gw);
    return { gw, cable };
  }

  test("bytes the port lost break the link, and the session goes on over the next", async () => {
    const { gw, cable } = await cableBoard(counter);
    const count = gw.request("fw-1", { ot: "l:count", to: 300 });
    const numbers = () => gw.messages.filter((m) => m.message.ot === "l:n").map((m) => m.message.i);
    for (const at of [50, 120, 200]) {
      await gw.until(`${at}`, () => numbers().length >= at);
      const { connections } = gw.gateway.devicesView()[0];
      cable.board.raiseErrorFlag("FIFO_FULL");
      // Two losses that the board sees at once are one.
      await gw.until("another link", () => gw.gateway.devicesView()[0].connections > connections);
    }
    await gw.until("300", () => numbers().length === 300);
    await count;
    expect(numbers()).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
    // A machine that stands still for 300 ms in the middle of a frame breaks the link once more.
    expect(gw.gateway.devicesView()[0].connections).toBeGreaterThanOrEqual(4);
    expect(gw.gateway.devicesView()[0].sessions).toBe(1);
  });

  test("the board is switched off and on in the middle of things: a new epoch, and what comes after is in order", async () => {
    const { gw, cable } = await cableBoard(counter);
    await gw.request("fw-1", { ot: "l:count", to: 10_000 });
    await gw.until("some", () => gw.messages.length > 100);
    cable.board.reboot();
    await gw.until("a new session", () => gw.gateway.devicesView()[0].sessions === 2);
    await gw.request("fw-1", { ot: "l:count", to: 50 });
    const epochs = () => [...new Set(gw.messages.map((m) => m.epoch))];
    await gw.until("50 of the new life", () => {
      const [, second] = epochs();
      return (
        second !== undefined &&
        gw.messages.filter((m) => m.epoch === second && m.message.ot === "l:n").length === 50
      );
    });
    expect(epochs().length).toBe(2);
    for (const epoch of epochs()) {
      const seqs = gw.messages.filter((m) => m.epoch === epoch).map((m) => m.seq);
      expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    }
  });
});
