/** device/GUIDE.md, walked by an author: every command typed, every program built, the last one flashed. */
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildDevice } from "../../device/build.mjs";
import { firstMissing } from "../../host/cli/testing/typed-commands.ts";
import { until } from "../../host/platform/testing/until.ts";
import type { DeviceView } from "../../host/router/views.ts";
import { readPage, root } from "./page.ts";
import { plugsIn, realBoard } from "./real-board.ts";
import { type Walk, walkPage } from "./walk.ts";

const { blocks, text: guide } = await readPage("device/GUIDE.md");
const blocksOf = (wanted: string) =>
  blocks.filter(({ language }) => language === wanted).map(({ text }) => text);

/** The epoch of each board when it came. */
const epochs = new Map<string, string>();

/** Waits until board `id` is there, in another life than `epoch` -> its epoch. */
async function connected(walk: Walk, id: string, epoch = ""): Promise<string> {
  const { machine } = walk.at("");
  const { tokens } = JSON.parse(await readFile(join(machine.folder, "data/tokens.json"), "utf8"));
  const headers = { authorization: `Bearer ${tokens[0].token}` };
  const url = `http://127.0.0.1:${machine.port("9080")}/api/v1/devices/${id}`;
  let view = {} as DeviceView;
  await until(async () => {
    view = (await (await fetch(url, { headers })).json()) as DeviceView;
    return view.connected === true && view.epoch !== epoch;
  });
  return view.epoch;
}

await walkPage("device/GUIDE.md", {
  exits: [[/wrong\.ts$/, 1]],
  instead: [
    [
      /^npx bowline sim --tcp .* --id \w+/,
      async (walk, command) => {
        const [, id] = / --id (\w+)/.exec(command.line)!;
        await walk.type(command);
        epochs.set(id, await connected(walk, id));
      },
    ],
    [
      / l:reboot$/,
      async (walk, command) => {
        await walk.type(command);
        const [, id] = / send (\w+) /.exec(command.line)!;
        await connected(walk, id, epochs.get(id));
      },
    ],
    [
      // Ctrl-C, once the board has told that it is at it.
      / --timeout 30s$/,
      async (walk, { line, shown }) => {
        const { shell, here } = walk.at("");
        const typed = shell.type(here(line));
        const tail = here("npx bowline tail --from 0");
        await shell.type(tail, (printed) => printed.includes("l:progress"));
        await shell.end(tail);
        await shell.end(here(line), "SIGINT");
        const { printed } = await typed;
        expect(
          firstMissing(
            shown.map((row) => row.replace(/^\^C/, "")),
            printed,
          ),
        ).toBeUndefined();
      },
    ],
    [
      /^\.\/flash\.sh --app \S+$/,
      async (walk, command) => {
        await plugsIn[1](walk, command);
        // The next one names its port.
        await walk
          .at("")
          .shell.end(walk.at("").here("npx bowline sim --blank --id blank --serial data/board"));
      },
    ],
    ...realBoard,
  ],
});

let greenhouse = "";
beforeAll(async () => {
  greenhouse = await mkdtemp(join(tmpdir(), "bowline-guide-"));
});
afterAll(() => rm(greenhouse, { recursive: true, force: true }));

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

test("it names every function that a program can import", async () => {
  const library = await readFile(join(root, "device/bowline.ts"), "utf8");
  const exported = [...library.matchAll(/^export (?:\{([^}]*)\}|function (\w+))/gm)].flatMap(
    ([, list, one]) => (one === undefined ? list.split(",").map((name) => name.trim()) : [one]),
  );
  expect(exported.length).toBeGreaterThan(10);
  expect(exported.filter((name) => !guide.includes(`${name}(`))).toEqual([]);
});
