/** A real mosquitto that is told messages: killed, absent, slow, refusing; each board's in order, none lost. */
import { spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { configSchema } from "../config/schema.ts";
import type { UpstreamView } from "../northbound/upstream.ts";
import { RequestBook } from "../peers/request-book.ts";
import type { Log } from "../platform/log.ts";
import { silentLog } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import type { DurableStore } from "../store/durable-store.ts";
import { Authority, isOpensslAvailable } from "../testing/certificates.ts";
import { folderForEach } from "../testing/folders.ts";
import { freePort } from "../testing/free-port.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { appendTo, openTestStore } from "../testing/stores.ts";
import type { BoardFacts } from "./kept-facts.ts";
import { MqttUpstream } from "./mqtt-upstream.ts";
import { Broker, isMosquittoThere, keptOf, type Listener, mosquittoNeeded } from "./testing/broker.ts";
import { FakeBroker } from "./testing/fake-broker.ts";
import { Tap } from "./testing/tap.ts";

const PASSWD = "/usr/bin/mosquitto_passwd";

const folder = folderForEach("mqtt");
const stops = stopAfterEach();
let store: DurableStore;
let boards: BoardFacts[];

beforeEach(async () => {
  store = await openTestStore();
  boards = [];
  stops.push(() => store.stop());
});

async function startBroker(lines: readonly string[] = [], scheme = "mqtt"): Promise<Broker> {
  const broker = await Broker.make(lines, scheme);
  stops.push(() => broker.stop());
  await broker.start();
  return broker;
}

async function tapTo(port: number, version: 4 | 5 = 5): Promise<Tap> {
  const tap = await Tap.to(port);
  tap.version = version;
  stops.push(() => tap.stop());
  return tap;
}

interface Begin {
  gateway?: string;
  log?: Log;
  /** ms; of a clock that stands. */
  now?: () => number;
  ackMs?: number;
}

async function begin(settings: object, options: Begin = {}): Promise<MqttUpstream> {
  const { gateway = "gw1", log = silentLog, now = () => performance.now(), ackMs } = options;
  const config = configSchema.parse({ mqtt: { from: "oldest", ...settings } });
  const clock = { now, wall: () => 1_795_301_705_120 };
  const { url = "" } = config.mqtt;
  const router = { submit: () => Promise.reject(new Error("asked")), cancel: () => false };
  const requests = new RequestBook(store, clock);
  const services = { store, clock, log, gateway, boards: () => boards, router, requests };
  // Each wait is the shortest there is.
  const one = new MqttUpstream({ ...config.mqtt, url }, services, {
    random: () => 0,
    ...(ackMs !== undefined && { ackMs }),
  });
  stops.push(() => one.stop(0));
  await one.load();
  one.start();
  return one;
}

const board = (id: string, connected: boolean): BoardFacts => ({
  ...{ id, connected, gateway: "", board: "PICO_R1_3", firmware: "1" },
});
const say = (device: string, ...numbers: number[]) =>
  Promise.all(numbers.map((seq) => appendTo(store, device, seq, { ot: "l:temp", v: seq })));
const messagesOf = ({ heard }: Listener) => heard.filter(({ packet }) => !packet.retain);
const idsOf = (listener: Listener) =>
  messagesOf(listener).map(({ text }) => (JSON.parse(text) as { id: string }).id);
/** As who drops repeats by their id has them. */
const onceOf = (listener: Listener) => [...new Set(idsOf(listener))];
const range = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe.skipIf(!isMosquittoThere)(`a broker (${mosquittoNeeded})`, () => {
  test("is told each message, as the API has it, under its id, at its topic", async () => {
    const broker = await startBroker();
    const ear = await broker.listen("bowline/#");
    await appendTo(store, "gw2/sim-1", 7, { ot: "l:temp", v: 22.5 }, { epoch: "9f3c", at: 5 });
    await appendTo(store, "a", 1, { ot: "state", v: 1 });
    await appendTo(store, "a", 2, { ot: "a/+/#%", v: 1 });
    await appendTo(store, "a", 3, { v: 1 });
    const one = await begin({ url: broker.url });
    await until(() => expect(messagesOf(ear)).toHaveLength(4));
    const [first, ...others] = [...messagesOf(ear)].sort((a, b) => a.text.length - b.text.length).reverse();
    expect(first.topic).toBe("bowline/gw1/gw2:sim-1/l:temp");
    expect(JSON.parse(first.text)).toEqual({
      ...{ id: "sim-1:9f3c:7", n: 1, device: "gw2/sim-1", epoch: "9f3c", seq: 7, at: 5 },
      message: { ot: "l:temp", v: 22.5 },
    });
    expect(first.packet.qos).toBe(1);
    expect(first.packet.properties).toMatchObject({
      ...{ contentType: "application/json", payloadFormatIndicator: true },
      userProperties: { id: "sim-1:9f3c:7" },
    });
    expect(others.map(({ topic }) => topic).sort()).toEqual(
      ["a/%73tate", "a/-", "a/a%2F%2B%2F%23%25"].map((end) => `bowline/gw1/${end}`).sort(),
    );
    await until(() =>
      expect(one.view()).toMatchObject({ behind: 0, state: "connected", fault: "", sent: 4 }),
    );
    expect(one.view().target).toBe(`${broker.url} bowline/gw1`);
  });

  test.each([5, 4] as const)(
    "killed with -9 and started again in mid-stream, nothing is lost, no board overtakes itself: version %i",
    async (version) => {
      const broker = await startBroker(["max_inflight_messages 0", "max_queued_messages 0"]);
      const tap = await tapTo(broker.port, version);
      const ears = [await broker.listen("bowline/#")];
      const one = await begin({ url: `mqtt://127.0.0.1:${tap.port}`, version });
      const all = ["a", "b", "c"].flatMap((device) => range(200).map((seq) => `${device}:e:${seq}`));
      const heard = () => new Set(ears.flatMap(idsOf));
      for (let round = 0; round < 4; round++) {
        for (const device of ["a", "b", "c"]) void say(device, ...range(50).map((seq) => round * 50 + seq));
        one.wake();
        await until(() => heard().size > round * 150 + 20);
        // Nobody is let in before somebody listens again: what the broker has taken meanwhile nobody would hear.
        tap.close();
        await broker.kill();
        await until(() => one.view().state === "away");
        await broker.start();
        ears.push(await broker.listen("bowline/#"));
        tap.open();
      }
      await until(() => {
        one.wake();
        expect(one.view()).toMatchObject({ behind: 0, state: "connected" });
      });
      await until(() => expect([...heard()].sort()).toEqual([...all].sort()));
      for (const device of ["a", "b", "c"]) {
        const inOrder = [...heard()].filter((id) => id.startsWith(`${device}:`));
        expect(inOrder).toEqual(range(200).map((seq) => `${device}:e:${seq}`));
      }
      expect(tap.most).toBeLessThanOrEqual(10);
      expect(tap.connections).toBeGreaterThan(4);
    },
  );

  test("absent at the start, everything waits, and goes in order once it is there; each is told once", async () => {
    const lines: object[] = [];
    const note = (fields: object) => lines.push(fields);
    // Before anybody is let in somebody listens: what the broker takes earlier nobody would hear.
    const port = await freePort();
    await say("a", ...range(30));
    const log = { ...silentLog, info: note, warn: note };
    const one = await begin({ url: `mqtt://127.0.0.1:${port}` }, { log });
    await until(() => expect(one.view()).toMatchObject({ state: "away", behind: 30 }));
    expect(one.view().fault).toContain("ECONNREFUSED");
    expect(one.view().mend).toBe("mqtt.url; systemctl status mosquitto, on its machine");
    const broker = await startBroker();
    const ear = await broker.listen("bowline/#");
    const tap = await Tap.to(broker.port, port);
    stops.push(() => tap.stop());
    await until(() => expect(onceOf(ear)).toEqual(range(30).map((seq) => `a:e:${seq}`)));
    await until(() => expect(one.view()).toMatchObject({ state: "connected", behind: 0, fault: "" }));
    expect(lines.map((fields) => (fields as { event: string }).event)).toEqual(["down", "up"]);
  });

  test("frozen for a while, it is waited for, and loses nothing", async () => {
    const broker = await startBroker();
    const ear = await broker.listen("bowline/#");
    const one = await begin({ url: broker.url });
    await say("a", 1);
    one.wake();
    await until(() => expect(one.view().behind).toBe(0));
    broker.freeze();
    await say("a", 2, 3);
    one.wake();
    await until(() => expect(one.view()).toMatchObject({ behind: 2, inFlight: 1 }));
    broker.thaw();
    await until(() => expect(onceOf(ear)).toEqual(["a:e:1", "a:e:2", "a:e:3"]));
  });

  test.each([5, 4])(
    "what it refuses to let in is told with its mend, version %i; mended there, it is let in",
    async (version) => {
      const passwords = join(folder(), "passwords");
      const ours = join(folder(), "ours");
      writeFileSync(passwords, "");
      chmodSync(passwords, 0o600);
      spawnSync(PASSWD, ["-b", passwords, "gw", "right"]);
      writeFileSync(ours, "wrong\n", { mode: 0o600 });
      const lines = ["allow_anonymous false", `password_file ${passwords}`];
      const broker = await startBroker(lines);
      await say("a", 1);
      const one = await begin({ url: broker.url, version, user: "gw", passwordFile: ours });
      await until(() =>
        expect(one.view()).toMatchObject({
          ...{ state: "away", fault: expect.stringMatching(/Connection refused: (Not authorized|Bad user)/) },
          mend: expect.stringContaining("mqtt.passwordFile"),
        }),
      );
      expect(JSON.stringify(one.view())).not.toContain("wrong");
      await broker.kill();
      spawnSync(PASSWD, ["-b", passwords, "gw", "wrong"]);
      await broker.start();
      await until(() => expect(one.view()).toMatchObject({ state: "connected", behind: 0 }));
    },
  );

  test.skipIf(!isOpensslAvailable)("speaks over TLS with certificates of both sides", async () => {
    const authority = new Authority(folder(), "ca");
    const server = authority.sign("localhost", ["localhost"]);
    const client = authority.sign("gw1");
    const plain = await startBroker([
      ...[`cafile ${authority.cert}`, `certfile ${server.cert}`, `keyfile ${server.key}`],
      "require_certificate true",
    ]);
    await say("a", 1);
    const url = `mqtts://localhost:${plain.port}`;
    chmodSync(client.key, 0o600);
    const one = await begin({ url, tls: { ca: authority.cert, ...client } });
    await until(() => expect(one.view()).toMatchObject({ behind: 0, state: "connected", sent: 1 }));
    const other = await begin({ url }, { gateway: "gw2" });
    await until(() =>
      expect(other.view()).toMatchObject({ state: "away", fault: expect.stringMatching(/certificate/) }),
    );
  });

  test("its Receive Maximum is kept, whatever the settings allow", async () => {
    const broker = await startBroker(["max_inflight_messages 3"]);
    const tap = await tapTo(broker.port);
    for (const i of range(12)) boards.push(board(`b${i}`, true));
    for (const i of range(12)) await say(`b${i}`, ...range(20));
    const one = await begin({ url: `mqtt://127.0.0.1:${tap.port}`, maxInFlight: 100 });
    await until(() => expect(one.view()).toMatchObject({ behind: 0, sent: 240 }));
    expect(tap.most).toBe(3);
  });

  test("of MQTT 3.1.1 it is ten by default", async () => {
    const broker = await startBroker(["max_inflight_messages 0"]);
    const tap = await tapTo(broker.port, 4);
    for (const i of range(20)) await say(`b${i}`, ...range(20));
    const one = await begin({ url: `mqtt://127.0.0.1:${tap.port}`, version: 4 });
    await until(() => expect(one.view()).toMatchObject({ behind: 0, sent: 400 }));
    expect(tap.most).toBeLessThanOrEqual(10);
    expect(tap.most).toBeGreaterThan(5);
  });

  test("what is larger than it takes is refused, and what follows passes, on the same connection", async () => {
    const broker = await startBroker(["max_packet_size 2000"]);
    const tap = await tapTo(broker.port);
    await appendTo(store, "a", 1, { ot: "l:big", text: "x".repeat(2000) });
    await say("a", 2);
    const one = await begin({ url: `mqtt://127.0.0.1:${tap.port}` });
    await until(() => expect(one.view()).toMatchObject({ behind: 0, refused: 1, sent: 1, fault: "" }));
    expect(tap.connections).toBe(1);
  });

  test("of what is kept, what is larger than it takes is told with its topic and its mend, and all else is kept", async () => {
    const broker = await startBroker(["max_packet_size 2000"]);
    const tap = await tapTo(broker.port);
    const ear = await broker.listen("bowline/#");
    boards = [board("a", true), board("b", true)];
    const large = (i: number) => appendTo(store, "a", i, { ot: `l:${i}`, text: "x".repeat(500) });
    const one = await begin({ url: `mqtt://127.0.0.1:${tap.port}` });
    await until(() => expect(one.view().state).toBe("connected"));
    for (const i of range(4)) await large(i);
    await say("b", 1);
    one.wake();
    await until(() =>
      expect(one.view()).toMatchObject({
        ...{ state: "connected", behind: 0, sent: 5, refused: 0 },
        fault: expect.stringMatching(
          /^does not keep bowline\/gw1\/a\/state: it has 2\d\d\d bytes, and the broker takes 2000$/,
        ),
        mend: expect.stringContaining("mqtt.types"),
      }),
    );
    await until(() => expect(keptOf(ear)).toHaveProperty(["bowline/gw1/b/state"], '{"l:temp":{"v":1}}'));
    expect(tap.connections).toBe(1);
  });

  test("of MQTT 3.1.1 a broker cannot say what is too large for it: told what to set, and with that what follows passes", async () => {
    const broker = await startBroker(["max_packet_size 2000"]);
    await appendTo(store, "a", 1, { ot: "l:big", text: "x".repeat(2000) });
    await say("a", 2);
    const one = await begin({ url: broker.url, version: 4 });
    await until(() =>
      expect(one.view()).toMatchObject({
        ...{ behind: 2, fault: expect.stringContaining("larger than it takes") },
        mend: expect.stringContaining("mqtt.maxPacketBytes"),
      }),
    );
    await one.stop(0);
    const two = await begin({ url: broker.url, version: 4, maxPacketBytes: 2000 });
    await until(() => expect(two.view()).toMatchObject({ behind: 0, refused: 1, sent: 1, fault: "" }));
  });

  test("what is above its message_size_limit is refused, and what follows passes", async () => {
    const broker = await startBroker(["message_size_limit 1000"]);
    await appendTo(store, "a", 1, { ot: "l:big", text: "x".repeat(2000) });
    await say("a", 2);
    const one = await begin({ url: broker.url });
    await until(() => expect(one.view()).toMatchObject({ behind: 0, refused: 1, sent: 1, fault: "" }));
  });

  test("what is not allowed there waits, is told with its mend, and goes once it is", async () => {
    const rules = join(folder(), "rules");
    writeFileSync(rules, "topic read #\ntopic write bowline/gw1/b/#\n", { mode: 0o600 });
    const broker = await startBroker([`acl_file ${rules}`]);
    await say("a", 1);
    const one = await begin({ url: broker.url });
    await until(() =>
      expect(one.view()).toMatchObject({
        ...{ state: "away", behind: 1, fault: "bowline/gw1/a/l:temp: Publish error: Not authorized" },
        mend: expect.stringContaining("bowline/gw1/#"),
      }),
    );
    writeFileSync(rules, "topic readwrite #\n", { mode: 0o600 });
    await broker.kill();
    await broker.start();
    await until(() => expect(one.view()).toMatchObject({ state: "connected", behind: 0, fault: "" }));
  });

  test("one board's topic that is not allowed there holds up that board alone, until the rules are read again", async () => {
    const rules = join(folder(), "rules");
    const allow = "topic readwrite #\n";
    writeFileSync(rules, `${allow}topic deny bowline/gw1/a/#\n`, { mode: 0o600 });
    const broker = await startBroker([`acl_file ${rules}`]);
    const listener = await broker.listen("bowline/#");
    await Promise.all(range(200).map((seq) => Promise.all(["a", "b", "c"].map((id) => say(id, seq)))));
    const one = await begin({ url: broker.url });
    await until(() => expect(one.view()).toMatchObject({ behind: 200, sent: 400, fault: "" }));
    expect(one.view()).toMatchObject({ state: "connected", aside: [{ device: "a", behind: 200 }] });
    expect(one.view().aside[0]).toMatchObject({
      fault: "bowline/gw1/a/l:temp: Publish error: Not authorized",
      mend: expect.stringContaining("let it write bowline/gw1/#"),
    });
    await say("b", 201);
    one.wake();
    await until(() => expect(idsOf(listener)).toHaveLength(401));
    writeFileSync(rules, allow, { mode: 0o600 });
    broker.reload();
    await until(() => expect(one.view()).toMatchObject({ behind: 0, aside: [], fault: "" }));
    await until(() => expect(idsOf(listener)).toHaveLength(601));
    for (const [id, count] of [
      ["a", 200],
      ["b", 201],
      ["c", 200],
    ] as const)
      expect(idsOf(listener).filter((one) => one.startsWith(`${id}:`))).toEqual(
        range(count).map((seq) => `${id}:e:${seq}`),
      );
  });

  test("that keeps nothing, no last will either, is told messages, and who listens hears that we are gone", async () => {
    const broker = await startBroker(["retain_available false"]);
    const tap = await tapTo(broker.port);
    const ear = await broker.listen("bowline/#");
    boards = [board("a", true)];
    await say("a", 1);
    const one = await begin({ url: `mqtt://127.0.0.1:${tap.port}` });
    await until(() => expect(one.view()).toMatchObject({ behind: 0, state: "connected", fault: "" }));
    tap.close();
    const topics = () => ear.heard.map(({ topic }) => topic);
    await until(() => expect(topics()).toEqual(["bowline/gw1/a/l:temp", "bowline/gw1/status"]));
    expect(ear.heard.at(-1)?.text).toBe("offline");
  });

  test("that may not be told what Home Assistant finds is told messages, and the mend names what to let it write", async () => {
    const rules = join(folder(), "rules");
    writeFileSync(rules, "topic read #\ntopic write bowline/#\n", { mode: 0o600 });
    const broker = await startBroker([`acl_file ${rules}`]);
    await say("a", 1);
    const one = await begin({ url: broker.url, homeAssistant: true });
    await until(() =>
      expect(one.view()).toMatchObject({
        ...{ state: "connected", behind: 0, sent: 1 },
        fault: expect.stringMatching(/^does not keep homeassistant\/.*Not authorized/),
        mend: expect.stringContaining("homeassistant/# in the broker's rules"),
      }),
    );
  });

  test("keeps who is there and the newest values, also after it was killed, and after the gateway was", async () => {
    const broker = await startBroker();
    boards = [board("a", true), board("gw2/b", false)];
    const one = await begin({ url: broker.url });
    await say("a", 1, 2);
    await appendTo(store, "a", 3, { ot: "l:telemetry", temp: 21.5, flags: [] });
    one.wake();
    const expected = {
      "bowline/gw1/status": "online",
      "bowline/gw1/a/availability": "online",
      "bowline/gw1/gw2:b/availability": "offline",
      "bowline/gw1/a/state": '{"l:temp":{"v":2},"l:telemetry":{"temp":21.5,"flags":[]}}',
    };
    const first = await broker.listen("bowline/#");
    await until(() => expect(keptOf(first)).toEqual(expected));
    await broker.kill();
    await broker.start();
    const second = await broker.listen("bowline/#");
    await until(() => expect(keptOf(second)).toEqual(expected));
    boards = [board("a", false)];
    one.look();
    const { "bowline/gw1/gw2:b/availability": _, ...less } = expected;
    const after = { ...less, "bowline/gw1/a/availability": "offline" };
    await until(() => expect(keptOf(second)).toEqual(after));
    await one.stop(1000);
    await until(() => expect(keptOf(second)).toEqual({ ...after, "bowline/gw1/status": "offline" }));
    // What an earlier gateway left there, the next one removes.
    boards = [];
    await begin({ url: broker.url });
    await until(() => expect(keptOf(second)).toEqual({ "bowline/gw1/status": "online" }));
  });

  test("hears from the broker's last will that the gateway was killed, and that it is back", async () => {
    const broker = await startBroker();
    const tap = await tapTo(broker.port);
    const ear = await broker.listen("bowline/gw1/status");
    await begin({ url: `mqtt://127.0.0.1:${tap.port}` });
    await until(() => expect(ear.heard.map(({ text }) => text)).toEqual(["online"]));
    tap.cut();
    await until(() => expect(ear.heard.map(({ text }) => text)).toEqual(["online", "offline", "online"]));
  });

  test("Home Assistant finds boards and their values, and no longer those that are no more, also after a restart", async () => {
    const broker = await startBroker();
    boards = [board("a", true), board("b", true)];
    await appendTo(store, "a", 1, { ot: "l:telemetry", temp: 21.5 });
    const settings = { url: broker.url, homeAssistant: true };
    const one = await begin(settings);
    const ear = await broker.listen("homeassistant/#");
    const found = () =>
      Object.keys(keptOf(ear))
        .map((topic) => /^homeassistant\/(.*)\/config$/.exec(topic)?.[1])
        .sort();
    const gateway = "binary_sensor/bowline__gw1/status";
    const of = (id: string) => `binary_sensor/bowline__gw1__${id}/connection`;
    const temp = "sensor/bowline__gw1__a/l_3Atelemetry__temp";
    await until(() => expect(found()).toEqual([gateway, of("a"), of("b"), temp]));
    // A field that was not there before.
    await appendTo(store, "b", 1, { ot: "l:bme", h: 40 });
    one.wake();
    const h = "sensor/bowline__gw1__b/l_3Abme__h";
    await until(() => expect(found()).toEqual([gateway, of("a"), of("b"), temp, h]));
    // Home Assistant has started: all of it is said again.
    const before = ear.heard.length;
    await ear.client.publishAsync("homeassistant/status", "online", { qos: 1 });
    await until(() => expect(ear.heard.slice(before).filter(({ packet }) => packet.retain)).toHaveLength(5));
    // A board that is forgotten.
    boards = [board("a", true)];
    one.look();
    await until(() => expect(found()).toEqual([gateway, of("a"), temp]));
    await one.stop(1000);
    // A field that the settings take away, and then all of it.
    const without = { enabled: true, fields: [{ field: "temp", enabled: false }] };
    const two = await begin({ ...settings, homeAssistant: without });
    await until(() => expect(found()).toEqual([gateway, of("a")]));
    await two.stop(1000);
    await begin({ url: broker.url, homeAssistant: false });
    await until(() => expect(found()).toEqual([]));
  });

  test("two gateways do not collide; one with the same name is told, and there is no fight", async () => {
    const broker = await startBroker();
    const ear = await broker.listen("+/+/a/l:temp");
    await say("a", 1);
    const one = await begin({ url: broker.url });
    const two = await begin({ url: broker.url }, { gateway: "gw2" });
    await until(() => expect([one.view().behind, two.view().behind]).toEqual([0, 0]));
    await until(() =>
      expect(
        messagesOf(ear)
          .map(({ topic }) => topic)
          .sort(),
      ).toEqual(["bowline/gw1/a/l:temp", "bowline/gw2/a/l:temp"]),
    );
    const twin = await begin({ url: broker.url, clientId: "bowline-gw1" }, { gateway: "gw3" });
    // Who is thrown out three times leaves it to the other for minutes.
    const isAway = ({ state, fault, mend }: UpstreamView) =>
      state === "away" &&
      fault.includes("is another client called bowline-gw1") &&
      mend.includes("mqtt.clientId");
    await until(() => [one, twin].filter((it) => isAway(it.view())).length === 1);
    await until(() => [one, twin].filter((it) => it.view().state === "connected").length === 1);
  });
});

describe("a broker of MQTT 5 that says", () => {
  test("session taken over: it is told, and it is minutes until the next try", async () => {
    const broker = await startFake();
    const one = await begin({ url: broker.url });
    await until(() => one.view().state === "connected");
    broker.say({ cmd: "disconnect", reasonCode: 0x8e });
    await until(() =>
      expect(one.view()).toMatchObject({
        ...{ state: "away", fault: "another client has connected as bowline-gw1, our own name there" },
        mend: expect.stringContaining("mqtt.clientId"),
      }),
    );
  });

  test("quota exceeded: the message goes again under its id, later", async () => {
    const broker = await startFake();
    broker.answers = [0x97, 0];
    await say("a", 1, 2);
    const one = await begin({ url: broker.url });
    await until(() => expect(one.view().fault).toContain("Quota exceeded"));
    await until(() => expect(one.view()).toMatchObject({ behind: 0, fault: "", refused: 0 }));
    expect(broker.published).toEqual(["a:e:1", "a:e:1", "a:e:2"]);
  });

  test.each([0x95, 0x99])("%i: the message is refused, and the next one goes", async (code) => {
    const broker = await startFake();
    broker.answers = [code, 0];
    await say("a", 1, 2);
    const one = await begin({ url: broker.url });
    await until(() => expect(one.view()).toMatchObject({ behind: 0, refused: 1, sent: 1, fault: "" }));
    expect(broker.published).toEqual(["a:e:1", "a:e:2"]);
  });

  test("packet too large, and ends the connection: whether it has the message is not known, so it waits, and is told", async () => {
    const broker = await startFake();
    broker.ends = { topic: /temp/, reasonCode: 0x95 };
    await say("a", 1);
    const one = await begin({ url: broker.url });
    await until(() =>
      expect(one.view()).toMatchObject({
        ...{ state: "away", behind: 1, refused: 0, fault: "packet too large" },
        mend: expect.stringContaining("max_packet_size"),
      }),
    );
    broker.ends = null;
    await until(() => expect(one.view()).toMatchObject({ state: "connected", behind: 0, refused: 0 }));
  });

  test("nothing of what it was told, while it answers pings: told with its mend, and another connection follows", async () => {
    const broker = await startFake();
    broker.acknowledges = false;
    await say("a", 1, 2);
    const one = await begin({ url: broker.url }, { ackMs: 400 });
    await until(() =>
      expect(one.view()).toMatchObject({
        ...{ state: "away", behind: 2, fault: "it acknowledges nothing for 0.4 s" },
        mend: expect.stringContaining("the broker's own log"),
      }),
    );
    await until(() => expect(broker.connections).toBeGreaterThan(1));
    broker.acknowledges = true;
    await until(() => expect(one.view()).toMatchObject({ state: "connected", behind: 0, fault: "" }));
    expect(new Set(broker.published)).toEqual(new Set(["a:e:1", "a:e:2"]));
  });

  test("nothing, and hangs up over an answer: that is said twice and given up, in the log, and messages go on", async () => {
    const lines: string[] = [];
    const log = { ...silentLog, warn: (_: object, text: string) => void lines.push(text) };
    const broker = await startFake();
    broker.ends = { topic: /^me$/, reasonCode: 0 };
    const one = await begin({ url: broker.url, requests: true }, { log });
    await until(() => expect(one.view().state).toBe("connected"));
    broker.say({
      ...{ cmd: "publish", topic: "bowline/gw1/a/request", qos: 0, payload: '{"ot":"x"}' },
      properties: { responseTopic: "me" },
    });
    await until(() =>
      expect(lines.at(-1)).toMatch(/^an answer to me is lost: the connection ended over it, 2 times: /),
    );
    await say("a", 1);
    one.wake();
    await until(() => expect(one.view()).toMatchObject({ state: "connected", behind: 0 }));
    expect(broker.topics.filter((topic) => topic === "me")).toHaveLength(2);
    expect(broker.connections).toBe(3);
  });

  test("that it takes QoS 0 only: it is told that nothing would be acknowledged", async () => {
    const broker = await startFake({ maximumQoS: 0 });
    const one = await begin({ url: broker.url });
    await until(() => expect(one.view().fault).toBe("it takes QoS 0 only, and acknowledges nothing"));
  });

  test("that it keeps nothing: messages alone are sent", async () => {
    const broker = await startFake({ retainAvailable: false });
    boards = [board("a", true)];
    await say("a", 1);
    const one = await begin({ url: broker.url });
    await until(() => expect(one.view()).toMatchObject({ behind: 0, state: "connected" }));
    expect(broker.retained).toBe(0);
  });
});

async function startFake(properties: object = {}): Promise<FakeBroker> {
  const broker = await new FakeBroker(properties).start();
  stops.push(() => broker.stop());
  return broker;
}
