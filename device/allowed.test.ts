/** What the build lets through runs as TypeScript means it: enums, classes, and what else is not as old as ES5. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { until } from "../host/platform/testing/until.ts";
import { SimulatedBoard } from "../host/simulator/simulated-board.ts";
import { Interpreter, interpreters, placeFor } from "../host/testing/interpreter.ts";
import { stopAfterEach } from "../host/testing/stops.ts";
import { buildDevice } from "./build.mjs";

const toStop = stopAfterEach();
const nowhere = { host: "127.0.0.1", port: 1 };
let bundle = "";

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "bowline-allowed-"));
  const outfile = join(folder, "allowed.js");
  bundle = (await buildDevice({ entry: "device/testing/allowed.ts", outfile, quiet: true, isTyped: true }))
    .outfile;
  return () => rm(folder, { recursive: true, force: true });
});

test("on the simulated board", async () => {
  const said: string[] = [];
  const board = new SimulatedBoard({
    ...{ id: "al-1", bundle, transport: { kind: "tcp", ...nowhere }, config: { interval: 0, grace: 3600 } },
    onConsole: (line) => said.push(line),
  });
  toStop.push(() => board.stop());
  board.start();
  await until(() => said.length > 0);
  expect(said).toEqual(["allowed: 18 lines, 0 wrong"]);
});

const boards = interpreters.map((path) => ({ path, board: basename(path) }));
test.skipIf(boards.length === 0).each(boards.length > 0 ? boards : [{ path: "", board: "no interpreter" }])(
  "on $board (ESPRUINO_BIN=/path/to/espruino npm test; skipped where it is not set)",
  async ({ path }) => {
    const board = new Interpreter(path);
    toStop.push(() => board.stop());
    const config = { id: "al-1", tcp: nowhere, interval: 0, grace: 3600 };
    await board.start(await readFile(bundle, "latin1"), config, await placeFor(path));
    await until(() => /allowed: |Uncaught/.test(board.output));
    expect(board.output.split(/\r?\n/).filter((line) => /wrong|rror/.test(line))).toEqual([
      expect.stringContaining("allowed: 18 lines, 0 wrong"),
    ]);
  },
);
