/** What a real gateway writes to its log: changes of state, none of what repeats, nothing while all is well. */
import { expect, test } from "vitest";
import { systemClock } from "./platform/clock.ts";
import { RepeatLimit } from "./platform/repeat-limit.ts";
import { BoardClient } from "./testing/board-client.ts";
import { startGateway } from "./testing/gateway.ts";
import { stopAfterEach } from "./testing/stops.ts";
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
