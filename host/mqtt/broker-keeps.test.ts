/** What a real mosquitto keeps of this gateway: who is there, the newest values, what Home Assistant finds; and whose name that is. */
import { describe, expect, test } from "vitest";
import type { UpstreamView } from "../northbound/upstream.ts";
import { until } from "../platform/testing/until.ts";
import { appendTo } from "../testing/stores.ts";
import { isMosquittoThere, keptOf, mosquittoNeeded } from "./testing/broker.ts";
import { board, messagesOf, mqttStage } from "./testing/mqtt-stage.ts";

const at = mqttStage();
const { begin, say, startBroker, tapTo } = at;

describe.skipIf(!isMosquittoThere)(`a broker (${mosquittoNeeded})`, () => {
  test("keeps who is there and the newest values, also after it was killed, and after the gateway was", async () => {
    const broker = await startBroker();
    at.boards = [board("a", true), board("gw2/b", false)];
    const one = await begin({ url: broker.url });
    await say("a", 1, 2);
    await appendTo(at.store, "a", 3, { ot: "l:telemetry", temp: 21.5, flags: [] });
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
    at.boards = [board("a", false)];
    one.look();
    const { "bowline/gw1/gw2:b/availability": _, ...less } = expected;
    const after = { ...less, "bowline/gw1/a/availability": "offline" };
    await until(() => expect(keptOf(second)).toEqual(after));
    await one.stop(1000);
    await until(() => expect(keptOf(second)).toEqual({ ...after, "bowline/gw1/status": "offline" }));
    // What an earlier gateway left there, the next one removes.
    at.boards = [];
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
    at.boards = [board("a", true), board("b", true)];
    await appendTo(at.store, "a", 1, { ot: "l:telemetry", temp: 21.5 });
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
    await appendTo(at.store, "b", 1, { ot: "l:bme", h: 40 });
    one.wake();
    const h = "sensor/bowline__gw1__b/l_3Abme__h";
    await until(() => expect(found()).toEqual([gateway, of("a"), of("b"), temp, h]));
    // Home Assistant has started: all of it is said again.
    const before = ear.heard.length;
    await ear.client.publishAsync("homeassistant/status", "online", { qos: 1 });
    await until(() => expect(ear.heard.slice(before).filter(({ packet }) => packet.retain)).toHaveLength(5));
    // A board that is forgotten.
    at.boards = [board("a", true)];
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
