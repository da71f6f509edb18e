/** The Python component begins anew whatever its work has done to the processes around it. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PlainHub } from "../testing/plain-hub.ts";
import { Programs } from "../testing/programs.ts";
import { isPythonThere } from "../testing/python.ts";

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

const own = (work: string) => programs.ownPython(hub, work);

describe.skipIf(!isPythonThere)("a component in Python (needs python3: sudo apt-get install python3)", () => {
  test("a kill waits for work that ends by itself, and ends no later one", async () => {
    await own(`
import signal, sys, time
def slowly(*_):
    time.sleep(0.3)
    sys.exit(0)
def work(inbox, out, note):
    signal.signal(signal.SIGTERM, slowly)
    for m in inbox("example_own"):
        note(f"at {m.id}")
        while m.data == "forever": time.sleep(0.001)
        time.sleep(0.05)
        out(m.reply(m.data))`);
    await hub.subscribed("config:example_own:");
    for (let i = 0; i < 3; i++) {
      const endless = hub.say("example_own", "forever");
      await hub.heartbeat("example_own", `at ${endless}`);
      const next = hub.say("example_own", i);
      hub.kill(endless);
      await hub.answer(endless, "error");
      await hub.answer(next, "result");
    }
    expect(hub.com.filter(({ data }) => data.includes("500"))).toEqual([]);
  });

  test("what its work has left behind does not hide that it has ended", async () => {
    await own(`
import os, signal, multiprocessing, time
def work(inbox, out, note):
    for m in inbox("example_own"):
        if m.data == "die":
            multiprocessing.get_context("fork").Process(target=time.sleep, args=(120,)).start()
            os.kill(os.getpid(), signal.SIGKILL)
        out(m.reply(m.data))`);
    await hub.subscribed("config:example_own:");
    const dies = hub.say("example_own", "die");
    const next = hub.say("example_own", "next");
    expect((await hub.answer(dies, "error")).data).toBe('{"code": 500, "message": "its process ended"}');
    await hub.answer(next, "result");
  });

  test("who hears everything and is too slow for it does not flood itself with what it says of that", async () => {
    await own(`
import time
def work(inbox, out, note):
    for m in inbox(""):
        note(f"at {m.id}")
        time.sleep(60)`);
    await hub.subscribed("");
    const first = hub.say("example_news", 0, { type: "data" });
    await hub.heartbeat("example_own", `at ${first}`);
    for (let i = 1; i <= 1010; i++) hub.say("example_news", i, { type: "data" });
    const task = hub.say("example_own", "the last");
    for (let i = 0; i <= 1010; i++) hub.say("example_news", i, { type: "data" });
    expect((await hub.answer(task, "error")).data).toContain('"code": 300');
    expect(hub.com).toHaveLength(1);
  });

  test("an answer that no hub takes is an error of its task, and what is said next leaves", async () => {
    await own(`
def work(inbox, out, note):
    for m in inbox("example_own"): out(m.reply("x" * m.data))`);
    await hub.subscribed("config:example_own:");
    const large = hub.say("example_own", 5 << 20);
    const { data } = await hub.answer(large, "error");
    expect(JSON.parse(data)).toMatchObject({
      code: 500,
      message: expect.stringMatching(
        /^ValueError: message of example_own: 52\d{5} bytes; allowed are 4194304$/,
      ),
    });
    await hub.answer(hub.say("example_own", 1), "result");
  });
});
