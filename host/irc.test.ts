/** Gateways on a real IRC server: what boards say comes to a channel, what is asked there comes to boards, by who may. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LossyRelay } from "./irc/testing/lossy-relay.ts";
import { isNgircdAvailable, type Ngircd, ngircdNeeded, startNgircd } from "./irc/testing/ngircd.ts";
import { Person } from "./irc/testing/person.ts";
import { Robot, type RobotOptions } from "./irc/testing/robot.ts";
import { until } from "./platform/testing/until.ts";
import type { BoardClient } from "./testing/board-client.ts";
import { folderForEach } from "./testing/folders.ts";
import { startGateway, type TestGateway } from "./testing/gateway.ts";
import { stopAfterEach } from "./testing/stops.ts";

const folder = folderForEach("irc");
const toStop = stopAfterEach();

describe.skipIf(!isNgircdAvailable)(`gateways on IRC (${ngircdNeeded})`, () => {
  let server: Ngircd;
  beforeAll(async () => {
    server = await startNgircd();
  });
  afterAll(() => server.stop());

  async function gateway(nick: string, set: string[] = []): Promise<TestGateway> {
    const one = await startGateway([
      ...[`gateway.id=${nick}`, "irc.host=127.0.0.1", `irc.port=${server.port}`, "irc.tls.enabled=false"],
      ...["irc.channels.0=#lab", "irc.flood.burst=1000", "irc.flood.linesPerMinute=60000"],
      ...["irc.retryMinMs=50", "irc.retryMaxMs=200"],
      ...set,
    ]);
    toStop.push(() => one.stop());
    await until(() => one.gateway.irc.view().networks[0].channels[0].state === "joined");
    return one;
  }

  async function robot(nick: string, options: Partial<RobotOptions> = {}): Promise<Robot> {
    const one = await Robot.connect({ port: server.port, nick, channels: ["#lab"], ...options });
    toStop.push(() => one.quit());
    return one;
  }

  async function person(nick: string): Promise<Person> {
    const one = await Person.connect({ port: server.port, nick, channels: ["#lab"] });
    toStop.push(() => one.quit());
    return one;
  }

  async function board(of: TestGateway, id: string): Promise<BoardClient> {
    const one = await of.board({ id });
    await of.until(`${id} speaks`, () => of.gateway.devicesView().some((device) => device.id === id));
    return one;
  }

  test("what a board says comes to the channel once, with its address, its time and its number", async () => {
    const ann = await person("ann");
    const kitchen = await gateway("kitchen", ["irc.routes.0.channel=#lab"]);
    const sim = await board(kitchen, "sim-1");
    sim.send(JSON.stringify({ ot: "l:temp", v: 20.75, t: 1795301705120, dst: "x" }));
    const { from, text } = await ann.heard("l:temp");
    expect(from).toBe("kitchen");
    expect(JSON.parse(text)).toEqual({
      mid: expect.stringMatching(/^\d+$/),
      o: {
        ot: "l:temp",
        oid: expect.stringMatching(/^\d+$/),
        src: "sim-1@kitchen",
        dst: "",
        d: { t: "2026-11-21 22:55:05.120", v: 20.75, _dst: "x", n: 1 },
      },
    });
    await until(() => kitchen.gateway.irc.view().routes[0].unconfirmed === 0);
    expect(kitchen.gateway.irc.view().routes[0]).toMatchObject({ told: 1, behind: 0, again: 0 });
  });

  test("what has gathered while nothing could be said shares lines, in order, each once", async () => {
    const ear = await robot("ear");
    const kitchen = await gateway("kitchen", ["irc.routes.0.channel=#lab", "irc.routes.0.waitFor.0=late"]);
    const sim = await board(kitchen, "sim-1");
    for (let i = 1; i <= 40; i++) sim.send(`{"ot":"l:temp","v":${i}}`);
    const list = Array.from({ length: 300 }, (_, i) => i * i);
    sim.send(JSON.stringify({ ot: "l:long", list }));
    await kitchen.until("all there", () => kitchen.messages.length === 41);
    expect(ear.datums).toEqual([]);
    const late = await person("late");
    await ear.heard(({ ot }) => ot === "l:long");
    expect(ear.datums.slice(0, 40).map(({ v }) => v)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(ear.datums.map(({ n }) => n)).toEqual(Array.from({ length: 41 }, (_, i) => i + 1));
    expect(ear.datums[40].list).toEqual(list);
    const lines = late.said.filter(({ from }) => from === "kitchen").map(({ text }) => text.length);
    // 447 bytes have room between this mask and #lab (IRC-IoT §13).
    expect(lines.slice(0, 5).every((length) => length > 0.85 * 447)).toBe(true);
  });

  test("a server that is killed and comes back: every Datum once, in order", async () => {
    const ear = await robot("ear");
    const kitchen = await gateway("kitchen", ["irc.routes.0.channel=#lab", "irc.routes.0.waitFor.0=ear"]);
    const sim = await board(kitchen, "sim-1");
    for (let round = 0; round < 4; round++) {
      for (let i = 1; i <= 20; i++) sim.send(`{"ot":"l:temp","v":${round * 20 + i}}`);
      await ear.heard(({ v }) => v === round * 20 + 1);
      await server.restart();
      await ear.again();
    }
    await ear.heard(({ v }) => v === 80);
    expect(ear.datums.map(({ v }) => v)).toEqual(Array.from({ length: 80 }, (_, i) => i + 1));
    await until(() => kitchen.gateway.irc.view().routes[0].unconfirmed === 0);
    expect(kitchen.gateway.irc.view().routes[0]).toMatchObject({ told: 80, unsure: 0 });
  });

  test("fragments that were lost on their way are asked for, and said again in private", async () => {
    let fragments = 0;
    const hits = (line: string) => line.includes('"ed":') && line.includes("#lab") && ++fragments === 2;
    const relay = await LossyRelay.start({ port: server.port, seed: 1, hits, dropRate: 1 });
    toStop.push(() => relay.stop());
    const ear = await robot("ear", { port: relay.port, limits: { askAfterMs: 200 } });
    const kitchen = await gateway("kitchen", ["irc.routes.0.channel=#lab", "irc.scheme=b85p"]);
    const sim = await board(kitchen, "sim-1");
    const text = "all of it, ".repeat(90);
    sim.send(JSON.stringify({ ot: "l:long", text }));
    expect((await ear.heard(({ ot }) => ot === "l:long")).text).toBe(text);
    expect(relay.counts.dropped).toBe(1);
    expect(ear.datums).toHaveLength(1);
    expect(kitchen.gateway.irc.view().networks[0].participant).toMatchObject({
      lostAnswered: expect.any(Number),
    });
    expect(ear.participant.counts.lostAsked).toBeGreaterThan(0);
    const again = ear.person.said.filter(({ target, text }) => target === "ear" && text.includes('"ed":'));
    expect(again.length).toBeGreaterThan(0);
  });

  test("a route to somebody waits for them; what it began with is not forgotten over a restart", async () => {
    const data = folder();
    const set = [`data=${data}`, "irc.routes.0.nick=late"];
    let kitchen = await gateway("kitchen", set);
    let sim = await board(kitchen, "sim-1");
    sim.send('{"ot":"l:temp","v":1}');
    await kitchen.until("there", () => kitchen.messages.length === 1);
    await until(() => kitchen.gateway.irc.view().networks[0].counts.lost > 0);
    await until(() => kitchen.gateway.irc.view().routes[0].refusals > 0);
    await kitchen.stop();
    const late = await robot("late");
    kitchen = await gateway("kitchen", set);
    expect(await late.heard(({ v }) => v === 1)).toMatchObject({ src: "sim-1@kitchen", n: 1 });
    sim = await board(kitchen, "sim-2");
    sim.send('{"ot":"l:temp","v":2}');
    await late.heard(({ v }) => v === 2);
    expect(late.datums.map(({ v }) => v)).toEqual([1, 2]);
  });
});
