/** What a network of the bridge says, and what it does not even keep waiting. */
import { expect, test, vi } from "vitest";
import { type ScriptedClient, ScriptedServer } from "../irc/testing/scripted-server.ts";
import { defaultLimits } from "../irc-iot/limits.ts";
import { LineLane, type OutLine } from "../irc-iot/line.ts";
import type { Counters } from "../irc-iot/pack.ts";
import { silentLog } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { openTestStore } from "../testing/stores.ts";
import { Addresses } from "./addresses.ts";
import { BridgeNetwork } from "./bridge-network.ts";

const CHANNEL = `#${"lab".repeat(16)}`;

const toStop = stopAfterEach();

async function make(port = 6667) {
  const store = await openTestStore();
  const time = { now: 0 };
  const clock = { now: () => time.now, wall: () => 1_795_301_705_000 };
  const network = new BridgeNetwork({
    settings: {
      ...{ name: "n", host: "127.0.0.1", port, tls: false, nick: "g".repeat(30), user: "bowline" },
      ...{ realname: "x", sasl: null, channels: [{ name: CHANNEL }], flood: { burst: 1000, perS: 1000 } },
      ...{ maxQueue: 256, retryMinMs: 10, retryMaxMs: 10, randomSource: () => 0 },
    },
    participant: {
      ...{ limits: defaultLimits, schemes: { scheme: "b85p" }, checksum: "", sign: null, peers: [] },
      ...{ random: () => 0.5, now: clock.now, wall: clock.wall },
    },
    ...{ routes: [], store, clock, log: silentLog, addresses: new Addresses("kitchen", "bowline@kitchen") },
    ...{ random: () => 0, nextOrder: () => "1", knows: () => true, say: () => "" },
    listener: { onDatum() {}, onPeopleLine() {}, onLine() {}, onNick() {} },
  });
  await network.load({ lines: [], answers: [], routes: new Map() });
  const reserved = async () => (await store.records<Counters>("ic/"))[0][1];
  return { network, reserved, time };
}

/** The same on a server that says what the test says. */
async function online() {
  const server = await ScriptedServer.start();
  const made = await make(server.port);
  const { network } = made;
  const { clients } = server;
  const connect = async () => {
    network.start();
    await until(() => clients.length === 1);
    const client = await register(clients[0]);
    await enter(client, network);
    return client;
  };
  toStop.push(async () => {
    await server.stop();
    await network.stop();
  });
  return { ...made, clients, connect };
}

async function register(client: ScriptedClient): Promise<ScriptedClient> {
  await until(() => client.find(/^USER /) !== undefined);
  client.send(":irc.test 001 gw :Welcome", ":irc.test PONG irc.test :bowline-welcome");
  await until(() => client.find(/^JOIN /) !== undefined);
  return client;
}

async function enter(client: ScriptedClient, network: BridgeNetwork): Promise<void> {
  client.send(`:gw!bowline@host JOIN ${CHANNEL}`);
  await until(() => network.edge.canSpeak(CHANNEL));
}

test("ids are reserved as fast as they are used", async () => {
  const { network, reserved } = await make();
  const big = { ot: "l:big", src: "sim-1@kitchen", dst: "", text: "x".repeat(1000) };
  for (let i = 0; i < 3; i++) {
    const before = (await reserved()).did;
    for (let n = 0; n < 120; n++) network.sayDatumsOnce(CHANNEL, [big]);
    await until(async () => (await reserved()).did > before);
    expect((await reserved()).did).toBeGreaterThan(network.participant.counters.did);
  }
});

test("mids are reserved as the lines get them, however long these have waited for their turn", async () => {
  const { network, reserved } = await make();
  const lines: OutLine[] = [];
  vi.spyOn(network.edge, "send").mockImplementation((line) => void lines.push(line));
  for (let n = 0; n < 1100; n++)
    network.sayDatumsOnce(CHANNEL, [{ ot: "l:x", src: "sim-1@kitchen", dst: "", n }]);
  for (const line of lines) await line.take();
  await until(async () => (await reserved()).mid > network.participant.counters.mid);
});

test("a line of words that is longer than its target has room for is cut, and said", async () => {
  const { network } = await make();
  network.sayOnce("ann", "ä".repeat(300));
  expect(network.edge.view().queue).toMatchObject({ control: 1, fresh: 0 });
});

