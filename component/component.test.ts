import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../host/platform/testing/until.ts";
import { PlainHub } from "./testing/plain-hub.ts";
import { dist, Programs } from "./testing/programs.ts";

let hub: PlainHub;
const programs = new Programs();

beforeEach(async () => {
  hub = new PlainHub();
  await hub.start();
  await programs.open();
});

afterEach(async () => {
  await programs.close();
  hub.stop();
});

const start = (name: string, file: string, options: { isWorker?: boolean } = {}) =>
  programs.start(hub, { [name]: { frequency: 50, ...options } }, [process.execPath, file]);
const example = (file: string, options = {}) =>
  start(`example_${file}`, `${dist}examples/${file}.mjs`, options);

const own = (text: string, options = {}) => programs.own(hub, text, options);

const killed = { code: 301, message: "task killed" };

describe("the examples", () => {
  test("A speaks, B listens: B prints it, and says so in its status", async () => {
    const listener = await example("listener");
    await hub.subscribed("config:example_simple:");
    await (await example("speaker")).says('sent { message: "Hello! It\'s a simple speaker." }');
    await listener.says('{ message: "Hello! It\'s a simple speaker." }');
    const { data, tag, body } = await hub.heartbeat(
      "example_listener",
      "Processed message from creator-of-example_speaker",
    );
    expect(data).toMatch(
      /^\{ "sync_time" : \d{13}, "name" : "example_listener", "is_alive" : true, "message" : "Processed message from creator-of-example_speaker"\}$/,
    );
    expect(tag).toBe(`data:monitoring:${body.id}::creator-of-example_listener`);
    expect(body).toMatchObject({
      pid: "",
      expires_at: 0,
      encoding: "JSON",
      type: "data",
      spec: "monitoring",
    });
  });

  test("the calculator answers, with results and with errors; the bank asks it, as a child of its task", async () => {
    await example("calculator");
    await example("bank");
    await hub.subscribed("config:example_calculator:");
    await hub.subscribed("config:example_bank:");
    const sum = hub.say("example_calculator", { first: 12, second: 42, action: "+" });
    const { data, tag, body } = await hub.answer(sum, "result");
    expect([data, tag]).toEqual([
      '{"answer":54}',
      `result:example_calculator:${body.id}:${sum}:creator-of-example_calculator`,
    ]);
    const wrong = hub.say("example_calculator", { first: 1, second: 2, action: "%" });
    expect((await hub.answer(wrong, "error")).data).toBe('{"code":500,"message":"unknown action %"}');
    const saving = hub.say("example_bank", { months: 12, per_month: 42 });
    expect((await hub.answer(saving, "result")).data).toBe('{"answer":504}');
    const child = hub.com.find((one) => one.body.pid === saving && one.body.type === "config");
    expect(child?.data).toBe('{"first":12,"second":42,"action":"*"}');
  });

  test("one asks for the time, and a worker of the controller answers; news are heard by whoever wants", async () => {
    hub.controlled.add("example_clock");
    await example("clock-reply", { isWorker: true });
    const ask = await example("clock-ask");
    const radio = await programs.start(hub, { "example_radio-speaker": {}, "example_radio-listener": {} }, [
      process.execPath,
      `${dist}examples/radio.mjs`,
    ]);
    await ask.says("Time is ");
    await hub.subscribed("data:example_radio:");
    await radio.says('{ message: "Hello! It\'s me." }');
  });
});

