/** What a real gateway writes to its log: changes of state, none of what repeats, nothing while all is well. */
import { symlink, unlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isNgircdAvailable, ngircdNeeded, startNgircd } from "./irc/testing/ngircd.ts";
import { systemClock } from "./platform/clock.ts";
import { RepeatLimit } from "./platform/repeat-limit.ts";
import { until } from "./platform/testing/until.ts";
import { BoardClient } from "./testing/board-client.ts";
import { folderForEach } from "./testing/folders.ts";
import { startGateway } from "./testing/gateway.ts";
import { stopAfterEach } from "./testing/stops.ts";
import { isPtyAvailable, openPty } from "./transports/pty.ts";
import { tcpTransport } from "./transports/tcp-transport.ts";

const toStop = stopAfterEach();

/** A gateway and the lines of its log from level info on, as `bowline up` writes them. */
async function logged(...set: string[]) {
  const lines: string[] = [];
  const say = (level: string) => (fields: object, text: string) =>
    void lines.push(`${level} ${text} ${JSON.stringify(fields)}`);
  const log = new RepeatLimit(
    { debug() {}, info: say("info"), warn: say("warn"), error: say("error") },
    systemClock,
  );
  const gw = await startGateway(set, log);
  toStop.push(() => log.stop());
  toStop.push(() => gw.stop());
  return { gw, lines, log };
}

function boardOf(id: string): BoardClient {
  const client = new BoardClient({ id, hasLink: false });
  toStop.push(() => client.detach());
  return client;
}

test("messages and requests leave no line", async () => {
  const { gw, lines } = await logged();
  const board = boardOf("steady");
  board.attach(tcpTransport(await gw.dial()));
  await gw.until("the hello", () => gw.gateway.devicesView().length === 1);
  await gw.until("the connection is told of", () => lines.length > 0);
  const before = [...lines];
  for (let i = 0; i < 500; i++) board.send(`{"ot":"l:n","i":${i}}`);
  await gw.until("500 messages", () => gw.messages.length === 500);
  void gw.request("steady", { ot: "l:info" }, 100);
  await gw.request("steady", { ot: "l:info" }, 100);
  expect(lines).toEqual(before);
  expect(before.length).toBeLessThanOrEqual(2);
});

test("a board that reconnects for ever is told of ten times, then counted", async () => {
  const { gw, lines, log } = await logged();
  const board = boardOf("restless");
  const rounds = 60;
  for (let i = 0; i < rounds; i++) {
    board.attach(tcpTransport(await gw.dial()));
    board.send("{}");
    await gw.until(`round ${i}`, () => gw.gateway.devicesView()[0]?.connections > i);
  }
  expect(lines.filter((line) => line.startsWith("info connected"))).toHaveLength(1);
  expect(lines.filter((line) => line.startsWith("info session resumed"))).toHaveLength(10);
  expect(lines.length).toBeLessThanOrEqual(50);
  log.stop();
  const told = lines.filter((line) => line.startsWith("info session resumed"));
  const times = told.map((line) => JSON.parse(line.slice("info session resumed ".length)).times ?? 1);
  expect(times.reduce((sum, n) => sum + n, 0)).toBe(rounds - 1);
});

test("a peer that is refused for ever is told of a few times", async () => {
  const { gw, lines } = await logged();
  const hello = Buffer.from('{"hello":{"id":"?"}}');
  for (let i = 0; i < 60; i++) {
    const socket = await gw.dial();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => {}).resume();
    socket.end(Buffer.concat([Buffer.from([1, 0, 0, hello.length]), hello]));
    await closed;
  }
  expect(lines.join("\n")).toContain("HELLO_INVALID");
  expect(lines.length).toBeLessThanOrEqual(20);
});

test("strangers who hang up without a word leave no line", async () => {
  const { gw, lines } = await logged();
  for (let i = 0; i < 20; i++) {
    const socket = await gw.dial();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.resume().end();
    await closed;
  }
  expect(lines).toEqual([]);
});