test("words for a channel that refuses us, or that we are not in, leave room for what answers somebody", async () => {
  const { network, connect } = await online();
  const ask = () => {
    for (let i = 0; i < 300; i++) network.sayOnce(CHANNEL, `kitchen: fine ${i}`);
    expect(network.edge.view().queue.control).toBe(0);
  };
  ask();
  const client = await connect();
  network.sayOnce(CHANNEL, "kitchen: the first");
  await until(() => client.find(/kitchen: the first/) !== undefined);
  client.send(`:irc.test 404 gw ${CHANNEL} :Cannot send to channel (+m)`);
  await until(() => !network.edge.canSpeak(CHANNEL));
  ask();
  for (const lane of [LineLane.CONTROL, LineLane.FRESH]) {
    const text = `for ann in lane ${lane}`;
    network.edge.send({ target: "ann", lane, maxBytes: 99, take: async () => text, onOutcome() {} });
    await until(() => client.find(new RegExp(`PRIVMSG ann :${text}`)) !== undefined);
  }
  expect(network.edge.view().counts.dropped).toBe(0);
});

test("nor are words kept for a nick that is not there", async () => {
  const { network, connect } = await online();
  const client = await connect();
  network.sayOnce("ann", "kitchen: fine");
  await until(() => client.find(/PRIVMSG ann/) !== undefined);
  client.send(":irc.test 401 gw ann :No such nick");
  await until(() => !network.edge.canSpeak("ann"));
  network.sayOnce("ann", "kitchen: fine");
  expect(network.edge.view().queue.control).toBe(0);
});

test("words that could not leave for two minutes are not said any more; a line of the audit is", async () => {
  const { network, connect, time } = await online();
  network.sayOnce("ann", "kitchen: long ago");
  network.sayOnce(CHANNEL, "audit: long ago", LineLane.AGAIN);
  time.now = 119_999;
  network.sayOnce("ann", "kitchen: of now");
  time.now = 120_000;
  const client = await connect();
  await until(() => client.find(/audit: long ago/) !== undefined);
  expect(client.lines.filter((line) => line.startsWith("PRIVMSG ann"))).toEqual([
    "PRIVMSG ann :kitchen: of now",
  ]);
});

test("an answer to a nick that fills its line is said again, the same, on the next connection", async () => {
  const { network, clients, connect, time } = await online();
  const first = await connect();
  await until(() => network.edge.canSpeak("ann"));
  const text = "x".repeat(network.edge.budget("ann"));
  const answer = { target: "ann", isChannel: false, texts: [text], datums: [], at: 1_795_301_705_000 };
  network.kept.answers.keep(answer, [], () => network.wake());
  await until(() => first.lines.includes(`PRIVMSG ann :${text}`));
  first.cut();
  await until(() => network.edge.state !== "online");
  time.now = 1000;
  await until(() => clients.length === 2);
  const second = await register(clients[1]);
  // Before our JOIN is back a line has less room than it had.
  await until(() => network.edge.state === "online" && network.edge.budget("ann") < text.length);
  network.wake();
  await enter(second, network);
  await until(() => second.lines.includes(`PRIVMSG ann :${text}`));
});

test("a network that was never started ends all the same", async () => {
  const { network } = await make();
  await network.stop();
  expect(network.edge.state).not.toBe("online");
});

test("what nobody waits for any more when its turn comes is not said", async () => {
  const { network, connect } = await online();
  const told: string[] = [];
  const datum = (v: string) => ({ ot: "l:x", src: "sim-1@kitchen", dst: "", v });
  const watch = (name: string, isWanted: boolean) => ({
    isWanted: () => isWanted,
    onSaid: () => void told.push(`${name} said`),
    onLost: (outcome: string) => void told.push(`${name} ${outcome}`),
  });
  network.sayDatumsOnce("ann", [datum("unwanted")], watch("first", false));
  network.sayDatumsOnce("ann", [datum("wanted")], watch("second", true));
  const client = await connect();
  await until(() => client.find(/PRIVMSG ann .*"v":"wanted"/) !== undefined);
  expect(told).toEqual(["first withdrawn", "second said"]);
  expect(client.find(/unwanted/)).toBeUndefined();
});

test("JSON that is no Container is a fault that is counted, and people's words are none", async () => {
  const { network, connect } = await online();
  const client = await connect();
  client.send(`:ann!u@h PRIVMSG ${CHANNEL} :hello`, `:ann!u@h PRIVMSG ${CHANNEL} :{"mid":`);
  await until(() => network.counts.faults === 1);
  expect(network.counts.datums).toBe(0);
});
