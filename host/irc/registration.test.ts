/** Coming in: capabilities and logins as servers really answer, told by a server that follows a script. */
import { beforeEach, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { stopAfterEach } from "../testing/stops.ts";
import type { IrcNetworkSettings } from "./settings.ts";
import { startNetwork, type TestNetwork } from "./testing/listener.ts";
import { type ScriptedClient, ScriptedServer } from "./testing/scripted-server.ts";

const toStop = stopAfterEach();
let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
  toStop.push(() => server.stop());
});

const sasl = { mechanism: "PLAIN", user: "gw", password: "secret" } as const;
// base64 of "gw\0gw\0secret"
const PROOF = "Z3cAZ3cAc2VjcmV0";
/** A day: once it waits, it stays so until the test is over. */
const once = { retryMinMs: 86_400_000, retryMaxMs: 86_400_000 };

async function begin(
  settings: Partial<IrcNetworkSettings> = {},
): Promise<TestNetwork & { client: ScriptedClient }> {
  const one = startNetwork({ port: server.port, ...once, ...settings });
  toStop.push(() => one.network.stop());
  await until(() => server.clients[0]?.find(/^USER /) !== undefined);
  return { ...one, client: server.clients[0] };
}

/** Waits for lines in this order, and returns all that were sent. */
async function said(client: ScriptedClient, ...whats: RegExp[]): Promise<string[]> {
  let since = 0;
  for (const what of whats) {
    await until(() => {
      const line = client.find(what, since);
      if (line === undefined)
        throw new Error(`waiting for ${what}; there were ${JSON.stringify(client.lines)}`);
    });
    since = client.lines.findIndex((line, i) => i >= since && what.test(line)) + 1;
  }
  return client.lines;
}

async function failed({ network }: TestNetwork, client: ScriptedClient, code: string): Promise<void> {
  await until(() => client.isClosed && network.state === "waiting");
  expect(network.view().lastError?.code).toBe(code);
  expect(client.find(/^CAP END/)).toBeUndefined();
  expect(network.view().counts.connections).toBe(0);
}

/** As most servers begin: welcome, and how it works. */
function welcome(client: ScriptedClient, nick = "gw"): void {
  client.send(`:irc.test 001 ${nick} :Welcome`, `:irc.test 005 ${nick} CASEMAPPING=ascii :are supported`);
}

