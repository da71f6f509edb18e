/** An author's walk through device/GUIDE.md: every command typed, every program built, what is printed held against the page. */
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildDevice } from "../device/build.mjs";
import { commandsOf, firstMissing, Shell } from "../host/cli/testing/typed-commands.ts";
import { until } from "../host/platform/testing/until.ts";
import type { DeviceView } from "../host/router/views.ts";
import { freePort } from "../host/testing/free-port.ts";
import { isPtyAvailable } from "../host/transports/pty.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const guide = await readFile(join(root, "device/GUIDE.md"), "utf8");
const blocksOf = (language: string) =>
  [...guide.matchAll(new RegExp(`\`\`\`${language}\n([^\`]*)\`\`\``, "g"))].map(([, block]) => block);

const shell = new Shell(root, {});
let folder = "";
/** The author's folder, which the guide calls ../greenhouse. */
let greenhouse = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bowline-guide-"));
  greenhouse = join(folder, "greenhouse");
  await mkdir(greenhouse);
  const ports = {
    BOWLINE_HTTP_PORT: String(await freePort()),
    BOWLINE_TCP_PORT: String(await freePort()),
    ...{ BOWLINE_MONIQUE_HUB_COM_IN: "0", BOWLINE_MONIQUE_HUB_COM_OUT: "0" },
    ...{ BOWLINE_MONIQUE_HUB_TECH_IN: "0", BOWLINE_MONIQUE_HUB_TECH_OUT: "0" },
  };
  shell.env = { ...process.env, ...ports, BOWLINE_DATA: join(folder, "data") };
});

afterAll(async () => {
  await shell.endAll();
  await rm(folder, { recursive: true, force: true });
});

/** As it is to be typed here. */
function here(text: string): string {
  return text
    .replace(/^npx bowline /, "node dist/bowline.mjs ") // the same, without npm's start each time
    .replaceAll("../greenhouse", greenhouse)
    .replaceAll("127.0.0.1:7700", `127.0.0.1:${shell.env.BOWLINE_TCP_PORT}`);
}

/** Programs that stay: they are left running, in a terminal of their own. */
const staying = /^(npm start|npx bowline (sim|tail))/;

/** Waits until board `id` is there, in another life than `epoch` -> its epoch. */
async function connected(id: string, epoch = ""): Promise<string> {
  const { tokens } = JSON.parse(await readFile(join(folder, "data/tokens.json"), "utf8"));
  const headers = { authorization: `Bearer ${tokens[0].token}` };
  let view = {} as DeviceView;
  await until(async () => {
    view = (await (await fetch(deviceUrl(id), { headers })).json()) as DeviceView;
    return view.connected === true && view.epoch !== epoch;
  });
  return view.epoch;
}

const deviceUrl = (id: string) => `http://127.0.0.1:${shell.env.BOWLINE_HTTP_PORT}/api/v1/devices/${id}`;

/** Ctrl-C, once the board has told that it is at it. */
async function interrupt(line: string): Promise<string> {
  const typed = shell.type(line);
  const tail = here("npx bowline tail --from 0");
  await shell.type(tail, (printed) => printed.includes("l:progress"));
  await shell.end(tail);
  await shell.end(line, "SIGINT");
  return (await typed).printed;
}

describe.skipIf(!isPtyAvailable())("the guide (needs script: sudo apt-get install bsdutils)", () => {
  test("its commands, in order, print what it shows", async () => {
    for (const block of blocksOf("ts").filter((text) => text.startsWith("// "))) {
      const [, name] = /^\/\/ (.+)\n/.exec(block)!;
      await writeFile(here(name), block);
    }
    const epochs = new Map<string, string>();
    for (const { line, shown } of commandsOf(guide)) {
      const typed = here(line);
      const expected = shown.map((row) => here(row).replace(/^\^C/, ""));
      const isShown = (printed: string) => firstMissing(expected, printed) === undefined;
      if (shown[0]?.startsWith("^C")) {
        const printed = await interrupt(typed);
        expect(firstMissing(expected, printed), printed).toBeUndefined();
      } else if (staying.test(line)) {
        const { printed } = await shell.type(typed, (text) =>
          line === "npm start" ? text.includes("sim-1 connected") : isShown(text),
        );
        expect(firstMissing(expected, printed), printed).toBeUndefined();
        const [, id] = / --id (\S+)/.exec(line) ?? [];
        if (id !== undefined) epochs.set(id, await connected(id));
      } else {
        const { printed, status } = await shell.type(typed);
        expect(firstMissing(expected, printed), `${line}\n${printed}`).toBeUndefined();
        expect(status, `${line}\n${printed}`).toBe(shown[0]?.startsWith("build: ") ? 1 : 0);
        const [, rebooted] = / (\S+) l:reboot/.exec(line) ?? [];
        if (rebooted !== undefined) await connected(rebooted, epochs.get(rebooted));
      }
    }
  });
});

test("its pieces of programs are built", async () => {
  const pieces = blocksOf("ts").filter((text) => !text.includes("import "));
  expect(pieces.length).toBeGreaterThan(5);
  const names =
    "changeEvery, endWatch, every, keepSetting, latest, onRequest, onTask, progress, publish, reply, setting, start, watchPin";
  for (const [i, piece] of pieces.entries()) {
    const entry = join(greenhouse, `piece-${i}.ts`);
    await writeFile(entry, `import { type BoardTask, ${names} } from "bowline";\n${piece}\nstart();\n`);
    await buildDevice({ entry, outfile: `${entry}.js`, quiet: true });
  }
});

// Behind the test above, whose pieces it checks.
test("its tsconfig.json checks all of that where an author has it", async () => {
  const [config] = blocksOf("json");
  await writeFile(join(greenhouse, "tsconfig.json"), config.replace("../bowline", root));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const check = () =>
    spawnSync(process.execPath, [tsc, "--noEmit", "-p", greenhouse], { encoding: "utf8" }).stdout;
  expect(check()).toBe("");
  await writeFile(join(greenhouse, "typed.ts"), 'import { start } from "bowline";\nstart(1);\n');
  expect(check()).toMatch(/^.*typed\.ts\(2,7\): error TS2554: Expected 0 arguments, but got 1\.\n$/);
});

test("the flasher takes what the guide shows", async () => {
  const [line] = /^\.\/flash\.sh .*$/m.exec(guide)!;
  const { printed, status } = await shell.type("./flash.sh --help");
  expect(status, printed).toBe(0);
  const options = line.split(" ").filter((word) => word.startsWith("--"));
  expect(options).toEqual(["--app"]);
  expect(options.filter((option) => !printed.includes(`${option} <`))).toEqual([]);
});

test("it names every function that a program can import", async () => {
  const library = await readFile(join(root, "device/bowline.ts"), "utf8");
  const exported = [...library.matchAll(/^export (?:\{([^}]*)\}|function (\w+))/gm)].flatMap(
    ([, list, one]) => (one === undefined ? list.split(",").map((name) => name.trim()) : [one]),
  );
  expect(exported.length).toBeGreaterThan(10);
  expect(exported.filter((name) => !guide.includes(`${name}(`))).toEqual([]);
});
