/** Who may ask boards over IRC, and who may not: identities on a real server, proved by account, certificate and key. */
import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { VerbRunner } from "./cli/testing/run-verb.ts";
import { FakeGateway } from "./http/testing/fake-gateway.ts";
import { control, ServerUnderTest } from "./http/testing/server-under-test.ts";
import { isNgircdAvailable, type Ngircd, ngircdNeeded, startNgircd } from "./irc/testing/ngircd.ts";
import { Person, type PersonOptions } from "./irc/testing/person.ts";
import { Robot, type RobotOptions } from "./irc/testing/robot.ts";
import { type Paper, WhoisRelay } from "./irc/testing/whois-relay.ts";
import type { Datum } from "./irc-iot/datum.ts";
import { formatDatumTime } from "./irc-iot/datum-time.ts";
import { publicHexOf } from "./irc-iot/signing.ts";
import { until } from "./platform/testing/until.ts";
import type { BoardClient } from "./testing/board-client.ts";
import { startGateway, type TestGateway } from "./testing/gateway.ts";
import { stopAfterEach } from "./testing/stops.ts";

const toStop = stopAfterEach();
const signing = generateKeyPairSync("ed25519").privateKey;
/** The certificate of ann, and of somebody else. */
const ANNS = "aa".repeat(32);
const OTHERS = "bb".repeat(32);
const nameless = generateKeyPairSync("ed25519").privateKey;