async function online(client: ScriptedClient): Promise<void> {
  welcome(client);
  await said(client, /^PING bowline-welcome$/);
  client.send(":irc.test PONG irc.test :bowline-welcome");
  await said(client, /^JOIN #lab$/);
}

test("an offer of several lines is answered once; an answer of two lines is one, and the login ends before CAP does", async () => {
  const t = await begin({ sasl });
  const { client } = t;
  client.send(
    ":irc.test CAP * LS * :multi-prefix account-tag",
    ":irc.test CAP * LS :sasl=EXTERNAL,PLAIN server-time",
  );
  await said(client, /^CAP REQ :multi-prefix account-tag sasl server-time$/);
  client.send(":irc.test CAP * ACK :multi-prefix sasl ");
  client.send(":irc.test CAP * ACK :account-tag server-time");
  await said(client, /^AUTHENTICATE PLAIN$/);
  client.send("AUTHENTICATE +");
  await said(client, new RegExp(`^AUTHENTICATE ${PROOF}$`));
  client.send(":irc.test 900 gw gw!gw@host gw :You are now logged in as gw");
  client.send("PING :1");
  await said(client, /^PONG 1$/);
  expect(client.find(/^CAP END/)).toBeUndefined(); // 900 is not the end of it
  client.send(":irc.test 903 gw :SASL authentication successful");
  await said(client, /^CAP END$/);
  await online(client);
  expect(client.lines.filter((line) => line.startsWith("AUTHENTICATE")).length).toBe(2);
  expect(t.network.view()).toMatchObject({ state: "online", account: "gw" });
});

test("capabilities that are refused together are asked for one by one", async () => {
  const { client } = await begin({ sasl });
  client.send(":irc.test CAP * LS :account-tag sasl server-time");
  await said(client, /^CAP REQ :account-tag sasl server-time$/);
  client.send(":irc.test CAP * NAK :account-tag sasl server-time");
  await said(client, /^CAP REQ :account-tag$/, /^CAP REQ :sasl$/, /^CAP REQ :server-time$/);
  client.send(
    ":irc.test CAP * NAK :account-tag",
    ":irc.test CAP * ACK :sasl",
    ":irc.test CAP * ACK :server-time",
  );
  await said(client, /^AUTHENTICATE PLAIN$/);
});

test("with all of them refused it goes on without, where no login is wanted", async () => {
  const { client } = await begin();
  client.send(":irc.test CAP * LS :account-tag server-time");
  await said(client, /^CAP REQ :account-tag server-time$/);
  client.send(":irc.test CAP * NAK :account-tag server-time");
  await said(client, /^CAP REQ :server-time$/);
  client.send(":irc.test CAP * NAK :account-tag", ":irc.test CAP * NAK :server-time");
  await said(client, /^CAP END$/);
  await online(client);
});

test.each([
  ["offers none", "IRC_SASL_MISSING", [":irc.test CAP * LS :account-tag"]],
  ["offers nothing at all", "IRC_SASL_MISSING", [":irc.test CAP * LS :"]],
  ["offers other mechanisms", "IRC_SASL_MISSING", [":irc.test CAP * LS :sasl=EXTERNAL"]],
  [
    "refuses the capability",
    "IRC_SASL_MISSING",
    [":irc.test CAP * LS :sasl", ":irc.test CAP * NAK :sasl", ":irc.test CAP * NAK :sasl"],
  ],
  [
    "knows no capabilities",
    "IRC_SASL_MISSING",
    [":irc.test 421 * CAP :Unknown command", ":irc.test 001 gw :Welcome"],
  ],
  ["refuses it", "IRC_SASL_FAILED", [":irc.test 904 gw :SASL authentication failed"]],
  ["locks it", "IRC_SASL_FAILED", [":irc.test 902 gw :You must use a nick assigned to you"]],
  ["breaks it off", "IRC_SASL_FAILED", [":irc.test 906 gw :SASL authentication aborted"]],
  ["asks for more than we have", "IRC_SASL_FAILED", ["AUTHENTICATE c29tZXRoaW5n"]],
  [
    "names other mechanisms",
    "IRC_SASL_MISSING",
    [":irc.test 908 gw EXTERNAL :are available", ":irc.test 904 gw :failed"],
  ],
])("nobody is registered by a server that is to log us in and %s", async (_what, code, lines) => {
  const t = await begin({ sasl });
  t.client.send(...lines);
  await failed(t, t.client, code);
});

test("the password of the server is never taken for one of services", async () => {
  const { client } = await begin({ password: "of-the-server" });
  await said(client, /^PASS of-the-server$/);
  client.send(":irc.test CAP * LS :sasl account-tag");
  await said(client, /^CAP REQ :account-tag$/);
  client.send(":irc.test CAP * ACK :account-tag");
  await said(client, /^CAP END$/);
  await online(client);
  expect(client.find(/AUTHENTICATE/)).toBeUndefined();
});

test("what was said is shown line by line, both ways, without a password", async () => {
  const { client, network, listener } = await begin({ password: "of-the-server", sasl });
  await said(client, /^PASS of-the-server$/);
  client.send(":irc.test CAP * LS :sasl");
  await said(client, /^CAP REQ/);
  client.send(":irc.test CAP * ACK :sasl");
  await said(client, /^AUTHENTICATE PLAIN$/);
  client.send("AUTHENTICATE +");
  await said(client, /^AUTHENTICATE Z3cAZ3cAc2VjcmV0$/);
  const lines = network
    .lastLines(500)
    .reverse()
    .map(({ way, text }) => `${way} ${text}`);
  expect(lines).toEqual(
    expect.arrayContaining(["out PASS ***", "in AUTHENTICATE +", "out AUTHENTICATE ***"]),
  );
  expect(lines.join("\n")).not.toMatch(/of-the-server|Z3cAZ3cAc2VjcmV0/);
  expect(listener.lines).toEqual(network.lastLines(500).reverse());
});

test.each([
  [":irc.test 464 * :Password incorrect", "IRC_PASSWORD"],
  [":irc.test 465 * :You are banned from this server", "IRC_BANNED"],
  [":irc.test 432 * gw :Erroneous nickname", "IRC_NICK_INVALID"],
  ["ERROR :Closing Link: 127.0.0.1 (K-Lined: no bots)", "IRC_BANNED"],
  ["ERROR :Closing Link: 127.0.0.1 (Excess Flood)", "IRC_FLOOD"],
  ["ERROR :Closing Link: 127.0.0.1 (too many connections)", "IRC_CLOSED"],
])("%s is a reason of its own", async (line, code) => {
  const t = await begin();
  t.client.send(line);
  if (line.startsWith("ERROR")) {
    await until(() => t.client.lines.length > 0);
    t.client.send("PING :read"); // it is read before the connection ends
    await said(t.client, /^PONG read$/);
    t.client.cut();
  }
  await failed(t, t.client, code);
});

test("a nick that is taken: two others are tried, and no third", async () => {
  const t = await begin();
  t.client.send(":irc.test 433 * gw :Nickname is already in use");
  await said(t.client, /^NICK gw_$/);
  t.client.send(":irc.test 433 * gw_ :Nickname is already in use");
  await said(t.client, /^NICK gw__$/);
  t.client.send(":irc.test 433 * gw__ :Nickname is already in use");
  await failed(t, t.client, "IRC_NICK_IN_USE");
  expect(t.client.lines.filter((line) => line.startsWith("NICK"))).toEqual([
    "NICK gw",
    "NICK gw_",
    "NICK gw__",
  ]);
});

test("logged in under another nick, services are asked once to give ours back", async () => {
  const { client } = await begin({ sasl });
  client.send(":irc.test CAP * LS :sasl", ":irc.test CAP * ACK :sasl", ":irc.test 903 * :done");
  client.send(":irc.test 900 * gw!gw@host gw :You are now logged in as gw");
  client.send(":irc.test 433 * gw :Nickname is already in use");
  await said(client, /^NICK gw_$/);
  welcome(client, "gw_");
  await said(client, /^PING bowline-welcome$/);
  client.send(":irc.test PONG irc.test :bowline-welcome");
  await said(client, /^PRIVMSG NickServ :REGAIN gw$/, /^JOIN #lab$/);
});
