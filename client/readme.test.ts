/** The program of docs/http.md, in a folder of its own with the package that was built, beside a real gateway; and its types. */
import { execFileSync, spawn } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { control, ServerUnderTest } from "../host/http/testing/server-under-test.ts";
import { until } from "../host/platform/testing/until.ts";
import { folderForEach } from "../host/testing/folders.ts";
import { startGateway } from "../host/testing/gateway.ts";
import { stopAfterEach } from "../host/testing/stops.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = await readFile(join(root, "docs/http.md"), "utf8");
const program = /```js\n(import \{ Gateway \}[^`]*)```/.exec(page)?.[1] ?? "";
const toStop = stopAfterEach();
const folder = folderForEach("client-readme");

async function folderOfAnAuthor(): Promise<string> {
  await mkdir(join(folder(), "node_modules"));
  await symlink(root, join(folder(), "node_modules/bowline"));
  await symlink(join(root, "node_modules/@types"), join(folder(), "node_modules/@types"));
  return folder();
}

test("the program of docs/http.md asks a board and prints every message", async () => {
  const gw = await startGateway();
  toStop.push(() => gw.stop());
  const http = await new ServerUnderTest(gw.gateway).start();
  toStop.push(() => http.stop());
  const board = await gw.board({ id: "sim-1" });
  await gw.until("the board", () => gw.gateway.devicesView().length === 1);
  const file = join(await folderOfAnAuthor(), "program.mjs");
  await writeFile(file, program.replace(/"http:[^"]*"/, JSON.stringify(`${http.base}/?token=${control}`)));
  const child = spawn(process.execPath, [file]);
  toStop.push(() => void child.kill());
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => {
      printed += text;
    });
  await until(() => board.packets.length === 1);
  board.send(`{"re":${JSON.parse(board.packets[0]).rq},"on":true}`);
  board.send('{"ot":"l:temp","v":22.5}');
  await until(() =>
    expect(printed).toMatch(
      /\{ re: \d+, on: true \}\n1 sim-1 \{.*\}\n2 sim-1 \{ ot: 'l:temp', v: 22\.5 \}\n/,
    ),
  );
});

test("its types are found, and are those of the program", async () => {
  const file = join(await folderOfAnAuthor(), "program.mts");
  await writeFile(file, `${program}\nconst wrong: number = gateway.devices();\n`);
  const options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--types", "node"];
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const check = () =>
    execFileSync(process.execPath, [tsc, ...options, file], { cwd: folder(), encoding: "utf8" });
  expect(check).toThrow(
    expect.objectContaining({
      stdout: expect.stringMatching(/^program\.mts\(\d+,\d+\): error TS2322: [^\n]*\n$/),
    }),
  );
});