describe.skipIf(!isNgircdAvailable)(`requests over IRC (${ngircdNeeded})`, () => {
  let server: Ngircd;
  const relay = new WhoisRelay();
  let port: number;
  let kitchen: TestGateway;
  let sim: BoardClient;

  beforeAll(async () => {
    server = await startNgircd();
    port = await relay.start(server.port);
  });
  afterAll(async () => {
    await relay.stop();
    await server.stop();
  });

  beforeEach(async () => {
    relay.papers.clear();
    relay.papers.set("ann", { certfp: ANNS });
    kitchen = await startKitchen();
    sim = await kitchen.board({ id: "sim-1" });
    await kitchen.until("there", () => kitchen.gateway.devicesView().length === 1);
  });

  async function startKitchen(set: string[] = []): Promise<TestGateway> {
    const one = await startGateway([
      ...["gateway.id=kitchen", "irc.host=127.0.0.1", `irc.port=${port}`, "irc.tls.enabled=false"],
      ...["irc.channels.0=#lab", "irc.channels.1=#audit", "irc.auditChannel=#audit"],
      ...["irc.flood.burst=1000", "irc.flood.linesPerMinute=60000", "irc.requestTimeoutS=5"],
      ...["irc.operators.0.name=ann", `irc.operators.0.certfp=${ANNS}`],
      ...[
        "irc.operators.1.name=robot",
        `irc.operators.1.key=${publicHexOf(signing)}`,
        "irc.operators.1.commands.0=l:led",
      ],
      ...["irc.operators.2.name=kate", "irc.operators.2.account=kate"],
      ...set,
    ]);
    toStop.push(() => one.stop());
    await until(() => one.gateway.irc.view().networks[0].channels.every(({ state }) => state === "joined"));
    return one;
  }

  async function person(nick: string, options: Partial<PersonOptions> = {}): Promise<Person> {
    const one = await Person.connect({ port: server.port, nick, channels: ["#lab", "#audit"], ...options });
    toStop.push(() => one.quit());
    return one;
  }

  async function robot(nick: string, options: Partial<RobotOptions> = {}): Promise<Robot> {
    const one = await Robot.connect({ port: server.port, nick, channels: ["#lab"], ...options });
    toStop.push(() => one.quit());
    return one;
  }

  /** What the board was asked, answered with what it was asked. */
  async function answer(): Promise<Record<string, unknown>> {
    await until(() => sim.packets.length > 0);
    const { rq, ...asked } = JSON.parse(sim.packets.splice(0)[0]);
    sim.send(JSON.stringify({ re: rq, ...asked }));
    return asked;
  }

  const led = (src: string, more: object = {}): Datum => ({
    ot: "l:led",
    src,
    dst: "sim-1@kitchen",
    on: true,
    ...more,
  });

  test("a Datum of an operator is done once, and answered in private", async () => {
    const ann = await robot("ann");
    ann.say("#lab", led("ann@office", { rq: 17 }));
    expect(await answer()).toEqual({ ot: "l:led", on: true });
    expect(await ann.heard(({ re }) => re === 17)).toEqual({
      ...{ ot: "l:led", src: "sim-1@kitchen", dst: "ann@office", t: expect.any(String), re: 17, on: true },
    });
    expect(kitchen.gateway.irc.view().commands).toMatchObject({ accepted: 1, refused: 0, open: 0 });
  });

  test("a board of our own is not asked over IRC, where we do not hear ourselves", () => {
    const ask = { to: "sim-1@kitchen", via: "#lab", message: { ot: "l:led" }, timeoutMs: 1000 };
    expect(() => kitchen.gateway.irc.ask(ask, new AbortController().signal)).toThrow(
      expect.objectContaining({ code: "REQUEST_INVALID", mend: "bowline send sim-1 l:led" }),
    );
  });

  test("somebody who is answered with a Datum and speaks words alone is no peer", async () => {
    const ann = await person("ann");
    ann.say("#lab", "!raw led sim-1 on");
    await answer();
    await ann.heard('"ot":"l:led"');
    expect(kitchen.gateway.irc.view().networks[0].peers.filter(({ nick }) => nick === "ann")).toEqual([]);
  });

  test("people ask in words and are answered in words, before the line of audit", async () => {
    const ann = await person("ann");
    ann.say("#lab", "!led sim-1 on");
    expect(await answer()).toEqual({ ot: "l:led", on: true });
    expect(await ann.heard("ann: sim-1 led")).toMatchObject({ target: "#lab", text: "ann: sim-1 led: on" });
    await ann.heard("audit: ann (ann, #lab): l:led to sim-1: delivered");
    // Who asked comes first, and one line does.
    const told = ann.said.filter(({ from }) => from === "kitchen").map(({ target }) => target);
    expect(told).toEqual(["#lab", "#audit"]);
    ann.say("kitchen", "led sim-1 off");
    expect(await answer()).toEqual({ ot: "l:led", on: false });
    expect(await ann.heard("sim-1 led: off")).toMatchObject({ target: "ann" });
  });

  test("what only tells needs no board and no proof; what cannot be understood is told with what can", async () => {
    const bob = await person("bob");
    sim.send('{"ot":"l:telemetry","temp":20.75}');
    await kitchen.until("said", () => kitchen.messages.length === 1);
    bob.say("#lab", "!last");
    expect((await bob.heard("temp")).text).toMatch(/^sim-1: temp 20.75 °C .*ago\)$/);
    bob.say("#lab", "!status");
    await bob.heard("kitchen: 1 of 1 boards connected, 1 messages kept");
    bob.say("#lab", "!led sim-1 purple");
    expect((await bob.heard("purple")).text).toBe(
      'led: on is "purple", allowed is on or off; typed !led BOARD on|off, as in !led sim-1 on',
    );
    bob.say("kitchen", "statsu");
    await bob.heard("did you mean !status?");
  });

  test("a key that signs is believed, for what its operator may ask, and while it says when", async () => {
    const own = await robot("own", { sign: signing });
    const now = () => formatDatumTime(Date.now());
    own.say("#lab", { ot: "l:hello", src: "own@office", dst: "" });
    own.say("#lab", led("own@office", { rq: 1, t: now() }));
    expect(await answer()).toEqual({ ot: "l:led", on: true });
    await own.heard(({ re }) => re === 1);
    own.say("#lab", { ...led("own@office", { rq: 2, t: now() }), ot: "l:reboot" });
    expect(await own.heard(({ re }) => re === 2)).toMatchObject({ code: "NOT_ALLOWED" });
    own.say("#lab", led("own@office", { rq: 3 }));
    expect(await own.heard(({ re }) => re === 3)).toMatchObject({ code: "STALE" });
    own.say("#lab", led("own@office", { rq: 4, t: formatDatumTime(Date.now() - 400_000) }));
    expect(await own.heard(({ re }) => re === 4)).toMatchObject({ code: "STALE" });
    expect(sim.packets).toEqual([]);
  });

  test("with a key of the asker's it is one request, however often and in whatever Container; kill withdraws it", async () => {
    const ann = await robot("ann");
    for (let i = 0; i < 3; i++) ann.say("#lab", led("ann@office", { rq: 5, key: "lamp-0001" }));
    expect(await answer()).toEqual({ ot: "l:led", on: true });
    await ann.heard(({ re }) => re === 5);
    ann.say("#lab", led("ann@office", { rq: 5, key: "lamp-0001" }));
    await until(() => ann.datums.filter(({ re }) => re === 5).length > 1);
    expect(sim.packets).toEqual([]);
    ann.say("#lab", led("ann@office", { rq: 6 }));
    await until(() => sim.packets.length === 1);
    ann.say("kitchen", { ot: "l:led", src: "ann@office", dst: "sim-1@kitchen", kill: 6 });
    expect(await ann.heard(({ re }) => re === 6)).toMatchObject({
      code: "REQUEST_CANCELLED",
      outcome: "cancelled",
    });
    await until(() => sim.packets.some((packet) => packet.includes("kill")));
    ann.say("#lab", { ...led("ann@office", { rq: 7 }), dst: "sim-9@kitchen" });
    expect(await ann.heard(({ re }) => re === 7)).toMatchObject({ code: "DEVICE_UNKNOWN" });
    // What is long is not given back: nobody makes the gateway say more than he does.
    const bob = await robot("bob");
    bob.say("kitchen", led("x".repeat(5000), { rq: 1 }), led("bob@office", { rq: 2 }));
    expect(await bob.heard(({ re }) => re === 2)).toMatchObject({ code: "NOT_PROVED" });
    expect(bob.datums.filter(({ re }) => re === 1)).toEqual([]);
  });

  // users: impersonation; 0 executed.
  test("nobody is believed for a nick, a look, a relay or a repeat", async () => {
    const own = await robot("own", { sign: signing });
    own.say("#lab", { ot: "l:hello", src: "own@office", dst: "" });
    const [signed] = own.say("#lab", led("own@office", { rq: 1, t: formatDatumTime(Date.now()) }));
    await answer();
    await own.heard(({ re }) => re === 1);
    await own.quit();

    const anns = { certfp: ANNS };
    const say = (text: string) => (one: Person) => one.say("#lab", text);
    const tell = (text: string) => (one: Person) => one.say("kitchen", text);
    const tries: [string, string, Paper, (mallory: Person) => void][] = [
      ["the nick of an operator", "ann", {}, say("!led sim-1 on")],
      ["the nick, and another certificate", "ann", { certfp: OTHERS }, tell("led sim-1 on")],
      ["the nick, and another account", "ann", { account: "mallory" }, tell("led sim-1 on")],
      ["an account that looks like an operator's", "bob", { account: "\u212Aate" }, say("!led sim-1 on")],
      ["a nick that looks like it", "ann_", {}, say("!led sim-1 on")],
      ["an address", "ann", {}, say(JSON.stringify(plain("ann@office")))],
      ["a signed line, said again", "own", {}, say(signed)],
      ["the same in private", "own", {}, tell(signed)],
      ["a signed line, altered", "own", {}, say(signed.replace('"rq":1', '"rq":2'))],
      // What is no command is none of an operator either.
      ["colours", "ann", anns, say("\x0304!led sim-1 on")],
      ["colours within", "ann", anns, say("!led\x02 sim-1 on")],
      ["another alphabet", "ann", anns, say("!l\u0435d sim-1 on")],
      ["CTCP", "ann", anns, tell("\x01ACTION !led sim-1 on\x01")],
      ["DCC", "ann", anns, tell("\x01DCC CHAT led 2130706433 80\x01")],
      ["a notice", "ann", anns, (one) => one.send("NOTICE kitchen :!led sim-1 on")],
    ];
    const before = kitchen.gateway.irc.view().commands.accepted;
    for (const [, nick, paper, attack] of tries) {
      relay.papers.set(nick, paper);
      const mallory = await Person.connect({ port: server.port, nick, channels: ["#lab"] });
      attack(mallory);
      await mallory.settled();
      await mallory.quit();
    }
    relay.papers.set("ann", anns);
    const other = await robot("own", { sign: nameless });
    other.say("#lab", { ot: "l:hello", src: "own@office", dst: "" });
    other.say("#lab", led("own@office", { rq: 9, t: formatDatumTime(Date.now()) }));
    // That many refusals one host is not told of; they are counted.
    await until(() => kitchen.gateway.irc.view().commands.refused === 6 + 1);
    const ann = await robot("ann");
    ann.say("#lab", led("ann@office", { rq: 10 }));
    await answer();
    await ann.heard(({ re }) => re === 10);
    expect(kitchen.gateway.irc.view().commands.accepted).toBe(before + 1);
    // Two replies, and nothing else.
    expect(kitchen.messages).toHaveLength(2);
  });

  const plain = (src: string) => ({
    mid: "1",
    o: { oid: "1", ot: "l:led", d: { src, dst: "sim-1@kitchen", on: true } },
  });

  test("what is asked of nobody is refused, at once the second time; what is not answered is withdrawn", async () => {
    const ask = (via: string, timeoutMs: number) =>
      kitchen.gateway.irc.ask(
        { to: "cow@barn", via, message: { ot: "l:led", on: true }, timeoutMs },
        new AbortController().signal,
      );
    await expect(ask("barn", 10_000)).rejects.toThrow("the server has not taken it");
    expect(() => ask("barn", 10_000)).toThrow("nobody there is called barn; nothing was said");
    const mute = await robot("mute");
    await expect(ask("mute", 1000)).rejects.toThrow("no answer in 1 s; it may or may not have been done");
    const { rq } = await mute.heard(({ on }) => on === true);
    expect(await mute.heard(({ kill }) => kill !== undefined)).toMatchObject({ dst: "cow@barn", kill: rq });
  });

  test("what is asked for again by an id that no line holds is refused, also at the command line", async () => {
    const gateway = new FakeGateway();
    gateway.irc.again = (again) => kitchen.gateway.irc.again(again);
    const server = await new ServerUnderTest(gateway).start();
    toStop.push(() => server.stop());
    const verbs = new VerbRunner(`${server.base}/?token=${control}`);
    const again = (id: string, via = "ann") => verbs.run("irc", "again", "datum", id, "--via", via);
    const { code, err } = await again("é".repeat(200));
    expect([code, err[0]]).toEqual([
      2,
      expect.stringMatching(
        /^bowline: asking ann over IRC: a request of 12\d\d bytes for an id of 200 characters; a line there has \d+ \[REQUEST_INVALID\]\n {2}mend: npx bowline irc again --help$/,
      ),
    ]);
    expect(await server.post("/api/v1/irc/again", { kind: 30, id: "é".repeat(200), via: "ann" })).toEqual([
      400,
      { error: expect.objectContaining({ code: "REQUEST_INVALID" }) },
    ]);
    expect((await again("567", "a@b")).err[0]).toContain("a nick or a channel of 127.0.0.1 is allowed");
    expect(kitchen.gateway.irc.view().networks[0].participant.lostAsked).toBe(0);
    expect(await again("567")).toEqual({ code: 0, out: [], err: [] });
    expect(kitchen.gateway.irc.view().networks[0].participant.lostAsked).toBe(1);
    // The server says that there is nobody; from then on it is refused.
    await again("567", "nobody");
    await until(async () => {
      expect(await again("568", "nobody")).toMatchObject({
        code: 6,
        err: [expect.stringContaining("nobody there is called nobody; nothing was said")],
      });
    });
  });

  test("who is there, and takes nothing of ours, is not said to be away", async () => {
    const ask = () =>
      kitchen.gateway.irc.ask(
        { to: "cow@barn", via: "shy", message: { ot: "l:led", on: true }, timeoutMs: 10_000 },
        new AbortController().signal,
      );
    const shy = await person("shy");
    // ngircd: to who is +b only those speak who are registered.
    shy.send("MODE shy +b");
    await shy.line(/ MODE shy :?\+b/);
    await expect(ask()).rejects.toThrow("the server has not taken it");
    expect(ask).toThrow(/the server lets nothing of ours through to shy \(486 .+\); nothing was said$/);
  });

  test("one gateway asks a board of another over IRC", async () => {
    const attic = await startGateway([
      ...["gateway.id=attic", "irc.host=127.0.0.1", `irc.port=${port}`, "irc.tls.enabled=false"],
      ...["irc.channels.0=#lab", "irc.sign.enabled=true", "irc.flood.burst=1000"],
    ]);
    toStop.push(() => attic.stop());
    const { key } = attic.gateway.irc.view();
    const barn = await startKitchen([
      "gateway.id=barn",
      "irc.nick=barn",
      "irc.operators.3.name=attic",
      `irc.operators.3.key=${key}`,
    ]);
    const cow = await barn.board({ id: "cow" });
    await barn.until("there", () => barn.gateway.devicesView().length === 1);
    await until(() => attic.gateway.irc.view().networks[0].channels[0].state === "joined");
    const asked = attic.gateway.irc.ask(
      { to: "cow@barn", via: "barn", message: { ot: "l:led", on: true }, timeoutMs: 10_000 },
      new AbortController().signal,
    );
    await until(() => cow.packets.length > 0);
    const { rq } = JSON.parse(cow.packets[0]);
    cow.send(JSON.stringify({ re: rq, on: true }));
    expect(await asked).toMatchObject({ ot: "l:led", src: "cow@barn", dst: "bowline@attic", on: true });
  });
});
