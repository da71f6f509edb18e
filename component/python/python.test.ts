/** The Python component, as processes of its own, beside a hub of plain ZeroMQ sockets. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../../host/platform/testing/until.ts";
import { PlainHub } from "../testing/plain-hub.ts";
import { isRunning, Programs } from "../testing/programs.ts";
import { isPythonThere, pythonEnvironment } from "../testing/python.ts";

const here = fileURLToPath(new URL(".", import.meta.url));

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

/** Starts `program`, a file or its text, as `name`. */
async function start(
  name: string,
  program: string,
  options: { frequency?: number; isWorker?: boolean } = {},
) {
  const file = program.includes("\n") ? await programs.write(`${name}.py`, program) : join(here, program);
  return programs.start(hub, { [name]: options }, ["python3", file], pythonEnvironment);
}

describe.skipIf(!isPythonThere)("a component in Python (needs python3: sudo apt-get install python3)", () => {
  test("the example answers with what it was given, says so in its status, and stays so over a kill of another task", async () => {
    await start("example_echo", "echo.py", { frequency: 50 });
    await hub.subscribed("config:example_simple:");
    const id = hub.say("example_simple", { a: [1, "é", null] });
    const { tag, body, data } = await hub.answer(id, "result");
    expect(JSON.parse(data)).toEqual({ a: [1, "é", null] });
    expect(tag).toBe(`result:example_simple:${body.id}:${id}:creator-of-example_echo`);
    const beat = await hub.heartbeat("example_echo", `processed ${id}`);
    expect(beat.tag).toBe(`data:monitoring:${beat.body.id}::creator-of-example_echo`);
    expect(beat.data).toMatch(
      /^\{ "sync_time" : \d{13}, "name" : "example_echo", "is_alive" : true, "message" : "processed \w{40}"\}$/,
    );
    // None of these is the id of a task that it has: one that has ended is none either.
    for (const nothing of ["", null, "restart_communicational", id, "A".repeat(40), 7]) hub.kill(nothing);
    await hub.answer(hub.say("example_simple", 2), "result");
    expect(hub.topics.filter((topic) => topic.startsWith("config:"))).toEqual(["config:example_simple:"]);
    expect(hub.com.filter(({ body }) => body.type === "error")).toEqual([]);
  });

  test("a kill ends what computes without end; what waited behind it is answered, in order, and what waits can be killed", async () => {
    const program = `
from bowlinecomp import run
def work(inbox, out, note):
    note("began")
    for m in inbox("example_loop"):
        note(f"at {m.id}")
        while m.data == "forever": pass
        out(m.reply(m.data))
run(work)
`;
    await start("example_loop", program, { frequency: 50 });
    await hub.subscribed("config:example_loop:");
    const [endless, second, third, fourth] = ["forever", 2, "forever", 4].map((data) =>
      hub.say("example_loop", data),
    );
    await hub.heartbeat("example_loop", `at ${endless}`);
    hub.kill(third);
    hub.kill(endless);
    for (const id of [endless, third]) {
      const { data, body } = await hub.answer(id, "error");
      expect([JSON.parse(data), body.creator, body.spec]).toEqual([
        { code: 301, message: "task killed" },
        "creator-of-example_loop",
        "example_loop",
      ]);
    }
    await hub.answer(fourth, "result");
    const answered = hub.com.filter(({ body }) => body.type === "result").map(({ body }) => body.pid);
    expect(answered).toEqual([second, fourth]);
  });

  test("what work() raises is error 500 of its task, and work() begins again; what it was not given yet is not lost", async () => {
    const program = `
from bowlinecomp import run
def work(inbox, out, note):
    for m in inbox("controller"):
        out(m.reply(12 / m.data, encoding="MessagePack"))
run(work)
`;
    await start("example_divide", program, { isWorker: true, frequency: 50 });
    const [zero, four] = [0, 4].map((data) => hub.give("example_divide", data));
    expect(JSON.parse((await hub.answer(zero, "error")).data)).toEqual({
      code: 500,
      message: "ZeroDivisionError: division by zero",
    });
    const { body, data } = await hub.answer(four, "result");
    expect([body.encoding, Buffer.from(data, "latin1").length > 0]).toEqual(["MessagePack", true]);
    await hub.heard(({ data }) => data.includes('"is_alive" : false'), "a heartbeat that says so", hub.tech);
  });

  test.each(["SIGTERM", "SIGKILL"] as const)(
    "after %s nothing of it runs on, though work() computes",
    async (signal) => {
      const program = `
import os, subprocess, sys
from bowlinecomp import run
def work(inbox, out, note):
    started = subprocess.Popen([sys.executable, "-c", "while True: pass"]) if "${signal}" == "SIGTERM" else None
    note(f"{os.getpid()} {started.pid if started else os.getpid()}")
    while True: pass
run(work)
`;
      const child = await start("example_parent", program, { frequency: 50 });
      const { data } = await hub.heard(({ data }) => /"\d+ \d+"/.test(data), "the ids", hub.tech);
      expect(await child.end(signal)).toBe(signal === "SIGTERM" ? 0 : null);
      const ids = (JSON.parse(data).message as string).split(" ");
      await until(async () => !(await Promise.all(ids.map(isRunning))).includes(true));
    },
  );

  test("a configuration that is none is told in one line, and another parameter is refused", async () => {
    await programs.write("config.json", hub.config({ example_a: {}, example_b: {} }));
    const run = (...args: string[]) => {
      const options = { input: "from bowlinecomp import run\nrun(print)\n", encoding: "utf8" } as const;
      return spawnSync("python3", ["-", ...args], {
        ...options,
        cwd: programs.folder,
        env: pythonEnvironment,
      });
    };
    expect(run("-f", "none.json")).toMatchObject({
      status: 1,
      stderr: "reading none.json: FileNotFoundError: [Errno 2] No such file or directory: 'none.json'\n",
    });
    expect(run()).toMatchObject({
      status: 1,
      stderr:
        "reading config.json: params: run(work) names none of them; allowed run(work, NAME), of example_a, example_b\n",
    });
    expect(run("--verbose")).toMatchObject({ status: 2 });
  });
});
