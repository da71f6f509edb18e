/** A real mosquitto that takes no more than so much, or not from everybody: what it refuses holds up nothing else. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { appendTo } from "../testing/stores.ts";
import { isMosquittoThere, keptOf, mosquittoNeeded } from "./testing/broker.ts";
import { board, idsOf, mqttStage, range } from "./testing/mqtt-stage.ts";

const at = mqttStage();
const { begin, folder, say, startBroker, tapTo } = at;

describe.skipIf(!isMosquittoThere)(`a broker (${mosquittoNeeded})`, () => {
  test("its Receive Maximum is kept, whatever the settings allow", async () => {
    const broker = await startBroker(["max_inflight_messages 3"]);
    const tap = await tapTo(broker.port);
    for (const i of range(12)) at.boards.push(board(`b${i}`, true));
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
    await appendTo(at.store, "a", 1, { ot: "l:big", text: "x".repeat(2000) });
    await say("a", 2);
    const one = await begin({ url: `mqtt://127.0.0.1:${tap.port}` });
    await until(() => expect(one.view()).toMatchObject({ behind: 0, refused: 1, sent: 1, fault: "" }));
    expect(tap.connections).toBe(1);
  });

  test("of what is kept, what is larger than it takes is told with its topic and its mend, and all else is kept", async () => {
    const broker = await startBroker(["max_packet_size 2000"]);
    const tap = await tapTo(broker.port);
    const ear = await broker.listen("bowline/#");
    at.boards = [board("a", true), board("b", true)];
    const large = (i: number) => appendTo(at.store, "a", i, { ot: `l:${i}`, text: "x".repeat(500) });
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
    await appendTo(at.store, "a", 1, { ot: "l:big", text: "x".repeat(2000) });
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
    await appendTo(at.store, "a", 1, { ot: "l:big", text: "x".repeat(2000) });
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
    at.boards = [board("a", true)];
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
});
