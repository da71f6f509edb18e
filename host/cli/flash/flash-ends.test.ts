/** How a flashing that comes to nothing ends: with an exit code that says why, and with the board running. */
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildDevice } from "../../../device/build.mjs";
import { Files } from "../../../device/layout.mjs";
import { PATIENCE_MS } from "../../platform/testing/patience.ts";
import { until } from "../../platform/testing/until.ts";
import { Air } from "../../simulator/air.ts";
import { PtyBoard, type PtyBoardOptions } from "../../simulator/pty-board.ts";
import { folderForEach } from "../../testing/folders.ts";
import { freePort } from "../../testing/free-port.ts";
import { stopAfterEach } from "../../testing/stops.ts";
import { isPtyAvailable } from "../../transports/pty.ts";
import { FakeTerminal } from "../testing/fake-terminal.ts";
import { runVerb, type VerbRun } from "../testing/run-verb.ts";
import { hearOnCable } from "./hear-board.ts";

const folder = folderForEach("flash-ends");
const toStop = stopAfterEach();
let built = "";
let app = "";
let env: Record<string, string> = {};

beforeAll(async () => {
  built = mkdtempSync(join(tmpdir(), "bowline-flash-app-"));
  app = join(built, "counter.js");
  await buildDevice({ entry: "device/testing/counter.ts", outfile: app, links: "cable", quiet: true });
});
afterAll(() => rmSync(built, { recursive: true, force: true }));

beforeEach(async () => {
  const ports = { BOWLINE_HTTP_PORT: String(await freePort()), BOWLINE_TCP_PORT: String(await freePort()) };
  env = { ...ports, BOWLINE_DATA: join(folder(), "data"), BOWLINE_PORT: join(folder(), "board") };
});

async function boardWith(options: Partial<PtyBoardOptions>): Promise<PtyBoard> {
  const board = new PtyBoard({ id: "sim-1", link: env.BOWLINE_PORT, ...options });
  toStop.push(() => board.stop());
  await board.start();
  return board;
}

/** One that runs our firmware, as b-1. */
const ourBoard = () =>
  boardWith({ bundle: app, config: { id: "b-1", port: "Serial1", interval: 0, grace: 0 } });

function terminalHere(): FakeTerminal {
  const terminal = new FakeTerminal();
  terminal.env = env;
  terminal.cwd = folder();
  return terminal;
}

const flash = (...args: string[]): Promise<VerbRun> => flashAt(terminalHere(), ...args);
const flashAt = (terminal: FakeTerminal, ...args: string[]): Promise<VerbRun> =>
  runVerb(["flash", "--baud", "115200", ...args], terminal);

/** The board's name, from its hello. */
async function whoRuns(): Promise<string> {
  const patience = { timeoutMs: PATIENCE_MS, signal: new AbortController().signal };
  return (await hearOnCable(env.BOWLINE_PORT, 115_200, patience)).hello.id;
}

const OTHERS = JSON.stringify({
  ...{ format: 1, board: "SIMULATOR", serial: "another", espruino: "2v29" },
  ...{ at: "2026-11-26T12:00:00.000Z", files: {} },
});

describe.skipIf(!isPtyAvailable())("needs script: sudo apt-get install bsdutils", () => {
  test("a backup that is not there, or another board's: the board runs on, however often it is tried", async () => {
    await ourBoard();
    writeFileSync(join(folder(), "other.json"), OTHERS);
    const cases: [string | undefined, number, string][] = [
      [undefined, 3, "FLASH_NO_BACKUP"],
      ["missing.json", 3, "FLASH_BACKUP_UNREADABLE"],
      ["other.json", 1, "FLASH_OTHER_BOARD"],
    ];
    for (const [name, exit, errorCode] of cases) {
      const { code, err } = await flash("--restore", ...(name === undefined ? [] : [name]));
      expect({ code, last: err.at(-1) }, name).toEqual({
        code: exit,
        last: expect.stringContaining(`[${errorCode}]`),
      });
      expect(await whoRuns(), name).toBe("b-1");
    }
  });

  test("a backup whose bowline.json is damaged is put back as it was, and the board started", async () => {
    const board = await ourBoard();
    const { flash: storage } = board.board;
    storage.erase(Files.config);
    storage.write(Files.config, Buffer.from("{half"));
    expect((await flash("--app", app, "--field", "port=Serial1", "--field", "grace=0")).code).toBe(0);
    const { out, err } = await flash("--restore", "--timeout", "1s");
    expect(
      out.find((line) => line.startsWith("[3/4]")),
      err.join("\n"),
    ).toBe("[3/4] restart .................. ok");
  });

  test("no place for a backup: said in words, and the board runs on; what only is convenient is a warning", async () => {
    await ourBoard();
    mkdirSync(join(env.BOWLINE_DATA, "flash.json"), { recursive: true });
    writeFileSync(join(env.BOWLINE_DATA, "backups"), "");
    const { code, err } = await flash("--app", app);
    expect(code).toBe(1);
    expect(err.at(-2)).toMatch(/^warning: remembering the port for the next time: /);
    expect(err.at(-1)).toMatch(/nothing on the board was changed \[FLASH_BACKUP_NOT_KEPT\]/);
    expect(await whoRuns()).toBe("b-1");
  });

  test("what is wrong with the line typed is told before a board is touched", async () => {
    for (const args of [
      ["--timeout", "soon"],
      ["--field", "id=b@d"],
      ["--field", "id=5 5"],
    ]) {
      const { code, err } = await flash("--port", join(folder(), "none"), ...args);
      expect({ code, err }, args.join(" ")).toEqual({ code: 2, err: [expect.stringContaining("[USAGE]")] });
    }
  });

  describe("a board that goes to the network", () => {
    const toNetwork = () => {
      env.BOWLINE_WIFI_PASSWORD = "open sesame 77";
      return [
        "--app",
        app,
        "--id",
        "mover",
        "--wifi",
        "house",
        "--gateway",
        `127.0.0.1:${env.BOWLINE_TCP_PORT}`,
      ];
    };
    const keys = async () =>
      (await runVerb(["key", "list", "--json"], terminalHere())).out.map((line) => JSON.parse(line).id);

    test("another program has the port that its hello comes to: refused before anything is written", async () => {
      const board = await boardWith({ air: new Air() });
      const other = createServer().listen(Number(env.BOWLINE_TCP_PORT), "127.0.0.1");
      toStop.push(() => void other.close());
      await once(other, "listening");
      const { code, err } = await flash(...toNetwork());
      expect({ code, last: err.at(-1) }).toEqual({ code: 5, last: expect.stringContaining("[PORT_BUSY]") });
      expect(board.board.flash.read(Files.config)).toBeUndefined();
      expect(await keys()).toEqual([]);
    });

    test("its key stays from when the board may have it, whatever ends the flashing then", async () => {
      await boardWith({ air: new Air() });
      const terminal = terminalHere();
      const ending = flashAt(terminal, ...toNetwork(), "--json");
      await until(() => expect(terminal.printed.join("\n")).toContain('"step":"verify","state":"begun"'));
      terminal.interrupt();
      expect((await ending).code).toBe(130);
      expect(await keys()).toEqual(["mover"]);
    });
  });

  test("--config is counted from where it was typed, as every path is", async () => {
    mkdirSync(join(folder(), "typed here"));
    writeFileSync(join(folder(), "typed here/my.yaml"), "data: ./kept\n");
    env = { ...env, INIT_CWD: join(folder(), "typed here") };
    const { code, err } = await flash("--backups", "--config", "my.yaml");
    expect(code, err.join("\n")).toBe(0);
  });
});
