/** The Python component where something is wrong: with its work, its configuration, or the hub. */
import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../../host/platform/testing/until.ts";
import { PlainHub } from "../testing/plain-hub.ts";
import { Programs } from "../testing/programs.ts";
import { isPythonThere, pythonEnvironment } from "../testing/python.ts";

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

/** Component example_own, with this work(). */
const start = (work: string, at: PlainHub = hub) => programs.ownPython(at, work);

describe.skipIf(!isPythonThere)("a component in Python (needs python3: sudo apt-get install python3)", () => {
  test("what is no message fails at the line that says it: the task is answered, and the component goes on", async () => {
    const program = await start(`from moniquewire import Message
def work(inbox, out, note):
    for m in inbox("example_own"):
        if m.data == "dict": out({"answer": 1})
        if m.data == "spec": out(Message(7, 1))
        out(m.reply(m.data))`);
    await hub.subscribed("config:example_own:");
    const [dict, spec, right] = ["dict", "spec", "right"].map((data) => hub.say("example_own", data));
    expect(JSON.parse((await hub.answer(dict, "error")).data)).toEqual({
      code: 500,
      message: "TypeError: out(): dict; allowed a Message",
    });
    expect(JSON.parse((await hub.answer(spec, "error")).data)).toMatchObject({ code: 500 });
    expect((await hub.answer(right, "result")).data).toBe('"right"');
    await program.says('own.py", line 5, in work');
    await program.says('own.py", line 6, in work');
    const since = Date.now();
    const isLater = ({ data }: { data: string }) => JSON.parse(data).sync_time > since;
    expect((await hub.heard(isLater, "a later heartbeat", hub.tech)).data).toContain('"is_alive" : true');
  });

  test("work that is killed begins anew with no status, and says so; while it is down, its status says why", async () => {
    const program = await start(`def work(inbox, out, note):
    for m in inbox("example_own"):
        note(f"at {m.id}")
        while m.data == "forever": pass
        raise KeyError("sum")`);
    await hub.subscribed("config:example_own:");
    const id = hub.say("example_own", "forever");
    await hub.heartbeat("example_own", `at ${id}`);
    hub.kill(id);
    await hub.answer(id, "error");
    const since = Date.now();
    const isLater = ({ data }: { data: string }) => JSON.parse(data).sync_time > since;
    const beat = await hub.heard(isLater, "a later heartbeat", hub.tech);
    expect(JSON.parse(beat.data).message).toBe("");
    await program.says(" : example_own] the work was killed, and begins anew\n");
    hub.say("example_own", "raise");
    await hub.heartbeat("example_own", "The work is down: KeyError: 'sum'");
    await program.says("the work has failed: KeyError: 'sum'; it begins anew in ");
  });

  test("a worker without a port fails with what is to be written, and where", async () => {
    await start('def work(inbox, out, note): inbox("controller")');
    const text = 'ValueError: inbox("controller"): no params.example_own.port in the configuration';
    const { body, data } = await hub.heard(({ body }) => body.type === "error", "an error");
    expect([body.pid, JSON.parse(data)]).toEqual(["", { code: 500, message: text }]);
  });

  test("one line tells that the hub is there, is away, and is there again", async () => {
    const program = await start("def work(inbox, out, note): next(inbox('example_own'))");
    await program.says(" : example_own] the hub is there\n");
    hub.stop();
    await program.says(" : example_own] the hub is away: ");
    const before = hub;
    hub = new PlainHub();
    await hub.start(before);
    const lines = () => [...program.printed.matchAll(/the hub is .*/g)].map(([line]) => line);
    await until(() => expect(lines()).toHaveLength(3));
    expect([lines()[0], lines()[2]]).toEqual(["the hub is there", "the hub is there"]);
    expect(lines()[1]).toMatch(/away: scheduler-(in|out)(, technical)? 127\.0\.0\.1:\d+: \S/);
    // What it had subscribed to, it has again.
    await hub.subscribed("config:example_own:");
    await hub.heartbeat("example_own");
    expect(lines()).toHaveLength(3);
  });

  test("each value of the configuration that is wrong is a line", async () => {
    const config = JSON.parse(hub.config({ example_own: {}, example_other: {} }));
    const run = async (change: (own: typeof config) => void, name = "example_own") => {
      const changed = structuredClone(config);
      change(changed);
      await programs.write("config.json", JSON.stringify(changed));
      const input = `from bowlinecomp import run\nrun(print, ${JSON.stringify(name)})\n`;
      const { status, stderr } = spawnSync("python3", ["-"], {
        input,
        encoding: "utf8",
        cwd: programs.folder,
        env: pythonEnvironment,
      });
      expect(status).toBe(1);
      return stderr.replaceAll("reading config.json: ", "").trimEnd().split("\n");
    };
    expect(
      await run(({ params, deploy: { monique } }) => {
        params.example_own = { creator: "a:b", frequency: 0, port: "10000", logfile: 1 };
        monique["scheduler-in"].comport = 65536;
        monique["scheduler-in"].techport = true;
        delete monique["scheduler-out"];
        monique.controller.host = "";
        monique.tls = { cert: "a.pem" };
      }),
    ).toEqual([
      'params.example_own.creator: "a:b"; allowed text without a colon',
      "params.example_own.frequency: 0; allowed a number of ms above 0",
      "params.example_own.logfile: 1; allowed the name of a file",
      "deploy.monique.scheduler-in.comport: 65536; allowed a whole number from 1 to 65535",
      "deploy.monique.scheduler-in.techport: true; allowed a whole number from 1 to 65535",
      "deploy.monique.scheduler-out.host: it is not there; allowed text",
      "deploy.monique.scheduler-out.comport: it is not there; allowed a whole number from 1 to 65535",
      "deploy.monique.scheduler-out.techport: it is not there; allowed a whole number from 1 to 65535",
      'deploy.monique.controller.host: ""; allowed text',
      'params.example_own.port: "10000"; allowed a whole number from 1 to 65535',
      "deploy.monique.tls: an object; allowed cert and key together, or neither",
    ]);
    expect(await run(() => {}, "example_onw")).toEqual([
      "params.example_onw: it is not there; allowed example_own, example_other",
    ]);
    expect(
      await run((all) => {
        all.params = [];
      }),
    ).toEqual([
      "params: a list; allowed an object",
      "params.example_own: it is not there; allowed an object",
    ]);
  });
});
