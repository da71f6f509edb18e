/** The gateway with boards of the shared codec: over TCP, over a cable, and with boards that misbehave. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { Phase } from "../shared/session/state.ts";
import { loadConfig } from "./config/load.ts";
import { Gateway } from "./gateway.ts";
import { ScriptedServer } from "./irc/testing/scripted-server.ts";
import { silentLog } from "./platform/log.ts";
import { until } from "./platform/testing/until.ts";
import { BoardClient } from "./testing/board-client.ts";
import { startGateway, type TestGateway } from "./testing/gateway.ts";
import { stopAfterEach } from "./testing/stops.ts";
import { outcome } from "./testing/stores.ts";
import { tcpTransport } from "./transports/tcp-transport.ts";

const toStop = stopAfterEach();

test("boards are let go at once when it stops, whatever an IRC server does", async () => {
  const server = await ScriptedServer.start();
  toStop.push(() => server.stop());
  server.onClient = (client) => client.hold();
  const set = ["irc.nick=gw", "irc.host=127.0.0.1", `irc.port=${server.port}`, "irc.tls.enabled=false"];
  const gw = await startGateway([...set, "irc.channels.0=#lab"]);
  toStop.push(() => gw.stop());
  await until(() => server.clients.length === 1);
  const socket = await gw.dial();
  const { irc } = gw.gateway;
  await until(() => irc.view().networks[0].state === "registering");
  const stateThen = new Promise((resolve) => {
    socket.once("close", () => resolve(irc.view().networks[0].state)).resume();
  });
  await gw.gateway.stop();
  expect(await stateThen).toBe("registering");
});

async function gatewayFor(...set: string[]): Promise<TestGateway> {
  const gw = await startGateway(set);
  toStop.push(() => gw.stop());
  return gw;
}

/** What the gateway says to raw bytes, until it hangs up or `bytes` have come. */
async function say(gw: TestGateway, hex: string, bytes: number): Promise<{ heard: string; closed: boolean }> {
  const socket = await gw.dial();
  let heard = "";
  let closed = false;
  await new Promise<void>((resolve) => {
    socket.on("data", (chunk) => {
      heard += chunk.toString("hex");
      if (heard.length >= 2 * bytes) resolve();
    });
    socket.on("close", () => {
      closed = true;
      resolve();
    });
    socket.write(Buffer.from(hex, "hex"));
  });
  return { heard, closed };
}

