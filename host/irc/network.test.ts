/** A network against a real server: what is said arrives, what is heard is for us, and it comes back whatever happens. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LineLane } from "../irc-iot/line.ts";
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
});