describe("a kill", () => {
  test("ends what computes without end while heartbeats go on; what waits is answered, or killed, and nobody else is", async () => {
    const program = await own(`component("example_own", serve({ example_own: (data, { id }, { status }) => {
      status("at " + id);
      while (data === "forever");
      return data;
    } }));`);
    await hub.subscribed("config:example_own:");
    const [endless, second, third, fourth] = ["forever", 2, "forever", 4].map((data) =>
      hub.say("example_own", data),
    );
    await hub.heartbeat("example_own", `at ${endless}`);
    const before = hub.tech.length;
    await until(() => hub.tech.length >= before + 3);
    for (const other of ["", null, "restart_communicational", "B".repeat(40), 7]) hub.kill(other);
    hub.kill(third);
    hub.kill(endless);
    for (const id of [third, endless]) {
      const { data, body } = await hub.answer(id, "error");
      expect([JSON.parse(data), body.creator, body.spec]).toEqual([
        killed,
        "creator-of-example_own",
        "example_own",
      ]);
    }
    await hub.answer(fourth, "result");
    await hub.answer(hub.say("example_own", 5), "result");
    hub.kill(fourth); // it ended before the fifth was begun, so it is nobody's any more
    await hub.answer(hub.say("example_own", 6), "result");
    const answers = hub.com.filter(({ body }) => body.type !== "config").map(({ body }) => body.pid);
    expect(answers.slice(2, 4)).toEqual([second, fourth]);
    expect(hub.com.filter(({ body }) => body.type === "error")).toHaveLength(2);
    expect(program.printed.match(/begins anew/g)).toHaveLength(1);
  });

  test("of a task that heeds its signal ends that task alone: the work goes on with what it has", async () => {
    await own(`let count = 0;
component("example_own", serve({ example_own: async (data, { signal }, { pause, status }) => {
  count++;
  if (data === "wait") { status("waits"); await pause(60_000, signal); }
  return count;
} }, { atOnce: 2 }));`);
    await hub.subscribed("config:example_own:");
    const waits = hub.say("example_own", "wait");
    await hub.heartbeat("example_own", "waits");
    hub.kill(waits);
    expect(JSON.parse((await hub.answer(waits, "error")).data)).toEqual(killed);
    expect((await hub.answer(hub.say("example_own", ""), "result")).data).toBe("2");
    expect(hub.com.filter(({ body }) => body.pid === waits)).toHaveLength(1);
  });

  test("of a task that heeds its signal and goes on all the same ends the thread; other tasks are given again", async () => {
    await own(`component("example_own", serve({ example_own: async (data, { signal }, { status }) => {
  if (data === "first") return data;
  signal.addEventListener("abort", () => {});
  status("at both");
  if (data === "stays") await new Promise(() => {});
  await new Promise((resolve) => setTimeout(resolve, 300));
  return data;
} }, { atOnce: 2 }), { killGraceMs: 20 });`);
    await hub.subscribed("config:example_own:");
    const stays = hub.say("example_own", "stays");
    const other = hub.say("example_own", "other");
    await hub.heartbeat("example_own", "at both");
    hub.kill(stays);
    expect(JSON.parse((await hub.answer(stays, "error")).data)).toEqual(killed);
    expect((await hub.answer(other, "result")).data).toBe('"other"');
  });

  test("leaves nothing behind: threads and files are as many as before, however often", async () => {
    const program = await own(`import { openSync } from "node:fs";
import { connect, createServer } from "node:net";
component("example_own", serve({ example_own: async (data, { id }, { status }) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    connect(server.address().port, "127.0.0.1", () => {
      setInterval(() => {}, 1);
      openSync(process.argv[1]);
      status("at " + id);
      if (data === "compute") for (;;);
    });
  });
  await new Promise(() => {});
} }));`);
    await hub.subscribed("config:example_own:");
    const run = async (data: string) => {
      const id = hub.say("example_own", data);
      await hub.heartbeat("example_own", `at ${id}`);
      const during = await program.resources();
      hub.kill(id);
      await hub.answer(id, "error");
      return during;
    };
    await run("wait"); // what Node makes once, it keeps
    await until(async () => (await program.resources()).threads > 0);
    const [first, ...others] = [
      await run("wait"),
      await run("compute"),
      await run("wait"),
      await run("compute"),
    ];
    for (const one of others) expect(one.files).toBe(first.files);
    for (const one of others) expect(one.threads).toBe(first.threads);
  });
});

describe("work that ends", () => {
  test("by what it throws is error 500 of its task, and begins anew; meanwhile it is said not to be alive", async () => {
    const program = await own(
      `component("example_own", async ({ fromController, toHub }) => {
  for await (const task of fromController) {
    if (task.data === "throw") throw new TypeError("no \\"sum\\"");
    if (task.data === "later") setTimeout(() => { throw new RangeError("later"); });
    else if (task.data === "exit") process.exit(3);
    else await toHub.reply(task, task.data);
    if (task.data === "later") await new Promise(() => {});
  }
});`,
      { isWorker: true },
    );
    const wrong = ["throw", "later", "exit"].map((data) => hub.give("example_own", data));
    const right = hub.give("example_own", { a: 1 });
    expect((await hub.answer(right, "result")).data).toBe('{"a":1}');
    const faults = [];
    for (const id of wrong) faults.push(JSON.parse((await hub.answer(id, "error")).data));
    expect(faults).toEqual([
      { code: 500, message: 'TypeError: no "sum"' },
      { code: 500, message: "RangeError: later" },
      { code: 500, message: "its thread has ended" },
    ]);
    const down = await hub.heard(
      ({ data }) => data.includes('"is_alive" : false'),
      "a heartbeat that says so",
      hub.tech,
    );
    expect(JSON.parse(down.data)).toMatchObject({ name: "example_own", is_alive: false });
    await program.says("it begins anew in ");
  });

  test("by returning ends the component, once all that it said has left", async () => {
    const program = await own(`component("example_own", async ({ toHub }) => {
  for (let i = 0; i < 100; i++) void toHub.send({ type: "data", spec: "example_count", data: i });
});`);
    expect(await program.end("SIGCONT")).toBe(0);
    await hub.heard(({ data }) => data === "99", "the last");
    expect(hub.com.map(({ data }) => Number(data))).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  test.each([
    ["SIGTERM", 0],
    ["SIGINT", 130],
  ] as const)("by %s has its time to end by itself", async (signal, status) => {
    const program = await own(`component("example_own", async ({ toHub, signal, pause, status }) => {
  status("there");
  await pause(60_000).catch(() => {});
  await toHub.send({ type: "data", spec: "example_last", data: signal.aborted });
});`);
    await hub.heartbeat("example_own", "there");
    expect(await program.end(signal)).toBe(status);
    await hub.heard(({ body, data }) => body.spec === "example_last" && data === "true", "its last word");
  });
});
