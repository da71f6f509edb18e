/** Boards of a real gateway, asked over a real mosquitto: once each, answered where it was wished. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { IClientPublishOptions } from "mqtt";
import { describe, expect, test } from "vitest";
import { type Log, silentLog } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import type { BoardClient } from "../testing/board-client.ts";
import { folderForEach } from "../testing/folders.ts";
import { startGateway, type TestGateway } from "../testing/gateway.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { Broker, isMosquittoThere, type Listener, mosquittoNeeded } from "./testing/broker.ts";

const folder = folderForEach("requests");
const stops = stopAfterEach();
let broker: Broker;
let gw: TestGateway;
let board: BoardClient;
let ear: Listener;
/** Requests that the board has done. */
let done: { rq: number; ot: string; [field: string]: unknown }[];

/** What the log warned of. */
let warned: string[];

interface Begin {
  /** More of the broker's configuration. */
  lines?: readonly string[];
  settings?: string[];
  before?(): Promise<void>;
}

async function begin({ lines, settings = ["mqtt.requests=true"], before }: Begin = {}): Promise<void> {
  broker = await Broker.make(lines);
  stops.push(() => broker.stop());
  await broker.start();
  ear = await broker.listen("+/#");
  await before?.();
  warned = [];
  const log: Log = { ...silentLog, warn: (_, text) => warned.push(text) };
  gw = await startGateway(["tcp.insecure=true", `mqtt.url=${broker.url}`, ...settings], log);
  stops.push(() => gw.stop());
  board = await gw.board({ id: "a" });
  done = [];
  await gw.until("the board", () => gw.gateway.devicesView().some(({ connected }) => connected));
  await until(() =>
    ear.heard.some(({ topic, text }) => topic.endsWith("/a/availability") && text === "online"),
  );
}

/** Answers what has come. */
function work(): void {
  for (const text of board.packets.splice(0)) {
    const request = JSON.parse(text) as (typeof done)[number];
    if (request.rq === undefined) continue;
    done.push(request);
    const more = request.long === undefined ? {} : { more: "x".repeat(Number(request.long)) };
    board.send(JSON.stringify({ re: request.rq, ot: request.ot, on: request.on, ...more }));
  }
}

async function ask(
  body: unknown,
  options: IClientPublishOptions = {},
  topic = "bowline/gw-test/a/request",
): Promise<void> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  await ear.client.publishAsync(topic, text, { qos: 1, ...options });
}

const answers = (topic: string) =>
  ear.heard
    .filter((one) => one.topic === topic)
    .map(({ text }) => JSON.parse(text) as Record<string, unknown>);
const REPLY = "bowline/gw-test/a/reply";