/** Between two heartbeats of the gateway's own parts, ms: so many of them are an hour's, at one a minute. */
const BEAT_MS = 100;
const BEATS_OF_AN_HOUR = 60;

describe.skipIf(!isNgircdAvailable)(`a whole house (${ngircdNeeded})`, () => {
  test("an hour's heartbeats, messages to IRC and to another gateway, requests and looks leave no line", async () => {
    const server = await startNgircd();
    toStop.push(() => server.stop());
    const attic = await startGateway([
      ...["gateway.id=attic", 'gateway.hostId="2"', "peers.listen.port=0", 'peers.connect.0.id="1"'],
    ]);
    toStop.push(() => attic.stop());
    const { port } = attic.gateway.others.gateways.address!;
    const peer = ['id="2"', "name=attic", "host=127.0.0.1", `port=${port}`, "subscribe.0=*"];
    const hubPorts = ["com.in", "com.out", "tech.in", "tech.out"].map((name) => `monique.hub.${name}=0`);
    const { gw, lines } = await logged(
      ...["gateway.id=kitchen", 'gateway.hostId="1"', "peers.listen.enabled=false"],
      ...peer.map((setting) => `peers.connect.0.${setting}`),
      ...["irc.host=127.0.0.1", `irc.port=${server.port}`, "irc.tls.enabled=false", "irc.channels.0=#lab"],
      ...["irc.routes.0.channel=#lab", "irc.flood.burst=1000", "irc.flood.linesPerMinute=60000"],
      ...["monique.enabled=true", ...hubPorts, `monique.frequencyMs=${BEAT_MS}`],
    );
    const [near, far] = [await gw.board({ id: "near" }), await attic.board({ id: "far" })];
    await until(() => attic.gateway.others.services.feeds.all().length === 1);
    for (const board of [near, far]) board.send('{"ot":"l:n","i":-1}');
    await gw.until("both boards", () => gw.messages.length === 2);
    const { irc, work } = gw.gateway;
    await until(() => irc.view().networks[0].channels.every(({ state }) => state === "joined"));
    await until(
      () => work.components().length >= 4 && work.components().every((one) => one.state === "alive"),
    );
    const before = [...lines];
    const beats = () => Math.min(...work.components().map(({ heartbeats }) => heartbeats));
    const enough = beats() + BEATS_OF_AN_HOUR;
    for (let i = 0; beats() < enough; i++) {
      for (const board of [near, far]) board.send(`{"ot":"l:n","i":${i}}`);
      await gw.until(`round ${i}`, () => gw.messages.length === 2 * i + 4);
      await Promise.all(["near", "attic/far"].map((board) => gw.request(board, { ot: "l:info" }, 20)));
      gw.gateway.problems.view();
    }
    await until(() => irc.view().routes[0].behind === 0);
    expect(lines).toEqual(before);
    expect(before.length).toBeLessThanOrEqual(20);
  });
});

const data = folderForEach("log-volume");

describe.skipIf(!isPtyAvailable())("a cable (needs script: sudo apt-get install bsdutils)", () => {
  test("that comes and goes for ever is told of a few times, then counted", async () => {
    const path = join(data(), "tty");
    const plug = async () => {
      const pty = await openPty();
      await symlink(pty.path, path);
      return pty;
    };
    // Before the gateway, which else may say first that it is missing.
    let pty = await plug();
    const { gw, lines, log } = await logged(`serial.0.path=${path}`);
    const rounds = 6;
    for (let i = 0; i < rounds; i++) {
      if (i > 0) pty = await plug();
      await until(() => gw.gateway.openings()[0].opened > i);
      await unlink(path);
      await pty.close();
      await until(() => gw.gateway.linksView().length === 0);
    }
    log.stop();
    expect(lines.join("\n")).toMatch(/^info port open .*\ninfo connection over /);
    expect(lines.length).toBeLessThan(rounds);
  });
});
