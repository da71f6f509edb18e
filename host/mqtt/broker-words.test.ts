/** What a broker of MQTT 5 says in the words of the protocol, by one that says them when it is told to. */
import { describe, expect, test } from "vitest";
import { silentLog } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import { board, mqttStage } from "./testing/mqtt-stage.ts";

const at = mqttStage();
const { begin, say, startFake } = at;

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
    at.boards = [board("a", true)];
    await say("a", 1);
    const one = await begin({ url: broker.url });
    await until(() => expect(one.view()).toMatchObject({ behind: 0, state: "connected" }));
    expect(broker.retained).toBe(0);
  });
});
