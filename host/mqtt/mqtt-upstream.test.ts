/** A real mosquitto that is told messages: killed, absent, slow, refusing; each board's in order, none lost. */

import { spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { silentLog } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import { Authority, isOpensslAvailable } from "../testing/certificates.ts";
import { freePort } from "../testing/free-port.ts";
import { appendTo } from "../testing/stores.ts";
import { isMosquittoThere, mosquittoNeeded } from "./testing/broker.ts";
import { idsOf, messagesOf, mqttStage, onceOf, range } from "./testing/mqtt-stage.ts";
import { Tap } from "./testing/tap.ts";

const PASSWD = "/usr/bin/mosquitto_passwd";
const at = mqttStage();
const { begin, folder, say, startBroker, stops, tapTo } = at;

describe.skipIf(!isMosquittoThere)(`a broker (${mosquittoNeeded})`, () => {
  test("is told each message, as the API has it, under its id, at its topic", async () => {
    const broker = await startBroker();
    const ear = await broker.listen("bowline/#");
    await appendTo(at.store, "gw2/sim-1", 7, { ot: "l:temp", v: 22.5 }, { epoch: "9f3c", at: 5 });
    await appendTo(at.store, "a", 1, { ot: "state", v: 1 });
    await appendTo(at.store, "a", 2, { ot: "a/+/#%", v: 1 });
    await appendTo(at.store, "a", 3, { v: 1 });
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
});
