/** A network against a real server: what is said arrives, what is heard is for us, and it comes back whatever happens. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LineLane } from "../irc-iot/line.ts";
import { until } from "../platform/testing/until.ts";
import { tcpRelay } from "../testing/relay.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { startNetwork, type TestNetwork } from "./testing/listener.ts";
import { LossyRelay } from "./testing/lossy-relay.ts";
import { isNgircdAvailable, type Ngircd, ngircdNeeded, startNgircd } from "./testing/ngircd.ts";
import { Person, type PersonOptions } from "./testing/person.ts";

const toStop = stopAfterEach();

describe.skipIf(!isNgircdAvailable)(`a network on a real server (${ngircdNeeded})`, () => {
  let server: Ngircd;
  beforeAll(async () => {
    server = await startNgircd({ operator: { name: "op", password: "op" } });
  });
  afterAll(() => server.stop());

  async function person(nick: string, options: Partial<PersonOptions> = {}): Promise<Person> {
    const one = await Person.connect({ port: server.port, nick, channels: ["#lab"], ...options });
    toStop.push(() => one.quit());
    return one;
  }

  /** In #lab, where nothing else is said. */
  async function network(
    settings: Parameters<typeof startNetwork>[0] = { port: server.port },
  ): Promise<TestNetwork> {
    const one = startNetwork(settings);
    toStop.push(() => one.network.stop());
    await one.listener.event(`${settings.channels?.[0].name ?? "#lab"} joined`);
    return one;
  }

  test("what it says arrives, and is confirmed once the server has taken it", async () => {
    const ann = await person("ann");
    const { say, network: net } = await network();
    expect(await say("#lab", "to all")).toBe("confirmed");
    expect(await say("ann", "to one")).toBe("confirmed");
    expect(await ann.heard("to all")).toEqual({ from: "gw", target: "#lab", text: "to all" });
    expect(await ann.heard("to one")).toEqual({ from: "gw", target: "ann", text: "to one" });
    expect(net.members("#LAB").sort()).toEqual(["ann", "gw"]);
    expect(net.view()).toMatchObject({
      state: "online",
      nick: "gw",
      mask: "gw!~bowline@127.0.0.1",
      lastError: null,
    });
  });

  test("what people say is heard, in the channel and alone; what is no message for us is not", async () => {
    const ann = await person("ann");
    const { listener, network: net } = await network();
    ann.send("NOTICE #lab :notice");
    ann.say("#lab", "\x01VERSION\x01");
    ann.say("gw", "\x01DCC SEND x 1 2 3\x01");
    ann.say("#lab", "\x01ACTION waves\x01");
    ann.say("gw", "alone");
    ann.say("#lab", "Tür");
    const from = { network: "test", nick: "ann", user: "~ann", host: "127.0.0.1", account: null };
    await listener.line("Tür");
    expect(listener.heard).toEqual([
      { from, channel: null, text: "alone" },
      { from, channel: "#lab", text: "Tür" },
    ]);
    expect(net.view().counts).toMatchObject({ ignored: 3, faults: 0 });
  });

  test("a line of budget bytes arrives whole; one that is longer than its server passes on is refused here", async () => {
    const ann = await person("ann");
    const { say, network: net } = await network();
    for (const target of ["#lab", "ann"]) {
      // 510 - ":gw!~bowline@127.0.0.1" - " PRIVMSG " - " :", and 2 for the other nicks that are tried.
      const budget = 510 - 22 - 9 - target.length - 2 - 2;
      expect(net.budget(target)).toBe(budget);
      const text = `${target}${"ü".repeat(200)}`.padEnd(budget - 200, "x");
      expect(Buffer.byteLength(text)).toBe(budget);
      expect(await say(target, text)).toBe("confirmed");
      expect((await ann.heard(target)).text).toBe(text);
      await expect(say(target, `${text}x`)).rejects.toThrow(RangeError);
    }
    expect(ann.lines.some((line) => line.length > 400 && line.includes("Request too long"))).toBe(false);
  });

  test("a server that is killed and comes back: what waited is said, what was not confirmed is lost", async () => {
    let isDeaf = true;
    const hits = (line: string) => isDeaf && /^PING bowline-\d/.test(line);
    const relay = await LossyRelay.start({ port: server.port, seed: 1, hits, dropRate: 1 });
    toStop.push(() => relay.stop());
    const { say, listener } = await network({ port: relay.port });
    const first = say("#lab", "before");
    const ann = await person("ann");
    ann.say("#lab", "here");
    await listener.line("here");
    await server.kill();
    expect(await first).toBe("lost");
    await listener.event("offline: ");
    isDeaf = false;
    const second = say("#lab", "after");
    const since = listener.events.length;
    await server.start();
    await listener.event("#lab joined", since);
    expect(await second).toBe("confirmed");
  });

  test("lanes: control first, what is fresh, then what is said again; withdrawn when take() gives nothing", async () => {
    const ann = await person("ann");
    const relay = await LossyRelay.start({ port: server.port, seed: 1, hits: () => false });
    toStop.push(() => relay.stop());
    const { say, listener } = await network({ port: relay.port });
    relay.isDown = true;
    relay.cut();
    await listener.event("offline: ");
    const outcomes = [
      say("#lab", "3 again", LineLane.AGAIN),
      say("#lab", "2 fresh"),
      say("#lab", null),
      say("#lab", "1 control", LineLane.CONTROL),
    ];
    relay.isDown = false;
    expect(await Promise.all(outcomes)).toEqual(["confirmed", "confirmed", "withdrawn", "confirmed"]);
    await ann.heard("3 again");
    expect(ann.said.map(({ text }) => text)).toEqual(["1 control", "2 fresh", "3 again"]);
  });

  test("a nick that is taken: another one, and ours again once it is free", async () => {
    const squatter = await person("gw", { channels: [] });
    const { network: net, listener, say } = await network();
    expect(net.nick).toBe("gw_");
    expect(net.isMe("GW_")).toBe(true);
    const ann = await person("ann");
    // Made ready under the one nick, it fits under the other.
    const text = "x".repeat(net.budget("#lab"));
    await say("#lab", text);
    expect((await ann.heard(text)).from).toBe("gw_");
    ann.send("JOIN #lab");
    squatter.send("JOIN #lab"); // where we see it go
    await expect.poll(() => net.members("#lab")).toContain("gw");
    await squatter.quit();
    await listener.event("nick gw_ gw");
    expect(net.nick).toBe("gw");
    await say("#lab", text.replace("x", "y"));
    expect((await ann.heard("yx")).text.length).toBe(text.length);
  });

  test("thrown out, it comes back, and what was to be said there waits", async () => {
    const op = await person("op", { channels: ["#kick"] });
    const { listener, say } = await network({ port: server.port, channels: [{ name: "#kick" }] });
    const since = listener.events.length;
    op.send("KICK #kick gw :not now");
    expect(await listener.event("#kick kicked", since)).toBe("#kick kicked: kicked by op: not now");
    const later = say("#kick", "back again");
    await listener.event("#kick joined", since);
    expect(await later).toBe("confirmed");
    await op.heard("back again");
  });

  test("channels that keep us out are asked again, and the others are joined meanwhile", async () => {
    const op = await person("op", { channels: ["#locked", "#keyed", "#full", "#banned"] });
    op.send("MODE #locked +i");
    op.send("MODE #keyed +k secret");
    op.send("MODE #full +l 1");
    op.send("MODE #banned +b gw!*@*");
    await op.settled();
    const names = ["#open", "#locked", "#keyed", "#full", "#banned"];
    const { network: net, listener } = await network({
      port: server.port,
      channels: names.map((name) => ({ name })),
    });
    const refusal = (name: string) => listener.event(`${name} refused`);
    expect(await refusal("#locked")).toBe(
      "#locked refused: 473 Cannot join channel (+i) -- Invited users only",
    );
    expect((await refusal("#keyed")).slice(0, 19)).toBe("#keyed refused: 475");
    expect((await refusal("#full")).slice(0, 18)).toBe("#full refused: 471");
    expect((await refusal("#banned")).slice(0, 20)).toBe("#banned refused: 474");
    for (const mode of ["#locked -i", "#keyed -k secret", "#full -l", "#banned -b gw!*@*"])
      op.send(`MODE ${mode}`);
    await Promise.all(names.map((name) => listener.event(`${name} joined`)));
    expect(net.view().channels.map(({ state }) => state)).toEqual(names.map(() => "joined"));
    await op.quit();
  });

  test("a key opens its channel, and goes with the names in one line", async () => {
    const op = await person("op", { channels: ["#keyed"] });
    op.send("MODE #keyed +k secret");
    await op.settled();
    const channels = [{ name: "#one" }, { name: "#keyed", key: "secret" }];
    const { network: net, listener } = await network({ port: server.port, channels });
    await listener.event("#keyed joined");
    expect(listener.events.filter((event) => event.includes("refused"))).toEqual([]);
    expect(net.view().channels).toHaveLength(2);
  });

  test("killed by an operator it comes back, and says why it was away", async () => {
    const op = await person("op");
    op.send("OPER op op");
    await op.line(/ 381 /);
    const { network: net, listener } = await network();
    const since = listener.events.length;
    op.send("KILL gw :enough");
    await listener.event("#lab joined", since);
    expect(net.view()).toMatchObject({ lastError: { code: "IRC_KILLED" }, counts: { connections: 2 } });
  });

  test("a server that says goodbye and comes back", async () => {
    const { listener } = await network();
    const since = listener.events.length;
    await server.restart("SIGTERM");
    await listener.event("#lab joined", since);
    expect(await listener.event("offline: ", since)).toMatch(/^offline: the server closed the connection: /);
  });

  test("it comes to a server that is not there yet", async () => {
    await server.kill();
    const t = startNetwork({ port: server.port });
    toStop.push(() => t.network.stop());
    await expect.poll(() => t.network.view().lastError?.code).toBe("IRC_UNREACHABLE");
    await server.start();
    await t.listener.event("#lab joined");
  });

  test("stop() says what was begun and goodbye; what waits is lost, and nothing is begun any more", async () => {
    const ann = await person("ann");
    const { network: net, say } = await network();
    const begun = say("#lab", "the last");
    const waits = say("#lab", "too late");
    await net.stop();
    expect(await begun).toBe("confirmed");
    expect(await waits).toBe("lost");
    await ann.line(/^:gw!\S+ QUIT :"?bye"?/);
    expect(ann.said.map(({ text }) => text)).toEqual(["the last"]);
    expect(await say("#lab", "never")).toBe("lost");
  });
});

