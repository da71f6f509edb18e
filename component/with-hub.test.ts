/** Components of both languages, as processes of their own, beside our own hub. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HubSettings } from "../host/hub/hub-settings.ts";
import { HubBench } from "../host/hub/testing/components.ts";
import type { Author } from "../host/hub/views.ts";
import { until } from "../host/platform/testing/until.ts";
import { Authority, isOpensslAvailable } from "../host/testing/certificates.ts";
import { freePort } from "../host/testing/free-port.ts";
import { configText, type HubPorts } from "./testing/config-text.ts";
import { type Program, Programs } from "./testing/programs.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const by: Author = { via: "local", who: "test" };

const programs = new Programs();
let bench: HubBench;
beforeEach(async () => {
  bench = new HubBench();
  await programs.open();
});
afterEach(async () => {
  await programs.close();
  await bench.stop();
});

const workers = (port = 0): Partial<HubSettings> => ({
  controller: [{ spec: "example_own", port, patienceMs: 300_000 }],
});

/** Answers with what it was given, unless that is to compute for ever. */
const languages = [
  {
    language: "TypeScript",
    command: [process.execPath, "own.mjs"],
    text: `import { component, serve } from "${root}dist/component.mjs";
component("example_own", serve({ example_own: (data, { id }, { status }) => {
  status("at " + id);
  while (data === "forever");
  return data;
} }, { from: "controller" }));`,
  },
  {
    language: "Python",
    command: ["python3", "own.py"],
    text: `import sys
sys.path.insert(0, "${root}dist/python")
sys.dont_write_bytecode = True
from bowlinecomp import run
def work(inbox, out, note):
    for m in inbox("controller"):
        note(f"at {m.id}")
        while m.data == "forever": pass
        out(m.reply(m.data))
run(work)`,
  },
];
const available = languages.filter(({ command: [file] }) => spawnSync(file, ["--version"]).status === 0);

async function start(
  { command: [file, name], text }: (typeof languages)[number],
  more: Partial<HubPorts> = {},
): Promise<Program> {
  const path = await programs.write(name, text);
  const { com, tech, controller } = bench.hub.addresses!;
  const ports = { host: "127.0.0.1", com, tech, controller: controller.example_own, ...more };
  const config = (params: Parameters<typeof configText>[1]) => configText(ports, params);
  return programs.start({ config }, { example_own: { frequency: 50, isWorker: true } }, [file, path]);
}

const submit = (data: unknown) => bench.hub.submit({ spec: "example_own", data }, by);
const result = async (id: string) => (await bench.hub.whenEnded(id)).result;

describe.each(available)("in $language", (program) => {
  test("of two workers and six tasks one is killed at work: it is confirmed, and the five others are answered", async () => {
    await bench.start(workers());
    const [endless, ...others] = await Promise.all(["forever", 1, 2, 3, 4, 5].map(submit));
    await start(program);
    await start(program);
    await until(() => bench.hub.components().some(({ message }) => message === `at ${endless.id}`));
    const kill = await bench.hub.kill(endless.id, { by });
    expect(kill).toMatchObject({ outcome: "confirmed", how: "the component said so" });
    expect(bench.hub.task(endless.id)?.state).toBe("killed");
    expect(await Promise.all(others.map(({ id }) => result(id)))).toEqual([1, 2, 3, 4, 5]);
    // The one that was killed does tasks again, and heartbeats of both go on.
    const more = await Promise.all([6, 7, 8, 9].map(submit));
    expect(await Promise.all(more.map(({ id }) => result(id)))).toEqual([6, 7, 8, 9]);
    await until(() => bench.hub.components().every(({ state, isDown }) => state === "alive" && !isDown));
    expect(bench.hub.components().map(({ name, instances }) => [name, instances])).toEqual([
      ["example_own", 2],
      ["example_own", 2],
    ]);
  });

  test.skipIf(!isOpensslAvailable)(
    "over TLS, with a certificate of its own (needs openssl: sudo apt-get install openssl)",
    async () => {
      const house = new Authority(programs.folder, "house");
      const [hub, own] = [house.sign("hub", ["localhost"]), house.sign("component")];
      const text = (path: string) => readFileSync(path, "utf8");
      const tls = { cert: text(hub.cert), key: text(hub.key), ca: text(house.cert) };
      await bench.start({ ...workers(), tls });
      await start(program, { host: "localhost", tls: { ca: house.cert, ...own } });
      expect(await result((await submit("sealed")).id)).toBe("sealed");
    },
  );

  test("a worker that answers nothing in time is silent, by its name", async () => {
    await bench.start({ controller: [{ spec: "example_own", port: 0, patienceMs: 300 }] });
    await start(program);
    await submit("forever");
    await until(() =>
      bench.hub.components().some(({ name, isSilent }) => name === "example_own" && isSilent),
    );
  });

  test("after a new start of the hub it is there again", async () => {
    const com = { in: await freePort(), out: await freePort() };
    const tech = { in: await freePort(), out: await freePort() };
    const settings = { ...workers(await freePort()), com, tech };
    await bench.start(settings);
    await start(program);
    expect(await result((await submit(1)).id)).toBe(1);
    await bench.hub.stop();
    await bench.start(settings, bench.store);
    expect(await result((await submit(2)).id)).toBe(2);
    await until(() => bench.hub.components().length > 0);
  });
});
