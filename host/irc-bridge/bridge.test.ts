/** The bridge as a whole: without a network nothing of it runs; with two, what went over both is told together. */
import { expect, test } from "vitest";
import { type Config, configSchema } from "../config/schema.ts";
import { ScriptedServer } from "../irc/testing/scripted-server.ts";
import { lookupFor } from "../irc-iot/lookup.ts";
import { RequestBook } from "../peers/request-book.ts";
import { silentLog } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { openTestStore } from "../testing/stores.ts";
import { IrcBridge } from "./bridge.ts";

const toStop = stopAfterEach();

async function make(irc: object, peers: object = {}) {
  const store = await openTestStore();
  const time = { wall: 1_795_301_705_000 };
  const clock = { now: () => 0, wall: () => time.wall };
  const config = configSchema.parse({ gateway: { id: "kitchen" }, irc, peers, data: "memory" }) as Config;
  const bridge = new IrcBridge({
    ...{ config, store, clock, book: new RequestBook(store, clock), log: silentLog },
    router: { submit: () => Promise.reject(new Error("no board")), cancel: () => false },
    ...{ devices: () => [], knows: () => false, queue: () => ({}) as never, work: {} as never },
  });
  await bridge.open();
  return { bridge, time };
}

test("without a network it starts, is woken and ends, and is shown as what is not there", async () => {
  const { bridge } = await make({});
  bridge.start();
  bridge.wake();
  bridge.resume();
  expect(bridge.view()).toMatchObject({
    ...{ enabled: false, address: "bowline@kitchen", key: null, networks: [], routes: [] },
    commands: { accepted: 0, open: 0 },
  });
  expect(bridge.lastLines(undefined, 10)).toEqual([]);
  expect(() => bridge.lastLines("lab", 10)).toThrow(
    "reading the lines: no network lab; known: no network is configured",
  );
  await bridge.stop();
});

test("the last lines are those of both networks, the newest first, or of the one that is named", async () => {
  const server = await ScriptedServer.start();
  const there = { host: "127.0.0.1", port: server.port, tls: false };
  const { bridge, time } = await make({
    ...{ ...there, name: "lab", nick: "first", address: "gw@kitchen" },
    networks: [{ ...there, name: "home", nick: "second" }],
  });
  toStop.push(async () => {
    await server.stop();
    await bridge.stop();
  });
  bridge.start();
  const client = (nick: string) => server.clients.find((one) => one.find(new RegExp(`^NICK ${nick}`)));
  await until(() => client("first") !== undefined && client("second") !== undefined);
  await until(() => server.clients.every((one) => one.find(/^USER /) !== undefined));
  const before = bridge.lastLines(undefined, 100);
  expect(new Set(before.map(({ network }) => network))).toEqual(new Set(["lab", "home"]));
  time.wall += 1000;
  client("second")?.send(":irc.test NOTICE second :the newest");
  await until(() => bridge.lastLines("home", 100).some(({ text }) => text.includes("the newest")));
  expect(bridge.lastLines(undefined, 1)).toMatchObject([{ network: "home", at: time.wall }]);
  // Of one time those are newer that have the higher number.
  const lab = bridge.lastLines("lab", 100);
  expect(lab.every(({ network }) => network === "lab")).toBe(true);
  const numbers = lab.map(({ n }) => n);
  expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
  bridge.resume();
  expect(bridge.view()).toMatchObject({ enabled: true, address: "gw@kitchen", networks: [{}, {}] });
});

test("boards of gateways that are known by name say what ours say in words; of others it is not known what they mean", async () => {
  const { bridge } = await make({}, { connect: [{ id: "42", name: "attic" }, { id: "43" }] });
  const message = { ot: "l:telemetry", temp: 20.75 };
  const say = (device: string) => bridge.say({ device, message });
  expect(say("sim-1")).toBe("temp 20.75 °C");
  expect(say("attic/sim-1")).toBe(say("sim-1"));
  expect(say("barn/sim-1")).not.toBe(say("sim-1"));
});

test("who looks up in private what a type means is answered there", async () => {
  const server = await ScriptedServer.start();
  const { bridge } = await make({ host: "127.0.0.1", port: server.port, tls: false, nick: "gw" });
  toStop.push(async () => {
    await server.stop();
    await bridge.stop();
  });
  bridge.start();
  await until(() => server.clients[0]?.find(/^USER /) !== undefined);
  const [client] = server.clients;
  client.send(":irc.test 001 gw :Welcome", ":irc.test PONG irc.test :bowline-welcome");
  await until(() => bridge.view().networks[0].state === "online");
  const lookup = { ot: "lookup", oid: "1", src: "ann@phone", dst: "bowline@kitchen", d: lookupFor("l:led") };
  client.send(`:ann!u@h PRIVMSG gw :${JSON.stringify({ mid: "100", o: lookup })}`);
  await until(() => client.find(/^PRIVMSG ann :.*"answer"/) !== undefined);
  expect(bridge.view().commands).toMatchObject({ accepted: 0, refused: 0 });
});