describe.skipIf(!isMosquittoThere)(`requests over a broker (${mosquittoNeeded})`, () => {
  test("are answered at the response topic with the correlation data, and once when they come again", async () => {
    await begin();
    const correlationData = Buffer.from("7");
    const properties = { responseTopic: "me/answers", correlationData };
    await ask({ ot: "l:led", on: true, rq: "mine" }, { properties });
    await ask({ ot: "l:led", on: true, rq: "mine" }, { properties });
    await until(() => {
      work();
      expect(answers("me/answers")).toHaveLength(2);
    });
    expect(answers("me/answers")[0]).toEqual({ ot: "l:led", on: true, rq: "mine" });
    const [{ packet }] = ear.heard.filter(({ topic }) => topic === "me/answers");
    expect(packet.properties?.correlationData?.toString()).toBe("7");
    expect(packet.retain).toBe(false);
    expect(done).toHaveLength(1);
    // Another one with the same data is another one.
    await ask({ ot: "l:led", on: false }, { properties });
    await until(() => {
      work();
      expect(answers("me/answers")).toHaveLength(3);
    });
    expect(done.map(({ on }) => on)).toEqual([true, false]);
  });

  test("nested without end are refused, and nobody falls over what is to be given back", async () => {
    await begin();
    const deep = `${"[".repeat(6000)}${"]".repeat(6000)}`;
    await ask(`{"ot":"l:led","rq":${deep}}`);
    await ask(`{"ot":"l:led","key":${deep}}`);
    await ask(`{"key":${deep}}`, {}, "bowline/gw-test/a/cancel");
    await ask({ ot: "l:led", rq: { not: "given back" }, v: deep.length });
    await until(() => {
      work();
      expect(answers(REPLY)).toHaveLength(4);
    });
    expect(answers(REPLY).slice(0, 3)).toEqual(
      Array(3).fill({ err: expect.stringContaining("nested deeper than 200"), code: "REQUEST_INVALID" }),
    );
    expect(answers(REPLY)[3]).toEqual({ ot: "l:led" });
  });

  test("without one are answered beside the board, and with their key done once", async () => {
    await begin();
    const asked = { ot: "l:led", on: true, key: "led-0001" };
    for (let i = 0; i < 3; i++) await ask(asked, { dup: i > 0 });
    await until(() => {
      work();
      expect(answers(REPLY)).toHaveLength(3);
    });
    expect(answers(REPLY)).toEqual(Array(3).fill(asked));
    expect(done).toHaveLength(1);
    await ask({ ...asked, on: false });
    await until(() => expect(answers(REPLY)[3]).toMatchObject({ code: "KEY_REUSED", key: "led-0001" }));
  });

  test("are withdrawn by their key", async () => {
    await begin();
    board.detach();
    await gw.until("away", () => gw.gateway.devicesView().every(({ connected }) => !connected));
    await ask({ ot: "l:led", key: "led-0001", timeoutS: 600 });
    await until(() => gw.gateway.requests.byKey("led-0001") !== undefined);
    await ask({ key: "led-0001" }, {}, "bowline/gw-test/b/cancel");
    await until(() =>
      expect(answers("bowline/gw-test/b/reply")[0]).toMatchObject({
        code: "REQUEST_NOT_FOUND",
        key: "led-0001",
      }),
    );
    await ask({ key: "led-0001" }, {}, "bowline/gw-test/a/cancel");
    await until(() => expect(answers(REPLY)).toHaveLength(2));
    expect(answers(REPLY)).toEqual(
      expect.arrayContaining([
        { cancelled: true, key: "led-0001" },
        { err: "l:led to a: cancelled", code: "REQUEST_CANCELLED", key: "led-0001" },
      ]),
    );
  });

  test.each([
    ["no JSON", "{", "REQUEST_INVALID"],
    ["a list", "[1]", "REQUEST_INVALID"],
    ["no type", { on: true }, "REQUEST_INVALID"],
    ["a word of the protocol", { ot: "x", kill: 1 }, "REQUEST_INVALID"],
    ["a wrong time", { ot: "x", timeoutS: 0 }, "REQUEST_INVALID"],
    ["a key that is none", { ot: "x", key: "short" }, "KEY_INVALID"],
    ["too much", JSON.stringify({ ot: "x", text: "x".repeat(70_000) }), "REQUEST_INVALID"],
  ])("with %s are answered with what is wrong, and not done", async (_, body, code) => {
    await begin();
    await ask(body);
    await until(() =>
      expect(answers(REPLY)[0]).toMatchObject({ code, err: expect.stringMatching(/reading/) }),
    );
    work();
    expect(done).toEqual([]);
  });

  test("with an answer that is larger than the broker takes are told so, and the connection stands", async () => {
    await begin({ lines: ["max_packet_size 2000"] });
    const properties = { responseTopic: "me", correlationData: Buffer.from("7") };
    await ask({ ot: "l:led", long: 3000, rq: 1 }, { properties });
    await ask({ ot: "l:led", on: true, rq: 2 }, { properties });
    await until(() => {
      work();
      expect(answers("me")).toHaveLength(2);
    });
    const told = { code: "ANSWER_TOO_LARGE", rq: 1 };
    const err = expect.stringMatching(
      /^"l:led" to a: its answer cannot be told: it has 3\d\d\d bytes, and the broker takes 2000$/,
    );
    expect(answers("me")).toEqual(
      expect.arrayContaining([
        { ...told, err },
        { ot: "l:led", on: true, rq: 2 },
      ]),
    );
    // The answer is a message as well, and as one it is refused.
    expect(warned.filter((text) => text.startsWith("an answer"))).toEqual([
      expect.stringMatching(/^an answer to me is lost: it has 3\d\d\d bytes, and the broker takes 2000$/),
    ]);
    expect(ear.heard.filter(({ topic }) => topic === "me")[0].packet.properties?.correlationData).toEqual(
      Buffer.from("7"),
    );
  });

  test("with a response topic that the broker's rules deny are told in the log, and the next one is answered", async () => {
    const rules = join(folder(), "rules");
    writeFileSync(rules, "topic read #\ntopic write bowline/#\n", { mode: 0o600 });
    await begin({ lines: [`acl_file ${rules}`] });
    await ask({ ot: "l:led", on: true }, { properties: { responseTopic: "forbidden" } });
    await until(() => {
      work();
      expect(warned).toEqual([expect.stringMatching(/^an answer to forbidden is lost: .*Not authorized/)]);
    });
    await ask({ ot: "l:led", on: false });
    await until(() => {
      work();
      expect(answers(REPLY)).toEqual([{ ot: "l:led", on: false }]);
    });
    expect(warned).toHaveLength(1);
  });

  test("with a response topic of more levels than a broker takes are not done, told beside the board and in the log", async () => {
    await begin();
    const deep = "a/".repeat(150);
    await ask({ ot: "l:led", rq: 1 }, { properties: { responseTopic: deep } });
    await until(() => {
      work();
      expect(answers(REPLY)).toEqual([
        { err: expect.stringMatching(/^reading the response topic: /), code: "RESPONSE_TOPIC_INVALID" },
      ]);
    });
    expect(warned).toEqual([expect.stringMatching(/^a request is not done: reading the response topic: /)]);
    expect(done).toEqual([]);
  });

  test("that are empty, as who removes a kept one says, are nobody's", async () => {
    await begin();
    await ask("", { retain: true });
    await ask("", {}, "bowline/gw-test/a/cancel");
    await ask({ ot: "x", timeoutS: 0 });
    await until(() =>
      expect(answers(REPLY)).toEqual([
        { err: "reading the request: timeoutS is 0; allowed: 0.001 to 3600", code: "REQUEST_INVALID" },
      ]),
    );
    expect(warned).toEqual([]);
  });

  test("to a board that there is none of, and of that time is over, are told so", async () => {
    await begin();
    await ask({ ot: "x", rq: 1 }, {}, "bowline/gw-test/nobody/request");
    await until(() =>
      expect(answers("bowline/gw-test/nobody/reply")[0]).toMatchObject({ code: "DEVICE_UNKNOWN", rq: 1 }),
    );
    // Far more than it takes to leave, also on a machine that stands still for a moment.
    await ask({ ot: "x", timeoutS: 1, rq: 2 });
    await until(() => expect(answers(REPLY)[0]).toMatchObject({ code: "REQUEST_UNKNOWN", rq: 2 }));
  });

  test("that are kept at the broker are not done, nor answered into a circle", async () => {
    await begin({ before: () => ask({ ot: "x", key: "kept-one" }, { retain: true }) });
    await ask({ ot: "l:led", rq: 3 }, { properties: { responseTopic: "bowline/gw-test/a/request" } });
    await until(() => {
      work();
      expect(answers(REPLY)).toEqual([{ ot: "l:led", rq: 3 }]);
    });
    expect(answers("bowline/gw-test/a/request")).toHaveLength(2);
    expect(gw.gateway.requests.byKey("kept-one")).toBeUndefined();
  });

  test("are not heard unless the settings say so", async () => {
    await begin({ settings: [] });
    await ask({ ot: "x", rq: 1 });
    await ask({ ot: "x", rq: 2 }, {}, "bowline/gw-test/a/%72equest");
    await until(() => ear.heard.some(({ topic }) => topic.endsWith("%72equest")));
    expect(gw.gateway.requests.views()).toEqual([]);
  });
});