describe.skipIf(!isNgircdAvailable)(`two servers that part (${ngircdNeeded})`, () => {
  test("who is beyond goes, and proves nothing when back; what is said meanwhile is confirmed by ours", async () => {
    const a = await startNgircd({ name: "a.test", peer: { name: "b.test" } });
    toStop.push(() => a.stop());
    const link = await tcpRelay(a.port); // servers speak compressed, so it must not wait for lines
    toStop.push(() => link.stop());
    const port = Number(link.boardEnd);
    const operator = { name: "op", password: "op" };
    const b = await startNgircd({ name: "b.test", operator, peer: { name: "a.test", port } });
    toStop.push(() => b.stop());
    const t = startNetwork({ port: a.port });
    toStop.push(() => t.network.stop());
    await t.listener.event("#lab joined");
    const ann = await Person.connect({ port: b.port, nick: "ann", channels: ["#lab"] });
    toStop.push(() => ann.quit());
    ann.send("OPER op op");
    await ann.line(/ 381 /);
    const join = async () => {
      ann.send(`CONNECT a.test ${port}`);
      await until(() => t.network.members("#lab").includes("ann"));
    };
    await join();
    ann.say("#lab", "before");
    const before = await t.listener.line("before");
    expect(await t.network.prove(before.from)).toEqual({ account: null, certfp: null });
    link.breakNow();
    await t.listener.event("gone ann");
    expect(t.network.members("#lab")).toEqual(["gw"]);
    expect(await t.say("#lab", "alone")).toBe("confirmed");
    await join();
    expect(await t.network.prove(before.from)).toBeNull();
    ann.say("#lab", "after");
    expect(await t.network.prove((await t.listener.line("after")).from)).toEqual({
      account: null,
      certfp: null,
    });
    expect(await t.say("#lab", "together")).toBe("confirmed");
    await ann.heard("together");
    expect(ann.said.map(({ text }) => text)).toEqual(["together"]);
  });
});
