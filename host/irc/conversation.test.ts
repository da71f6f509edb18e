/** What a server may say to us once we are in, and what must not be made of it. Told by a server that follows a script. */
import { beforeEach, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { randomInteger, seededRandom } from "../transports/random.ts";
import { MAX_LINE_BYTES } from "./line-cutter.ts";
import { startNetwork, type TestNetwork } from "./testing/listener.ts";
import { type ScriptedClient, ScriptedServer } from "./testing/scripted-server.ts";

const toStop = stopAfterEach();
let server: ScriptedServer;
let t: TestNetwork;
let client: ScriptedClient;

const CAPS = "account-tag batch chghost extended-join message-tags";

beforeEach(async () => {
  server = await ScriptedServer.start();
  toStop.push(() => server.stop());
  t = startNetwork({ port: server.port, channels: [{ name: "#lab" }, { name: "#other" }] });
  toStop.push(() => t.network.stop());
  await until(() => server.clients[0]?.find(/^USER /) !== undefined);
  client = server.clients[0];
  client.send(`:irc.test CAP * LS :${CAPS}`);
  await until(() => client.find(/^CAP REQ/) !== undefined);
  client.send(`:irc.test CAP * ACK :${client.find(/^CAP REQ/)!.slice(9)}`, ":irc.test 001 gw :Welcome");
  client.send(":irc.test 005 gw CASEMAPPING=ascii CHANTYPES=# PREFIX=(ov)@+ :are supported");
  client.send(":irc.test PONG irc.test :bowline-welcome");
  client.send(
    ":gw!~gw@host JOIN #lab gw :r",
    ":irc.test 353 gw = #lab :@gw ann +ben",
    ":gw!~gw@host JOIN #other gw :r",
  );
  await t.listener.event("#other joined");
});

/** -> when all that was sent has been read. */
async function read(): Promise<void> {
  const token = `read${client.lines.length}`;
  client.send(`PING :${token}`);
  await until(() => client.find(new RegExp(`^PONG ${token}$`)) !== undefined);
}

const texts = () => t.listener.heard.map(({ text }) => text);

test("our own echo, servers, broadcasts, channels that are not ours and what is replayed are not heard", async () => {
  client.send(
    ":gw!~gw@host PRIVMSG #lab :our echo",
    ":GW!~gw@host PRIVMSG #lab :in capitals",
    ":irc.test PRIVMSG #lab :the server",
    ":ann PRIVMSG #lab :no mask",
    ":ann!a@h PRIVMSG $$* :broadcast",
    ":ann!a@h PRIVMSG #nowhere :elsewhere",
    ":ann!a@h PRIVMSG @#lab :to the operators of the channel",
    ":irc.test BATCH +b1 chathistory #lab",
    "@batch=b1 :ann!a@h PRIVMSG #lab :!led sim-1 on",
    "@batch=b1 :irc.test BATCH +b2 anything #lab",
    "@batch=b2 :ann!a@h PRIVMSG #lab :!led sim-1 on",
    ":irc.test BATCH -b2",
    ":irc.test BATCH -b1",
    ":irc.test BATCH +b3 netsplit a b",
    "@batch=b3;account=ann :ann!a@h PRIVMSG #lab :heard",
  );
  await read();
  expect(t.listener.heard).toEqual([
    {
      from: { network: "test", nick: "ann", user: "a", host: "h", account: "ann" },
      channel: "#lab",
      text: "heard",
    },
  ]);
  expect(t.network.view().counts).toMatchObject({ ignored: 9, faults: 0 });
});

test("a line of 10^6 bytes is dropped and counted, whatever it would have said, and the next is read", async () => {
  const long = `:ann!a@h PRIVMSG #lab :${"x".repeat(1_000_000)}`;
  client.send(long, ":ann!a@h PRIVMSG #lab :next");
  const most = ":ann!a@h PRIVMSG #lab :".padEnd(MAX_LINE_BYTES, "y");
  client.send(most, `${most}y`);
  await read();
  expect(texts().map((text) => text.length)).toEqual([4, MAX_LINE_BYTES - 23]);
  expect(t.network.view().counts.tooLong).toBe(2);
});

test("a refused line is lost and not confirmed; there nothing is said for now, and elsewhere it goes on", async () => {
  const [there, later, elsewhere] = [t.say("#lab", "one"), t.say("#lab", "two"), t.say("#other", "three")];
  await until(() => client.find(/PRIVMSG #other :three/) !== undefined);
  client.send(":irc.test 404 gw #lab :Cannot send to channel (+m)");
  expect(await Promise.all([there, later])).toEqual(["lost", "lost"]);
  expect(await t.listener.event("#lab muted")).toBe("#lab muted: 404 Cannot send to channel (+m)");
  void t.say("#lab", "four");
  answerPings();
  expect(await elsewhere).toBe("confirmed");
  expect(client.find(/four/)).toBeUndefined();
});

test.each([
  ["401 gw cat :No such nick/channel", true, "401 No such nick/channel"],
  ["716 gw cat :is in +g mode (server-side ignore)", false, "716 is in +g mode (server-side ignore)"],
  ["531 gw cat :You cannot send messages to this user", false, "531 You cannot send messages to this user"],
  ["486 gw cat :You must be registered", false, "486 You must be registered"],
  // As ngircd says it.
  ["486 gw :You must identify to message cat", false, "486 You must identify to message cat"],
  ["493 gw :You must share a channel with cat", false, "493 You must share a channel with cat"],
])("who is not there is told from who does not wish to hear us: %s", async (line, isAbsent, reason) => {
  const said = t.say("cat", "one");
  await until(() => client.find(/PRIVMSG cat :one/) !== undefined);
  client.send(`:irc.test ${line}`);
  expect(await said).toBe("lost");
  expect(t.network.refusalOf("Cat")).toEqual({ isAbsent, reason });
  client.send(":cat!c@h PRIVMSG #lab :here");
  await read();
  expect(t.network.refusalOf("cat")).toBeNull();
});

test("a nick that is not there is spoken to again once it is seen", async () => {
  const first = t.say("cat", "one");
  await until(() => client.find(/PRIVMSG cat :one/) !== undefined);
  client.send(":irc.test 401 gw cat :No such nick/channel");
  expect(await first).toBe("lost");
  await t.listener.event("gone cat");
  const second = t.say("cat", "two");
  answerPings();
  await read();
  expect(client.find(/two/)).toBeUndefined();
  client.send(":cat!c@h JOIN #lab * :cat");
  await until(() => client.find(/PRIVMSG cat :two/) !== undefined);
  answerPings();
  expect(await second).toBe("confirmed");
});

test("the mask follows NICK, 396 and CHGHOST; the budget counts every byte of it", async () => {
  // 510 - ":gw!~gw@host" with two more for other nicks - " PRIVMSG " - "#lab" - " :"
  expect(t.network.budget("#lab")).toBe(510 - 12 - 2 - 9 - 4 - 2);
  client.send(":irc.test 396 gw a.cloak :is now your displayed host");
  await read();
  expect(t.network.view().mask).toBe("gw!~gw@a.cloak");
  expect(t.network.budget("#lab")).toBe(510 - 15 - 2 - 9 - 4 - 2);
  client.send(":gw!~gw@a.cloak CHGHOST user another.host");
  await read();
  expect(t.network.view().mask).toBe("gw!user@another.host");
  client.send(":gw!user@another.host NICK :a-longer-nick");
  await read();
  expect(t.network.nick).toBe("a-longer-nick");
  expect(t.network.budget("#lab")).toBe(510 - ":a-longer-nick!user@another.host".length - 9 - 4 - 2);
  client.send(":ann!a@h PRIVMSG a-longer-nick :for us");
  await read();
  expect(texts()).toEqual(["for us"]);
});

test("a line that waited while our mask grew is given back, and not cut by the server", async () => {
  client.send(":op!o@h KICK #lab gw :out");
  await t.listener.event("#lab kicked: kicked by op: out");
  const waiting = t.say("#lab", "x".repeat(t.network.budget("#lab")));
  client.send(":irc.test 396 gw a.longer.cloak.than.before :is now your displayed host");
  client.send(":gw!~gw@a.longer.cloak.than.before JOIN #lab gw :r");
  expect(await waiting).toBe("outgrown");
  expect(client.find(/xxx/)).toBeUndefined();
});

test("channels a server sends us to without being asked are left", async () => {
  client.send(":gw!~gw@host JOIN #ads gw :r");
  await until(() => client.find(/^PART #ads$/) !== undefined);
});

test("whatever a server says, nothing ends and nothing is thrown", async () => {
  const seed = 7;
  const random = seededRandom(seed);
  const pick = <T>(from: readonly T[]): T => from[randomInteger(random, 0, from.length - 1)];
  const commands = [
    "PRIVMSG",
    "JOIN",
    "PART",
    "KICK",
    "QUIT",
    "NICK",
    "ACCOUNT",
    "CHGHOST",
    "BATCH",
    "PONG",
    "MODE",
  ]
    .concat(["CAP", "AUTHENTICATE", "NOTICE", "TAGMSG", "KILL", "WALLOPS", "TOPIC", "INVITE", "FAIL"])
    .concat([
      "001",
      "005",
      "276",
      "318",
      "330",
      "353",
      "366",
      "396",
      "401",
      "404",
      "433",
      "471",
      "900",
      "903",
      "904",
    ]);
  const words = [
    "gw",
    "ann",
    "#lab",
    "#other",
    "*",
    "",
    ":",
    "@ann",
    "+b1",
    "-b1",
    "\x00",
    "\x01",
    "=",
    "a!b@c",
    "PREFIX",
  ].concat([
    "CHANTYPES",
    "CASEMAPPING",
    "LS",
    "ACK",
    "NAK",
    "DEL",
    "NEW",
    "sasl",
    "account-tag",
    "🚪",
    "\ufffd",
  ]);
  const prefixes = ["", ":irc.test ", ":ann!a@h ", ":ben!b@h ", "@batch=b1 :ann!a@h ", "@=;;a= :x!y@z "];
  for (let i = 0; i < 3000; i++) {
    const count = randomInteger(random, 0, 5);
    const params = Array.from({ length: count }, () => pick(words));
    client.send(`${pick(prefixes)}${pick(commands)} ${params.join(" ")}`);
  }
  await read();
  expect([t.network.state, `seed ${seed}`]).toEqual(["online", `seed ${seed}`]);
});

/** Answers every PING so far, so that lines are confirmed. */
function answerPings(): void {
  for (const line of client.lines) {
    const token = /^PING (bowline-\d+)$/.exec(line)?.[1];
    if (token !== undefined) client.send(`:irc.test PONG irc.test :${token}`);
  }
}