describe("boards over TCP", () => {
  test("messages arrive once, in order, numbered by the gateway and by the board", async () => {
    const gw = await gatewayFor();
    const client = await gw.board({ id: "b-1" });
    for (let i = 1; i <= 500; i++) client.send(JSON.stringify({ ot: "l:n", i, t: 1000 + i }));
    await gw.until("500 messages", () => gw.messages.length === 500);
    expect(gw.messages.map((m) => [m.n, m.seq, m.message.i])).toEqual(
      Array.from({ length: 500 }, (_, k) => [k + 1, k + 1, k + 1]),
    );
    expect(gw.messages[7]).toMatchObject({ device: "b-1", t: 1008, epoch: client.epoch });
    expect(client.epoch).toMatch(/^[0-9a-f]{16}$/);
  });

  test("a cut connection is resumed: nothing is lost or repeated, and the session stays", async () => {
    const gw = await gatewayFor();
    const client = await gw.board({ id: "b-1" });
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 50; i++) client.send(JSON.stringify({ ot: "l:n", i: round * 50 + i }));
      if (round % 2) await gw.until("some", () => gw.messages.length > round * 20);
      client.attach(tcpTransport(await gw.dial()));
    }
    await gw.until("1000 messages", () => gw.messages.length === 1000);
    expect(gw.messages.map((m) => m.message.i)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    const [device] = gw.gateway.devicesView();
    expect(device).toMatchObject({ sessions: 1, missing: 0, repeats: 0, delivered: 1000 });
    expect(device.connections).toBeGreaterThan(15);
  });

  test("a session that was lost is replaced by a new one: what had arrived is dropped as a repeat, by its number", async () => {
    const gw = await gatewayFor("session.expireS=0"); // every cut ends the session
    const client = await gw.board({ id: "b-1" });
    for (let round = 1; round <= 10; round++) {
      for (let i = 0; i < 30; i++) client.send(JSON.stringify({ ot: "l:n", i: (round - 1) * 30 + i }));
      await gw.until("some", () => gw.messages.length > round * 30 - 25);
      client.attach(tcpTransport(await gw.dial())); // code 2: the session is unknown
      while (client.ends.length < round) await new Promise((resolve) => setImmediate(resolve));
      client.attach(tcpTransport(await gw.dial()));
    }
    await gw.until("300 messages", () => gw.messages.length >= 300);
    while (client.unacknowledged > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(gw.messages.map((m) => m.message.i)).toEqual(Array.from({ length: 300 }, (_, i) => i));
    const [device] = gw.gateway.devicesView();
    expect(device.sessions).toBe(11);
    expect(device.repeats).toBeGreaterThan(0);
  });

  test("a request is answered; one that is not answered in time ends unknown, and the board is told to stop", async () => {
    const gw = await gatewayFor();
    const client = await gw.board({ id: "b-1" });
    await gw.until("hello", () => gw.gateway.devicesView().length === 1);
    const asked = gw.request("b-1", { ot: "l:x", a: 1 });
    await gw.until("sent", () => true);
    while (client.packets.length < 1) await new Promise((resolve) => setImmediate(resolve));
    const { rq, ...rest } = JSON.parse(client.packets[0]);
    expect(rest).toEqual({ ot: "l:x", a: 1 });
    client.send(JSON.stringify({ re: rq, v: 5 }));
    expect(await asked).toEqual({ outcome: "delivered", reply: { re: rq, v: 5 } });
    expect(await gw.request("b-1", { ot: "l:y" }, 1000)).toMatchObject({ outcome: "unknown" });
    while (client.packets.length < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(JSON.parse(client.packets[2])).toEqual({ kill: rq + 1 });
  });

  test("a request for a board that is away waits, is sent when it comes back, or expires without having left", async () => {
    const gw = await gatewayFor();
    const client = await gw.board({ id: "b-1" });
    await gw.until("hello", () => gw.gateway.devicesView().length === 1);
    client.detach();
    await gw.until("away", () => !gw.gateway.devicesView()[0].connected);
    expect(await gw.request("nobody", { ot: "l:x" }).catch((error) => error)).toMatchObject({
      code: "DEVICE_UNKNOWN",
      exitCode: 3,
    });
    const asked = gw.request("b-1", { ot: "l:x" });
    client.attach(tcpTransport(await gw.dial()));
    while (client.packets.length < 1) await new Promise((resolve) => setImmediate(resolve));
    client.send(JSON.stringify({ re: JSON.parse(client.packets[0]).rq, v: 1 }));
    expect(await asked).toMatchObject({ outcome: "delivered" });
  });

  test("a board that began anew has forgotten: what had left ends unknown at once, or goes again if it may", async () => {
    const gw = await gatewayFor();
    const client = await gw.board({ id: "b-1" });
    client.send('{"ot":"l:up"}');
    await gw.until("up", () => gw.messages.length === 1);
    const once = gw.request("b-1", { ot: "l:once" });
    const again = gw.request("b-1", { ot: "l:again", retry: true });
    while (client.packets.length < 2) await new Promise((resolve) => setImmediate(resolve));
    client.detach(); // it dies before it answers
    const reborn = await gw.board({ id: "b-1" });
    expect(await once).toEqual({ outcome: "unknown", reason: "b-1 began anew" });
    while (reborn.packets.length < 1) await new Promise((resolve) => setImmediate(resolve));
    expect(reborn.packets.length).toBe(1);
    const { ot, rq } = JSON.parse(reborn.packets[0]);
    expect(ot).toBe("l:again");
    reborn.send(JSON.stringify({ re: rq, v: 1 }));
    expect(await again).toMatchObject({ outcome: "delivered" });
  });

  test("a request for a board that is away is withdrawn without a trace", async () => {
    const gw = await gatewayFor();
    const client = await gw.board({ id: "b-1" });
    await gw.until("hello", () => gw.gateway.devicesView().length === 1);
    client.detach();
    await gw.until("away", () => !gw.gateway.devicesView()[0].connected);
    const controller = new AbortController();
    const asked = gw.gateway.router.request("b-1", { ot: "l:x" }, 10_000, controller.signal);
    expect(gw.gateway.devicesView()[0].queued).toBe(1);
    controller.abort();
    expect(await asked).toEqual({ outcome: "cancelled" });
    const short = await gw.request("b-1", { ot: "l:y" }, 20);
    expect(short.outcome).toBe("expired");
    client.attach(tcpTransport(await gw.dial()));
    const last = gw.request("b-1", { ot: "l:z" });
    while (client.packets.length < 1) await new Promise((resolve) => setImmediate(resolve));
    const { ot, rq } = JSON.parse(client.packets[0]);
    expect(ot).toBe("l:z");
    client.send(JSON.stringify({ re: rq }));
    await last;
  });

  test("a request larger than the board takes is refused at once, with the figures", async () => {
    const gw = await gatewayFor();
    await gw.board({ id: "b-1", hello: { id: "b-1", epoch: "", seq: 1, rx: 300, max: 100 } });
    await gw.until("hello", () => gw.gateway.devicesView().length === 1);
    const error = await gw.request("b-1", { ot: "l:x", text: "x".repeat(100) }).catch((e) => e);
    expect(error).toMatchObject({ code: "REQUEST_TOO_BIG", exitCode: 2 });
    expect(error.message).toMatch(/has 1\d\d bytes, this board takes 100/);
  });

  test("a board that names the epoch it was just given has forgotten nothing", async () => {
    const gw = await gatewayFor("session.expireS=0");
    const client = await gw.board({ id: "b-1" });
    client.send('{"ot":"l:up"}');
    await gw.until("up", () => gw.messages.length === 1);
    client.epoch = ""; // it begins anew, and its session is lost before it has sent anything
    client.attach(tcpTransport(await gw.dial()));
    while (client.ends.length < 1) await new Promise((resolve) => setImmediate(resolve));
    client.attach(tcpTransport(await gw.dial()));
    await gw.until("a second session", () => gw.gateway.devicesView()[0].sessions === 2);
    const asked = gw.request("b-1", { ot: "l:x" });
    while (client.packets.length < 1) await new Promise((resolve) => setImmediate(resolve));
    client.attach(tcpTransport(await gw.dial()));
    while (client.ends.length < 2) await new Promise((resolve) => setImmediate(resolve));
    client.attach(tcpTransport(await gw.dial())); // with the epoch it was given
    await gw.until("a third session", () => gw.gateway.devicesView()[0].sessions === 3);
    client.send(JSON.stringify({ re: JSON.parse(client.packets[0]).rq, v: 1 }));
    expect(await asked).toMatchObject({ outcome: "delivered" });
  });

  test("payloads that are no JSON are handed on as they are, blobs by their type", async () => {
    const gw = await gatewayFor();
    const client = await gw.board({ id: "b-1" });
    client.send("{broken");
    client.send(Buffer.concat([Buffer.from([3]), Buffer.from("jpg"), Buffer.from([0xff, 0xd8])]));
    client.send("{}");
    client.send('{"ot":"l:last"}');
    await gw.until("3 messages", () => gw.messages.length === 3);
    expect(gw.messages.map((m) => m.message.ot)).toEqual(["bowline:unreadable", "jpg", "l:last"]);
    expect(gw.messages[1].message.blob).toBe("/9g=");
    expect(gw.messages[2]).toMatchObject({ n: 3, seq: 4 }); // the empty one took a number and delivered nothing
  });
});

describe("boards that misbehave", () => {
  test.each([
    ["no hello", { ot: "l:temp" }],
    ["a bad id", { id: "../etc", epoch: "", seq: 1, rx: 512, max: 256 }],
    ["a bad epoch", { id: "b", epoch: "xyz", seq: 1, rx: 512, max: 256 }],
    ["seq 0", { id: "b", epoch: "", seq: 0, rx: 512, max: 256 }],
    ["max above rx", { id: "b", epoch: "", seq: 1, rx: 256, max: 512 }],
  ])("%s is refused and nothing of it is kept", async (_, hello) => {
    const gw = await gatewayFor();
    const client = await gw.board({ id: "b-1", hello });
    while (gw.gateway.sessionsView().length > 0 || client.session.opened === 0)
      await new Promise((r) => setImmediate(r));
    expect(gw.gateway.devicesView()).toEqual([]);
    expect(gw.messages).toEqual([]);
  });

  test("nesting that would kill a JSON writer is refused in a hello, and handed on unread in a message", async () => {
    const gw = await gatewayFor();
    const deep = `${"[".repeat(6000)}${"]".repeat(6000)}`;
    const socket = await gw.dial();
    const hello = Buffer.from(`{"hello":{"id":${deep},"epoch":"","seq":1,"rx":9,"max":9}}`);
    const size = Buffer.from([249, (hello.length - 2288) >> 8, (hello.length - 2288) & 255]);
    socket.resume().write(Buffer.concat([Buffer.from("010000", "hex"), size, hello]));
    await new Promise((resolve) => socket.once("close", resolve));
    const client = await gw.board({ id: "b-1" });
    client.send(`{"ot":"l:deep","a":${deep}}`);
    await gw.until("it", () => gw.messages.length === 1);
    expect(gw.messages[0].message).toMatchObject({
      ot: "bowline:unreadable",
      err: "JSON nested deeper than 200",
    });
    expect(() => JSON.stringify(gw.messages)).not.toThrow();
  });

  test("before its hello a board may send no packet above 256 bytes", async () => {
    const gw = await gatewayFor();
    const client = await gw.board({
      id: "b-1",
      hello: { id: "b-1", epoch: "", seq: 1, rx: 9, max: 9, fw: "x".repeat(300) },
    });
    while (client.session.opened === 0 || client.session.phase === Phase.OPEN)
      await new Promise((r) => setImmediate(r));
    expect(gw.gateway.devicesView()).toEqual([]);
  });

  test("two boards with one id: the one whose epoch is older is refused", async () => {
    const gw = await gatewayFor();
    const first = await gw.board({ id: "b-1" });
    first.send('{"ot":"l:a"}');
    await gw.until("a", () => gw.messages.length === 1);
    const second = await gw.board({ id: "b-1" });
    second.send('{"ot":"l:b"}');
    await gw.until("b", () => gw.messages.length === 2);
    // The first comes back with a new session in its old epoch.
    const again = new BoardClient({ id: "b-1", hasLink: false });
    again.epoch = first.epoch;
    again.attach(tcpTransport(await gw.dial()));
    toStop.push(() => again.detach());
    again.send('{"ot":"l:c"}');
    while (again.session.phase !== 0 && again.ends.length === 0) await new Promise((r) => setImmediate(r));
    expect(gw.messages.length).toBe(2);
    expect(gw.gateway.devicesView()[0].epoch).toBe(second.epoch);
  });

  test.each([
    ["an unknown session", `0110${"ab".repeat(16)}00`, "02"],
    ["an id above 32 bytes", `0121${"ab".repeat(33)}`, "02"],
    ["another version", "0200", "01"],
  ])("%s is answered and the line held for a while (D8)", async (_, request, answer) => {
    const gw = await gatewayFor();
    const before = performance.now();
    expect(await say(gw, request, 99)).toEqual({ heard: answer, closed: true });
    expect(performance.now() - before).toBeGreaterThanOrEqual(499);
  });

  test("sessions without a hello are bounded: one more ends the oldest that has no connection (D9)", async () => {
    const gw = await gatewayFor();
    for (let i = 0; i < 130; i++) {
      const socket = await gw.dial();
      socket.write(Buffer.from("010000", "hex"));
      await new Promise((resolve) => socket.once("data", resolve));
      socket.destroy();
    }
    expect(gw.gateway.sessionsView().length).toBeLessThanOrEqual(101);
  });

  test("strangers that stay connected are bounded as well: one more is refused (D9)", async () => {
    vi.useFakeTimers({ toFake: ["performance"] }); // nobody becomes overdue, however long it takes
    toStop.push(() => vi.useRealTimers());
    const gw = await gatewayFor();
    const answers: string[] = [];
    for (let i = 0; i < 110; i++) {
      const socket = await gw.dial();
      socket.write(Buffer.from("010000", "hex"));
      answers.push(
        await new Promise((resolve) => socket.once("data", (chunk) => resolve(chunk.toString("hex")))),
      );
    }
    expect(answers.slice(0, 100).every((answer) => answer.startsWith("0010"))).toBe(true);
    expect(answers.slice(100)).toEqual(Array.from({ length: 10 }, () => "02"));
  });

  test("a packet above the bound ends the connection; nothing of it is kept", async () => {
    const gw = await gatewayFor("session.maxPacketBytes=1024");
    const { heard } = await say(gw, "010000f7f8", 999); // state, then a packet of 1776 bytes announced
    expect(heard.startsWith("0010")).toBe(true);
    expect(gw.messages).toEqual([]);
  });
});

test("a gateway that cannot read what was on its way to boards does not keep the store", async () => {
  const data = mkdtempSync(join(tmpdir(), "bowline-gateway-"));
  toStop.push(() => rmSync(data, { recursive: true, force: true }));
  const { config } = loadConfig({ set: [`data=${data}`], env: {}, cwd: data, home: data });
  const first = new Gateway(config, silentLog);
  await first.open();
  // A packet, without the note of how far the numbers have come.
  const packet = { key: "o/b-1/00000000000005", value: { rq: 1, text: "{}" } };
  expect(await outcome((waiter) => first.store.put([packet], waiter))).toBe("");
  await first.close();
  for (let i = 0; i < 2; i++)
    await expect(new Gateway(config, silentLog).open()).rejects.toMatchObject({ code: "STORE_CORRUPT" });
});
