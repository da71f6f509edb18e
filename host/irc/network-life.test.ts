/** For ever: how long it waits between two tries, and when nobody is taken to be there. Hours are told, none is waited for. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { stopAfterEach } from "../testing/stops.ts";
import type { IrcNetworkSettings } from "./settings.ts";
import { startNetwork, type TestNetwork } from "./testing/listener.ts";
import { type ScriptedClient, ScriptedServer } from "./testing/scripted-server.ts";

const toStop = stopAfterEach();
let server: ScriptedServer;

beforeEach(async () => {
  server = await ScriptedServer.start();
  toStop.push(() => server.stop());
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function begin(settings: Partial<IrcNetworkSettings> = {}): TestNetwork {
  const one = startNetwork({
    port: server.port,
    retryMinMs: 5000,
    retryMaxMs: 300_000,
    randomSource: () => 1,
    ...settings,
  });
  toStop.push(() => {
    for (const client of server.clients) client.cut();
    return one.network.stop();
  });
  return one;
}

/** Resolves once the claim holds: sockets go on, and time stands still. */
async function soon(claim: () => boolean): Promise<void> {
  for (let turns = 0; !claim(); turns++) {
    if (turns > 100_000) throw new Error(`it stays false: ${claim}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** -> the client that is the n-th to come, when it registers. */
async function client(n: number): Promise<ScriptedClient> {
  await soon(() => server.clients[n - 1]?.find(/^USER /) !== undefined);
  return server.clients[n - 1];
}

async function online(one: ScriptedClient, { network }: TestNetwork): Promise<void> {
  one.send(":irc.test 001 gw :Welcome", ":irc.test PONG irc.test :bowline-welcome");
  await soon(() => network.state === "online");
}

/** -> how long it waits then, ms. */
async function cut(one: ScriptedClient, { network }: TestNetwork): Promise<number> {
  one.cut();
  await soon(() => network.state === "waiting");
  return network.view().nextTryMs!;
}

test("each wait is up to three times the one before, at most 5 min, and small again only after a minute online", async () => {
  const t = begin();
  const waits: number[] = [];
  for (let n = 1; n <= 5; n++) {
    waits.push(await cut(await client(n), t));
    vi.advanceTimersByTime(waits[n - 1] - 1);
    expect(t.network.state).toBe("waiting");
    vi.advanceTimersByTime(1);
  }
  expect(waits).toEqual([15_000, 45_000, 135_000, 300_000, 300_000]);
  const sixth = await client(6);
  await online(sixth, t);
  vi.advanceTimersByTime(59_999);
  expect(await cut(sixth, t)).toBe(300_000);
  vi.advanceTimersByTime(300_000);
  const seventh = await client(7);
  await online(seventh, t);
  vi.advanceTimersByTime(60_000);
  expect(await cut(seventh, t)).toBe(15_000);
  expect(t.network.view().counts.connections).toBe(2);
});

test("who is banned does not knock soon", async () => {
  const t = begin({ randomSource: () => 0 });
  expect(await cut(await client(1), t)).toBe(5000);
  vi.advanceTimersByTime(5000);
  const second = await client(2);
  second.send(":irc.test 465 gw :You are banned");
  await soon(() => t.network.state === "waiting");
  expect(t.network.view()).toMatchObject({ nextTryMs: 150_000, lastError: { code: "IRC_BANNED" } });
});

test("a server that never welcomes us is given up after 90 s", async () => {
  const t = begin();
  const one = await client(1);
  vi.advanceTimersByTime(89_000);
  await soon(() => t.network.state === "registering");
  vi.advanceTimersByTime(1000);
  await soon(() => one.isClosed && t.network.state === "waiting");
  expect(t.network.view().lastError).toMatchObject({ code: "IRC_TIMEOUT" });
});

test("a server that falls silent is asked after 60 s, and given up after 120 s", async () => {
  const t = begin();
  const one = await client(1);
  await online(one, t);
  vi.advanceTimersByTime(59_900);
  expect(one.find(/^PING bowline-1$/)).toBeUndefined();
  vi.advanceTimersByTime(200);
  await soon(() => one.find(/^PING bowline-1$/) !== undefined);
  one.send(":irc.test PONG irc.test :bowline-1");
  one.send("PING :read");
  await soon(() => one.find(/^PONG read$/) !== undefined);
  vi.advanceTimersByTime(60_000);
  await soon(() => one.find(/^PING bowline-2$/) !== undefined);
  vi.advanceTimersByTime(59_000);
  expect(t.network.state).toBe("online");
  vi.advanceTimersByTime(1500);
  await soon(() => t.network.state === "waiting");
  expect(t.network.view().lastError).toMatchObject({ code: "IRC_TIMEOUT" });
  expect(t.listener.events.at(-1)).toMatch(/^offline: .*does not answer any more$/);
});

test.each<[string, (one: ScriptedClient) => void]>([
  ["our own JOIN has shown how others see us", (one) => one.send(":gw!bowline@host JOIN #lab")],
  ["no channel shows it", (one) => one.send(":irc.test 473 gw #lab :Cannot join channel (+i)")],
  ["the server has not answered JOIN for 30 s", () => vi.advanceTimersByTime(30_000)],
])("on each connection a nick is spoken to once %s", async (_, show) => {
  const t = begin();
  for (const n of [1, 2]) {
    const one = await client(n);
    await online(one, t);
    void t.say("ann", "hello");
    await soon(() => one.find(/^JOIN /) !== undefined);
    vi.advanceTimersByTime(29_900);
    one.send("PING :read");
    await soon(() => one.find(/^PONG read$/) !== undefined);
    expect([one.find(/^PRIVMSG/), t.network.canSpeak("ann")]).toEqual([undefined, false]);
    show(one);
    await soon(() => {
      vi.advanceTimersByTime(1);
      return one.find(/^PRIVMSG ann :hello$/) !== undefined;
    });
    expect(t.network.canSpeak("ann")).toBe(true);
    vi.advanceTimersByTime(await cut(one, t));
  }
});

test("stop() with a line that is never confirmed, at a server that stands still, has its end after 3 s", async () => {
  const t = begin();
  const one = await client(1);
  await online(one, t);
  one.send(":gw!bowline@host JOIN #lab");
  void t.say("ann", "hello");
  await soon(() => one.find(/^PING bowline-1$/) !== undefined);
  one.hold();
  let isStopped = false;
  void t.network.stop().then(() => {
    isStopped = true;
  });
  vi.advanceTimersByTime(2999);
  await soon(() => t.network.state === "online");
  vi.advanceTimersByTime(1);
  await soon(() => isStopped);
  expect(t.network.view().counts).toMatchObject({ confirmed: 0, lost: 1 });
});

test("one line in the log for a server that is down, however often it is tried, and one when it is back", async () => {
  const lines: string[] = [];
  const note = (_fields: object, text: string) => lines.push(text);
  const t = startNetwork(
    { port: server.port, retryMinMs: 1000, retryMaxMs: 1000 },
    { debug: note, info: note, warn: note, error: note },
  );
  toStop.push(() => {
    for (const one of server.clients) one.cut();
    return t.network.stop();
  });
  for (let n = 1; n <= 4; n++) vi.advanceTimersByTime(await cut(await client(n), t));
  await online(await client(5), t);
  expect(lines).toEqual([
    `IRC: 127.0.0.1:${server.port} closed the connection without a word`,
    "IRC: online",
  ]);
});

test("the log says when the nick is not the one that was wanted, and when it is again", async () => {
  const lines: [string, object][] = [];
  const note = (fields: object, text: string) => lines.push([text, fields]);
  const t = startNetwork({ port: server.port }, { debug: note, info: note, warn: note, error: note });
  toStop.push(() => {
    for (const one of server.clients) one.cut();
    return t.network.stop();
  });
  const one = await client(1);
  one.send(":irc.test 433 * gw :Nickname is already in use");
  await soon(() => one.find(/^NICK gw_$/) !== undefined);
  one.send(":irc.test 001 gw_ :Welcome", ":irc.test PONG irc.test :bowline-welcome");
  await soon(() => t.network.state === "online");
  one.send(":gw_!u@h NICK gw");
  await soon(() => t.network.nick === "gw");
  expect(lines.map(([text]) => text)).toEqual([
    "IRC: online, as gw_: the server did not give us gw",
    "IRC: our nick is gw now",
  ]);
});
