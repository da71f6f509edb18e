/** `bowline flash` as it is typed, against simulated boards with a prompt: what is said, what is left, how it ends. */

import { chmodSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SerialPort } from "serialport";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { buildDevice } from "../../device/build.mjs";
import { Files } from "../../device/layout.mjs";
import { until } from "../platform/testing/until.ts";
import { Air } from "../simulator/air.ts";
import { boardKinds } from "../simulator/board-kinds.ts";
import { PtyBoard, type PtyBoardOptions } from "../simulator/pty-board.ts";
import { FlashStorage } from "../simulator/storage.ts";
import { folderForEach } from "../testing/folders.ts";
import { freePort } from "../testing/free-port.ts";
import { startGateway } from "../testing/gateway.ts";
import { interpreters } from "../testing/interpreter.ts";
import { PromptBoard } from "../testing/prompt-board.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { isPtyAvailable } from "../transports/pty.ts";
import { hearOnCable } from "./flash/hear-board.ts";
import { FakeTerminal } from "./testing/fake-terminal.ts";
import { runVerb, type VerbRun } from "./testing/run-verb.ts";

const PASSWORD = "open sesame 77";
const NOBODY = 65_534;
const folder = folderForEach("flash");
const toStop = stopAfterEach();
let built = "";
/** Bundles for a cable: a program that counts, and one that never says hello. */
let app = "";
let mute = "";
let env: Record<string, string> = {};

beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), "bowline-flash-app-"));
  app = join(built, "counter.js");
  mute = join(built, "mute.js");
  await buildDevice({ entry: "device/testing/counter.ts", outfile: app, links: "cable", quiet: true });
  await writeFile(mute, 'setInterval(function(){boom("bowline 0.1.0")},300);\n');
  return () => rm(built, { recursive: true, force: true });
});

beforeEach(async () => {
  const ports = { BOWLINE_HTTP_PORT: String(await freePort()), BOWLINE_TCP_PORT: String(await freePort()) };
  env = { ...ports, BOWLINE_DATA: join(folder(), "data"), BOWLINE_PORT: join(folder(), "board") };
});
afterEach(() => vi.restoreAllMocks());

/** A board with an empty Storage at the port that BOWLINE_PORT names. */
async function blankBoard(options: Partial<PtyBoardOptions> = {}): Promise<PtyBoard> {
  const board = new PtyBoard({ id: "sim-1", link: env.BOWLINE_PORT, ...options });
  toStop.push(() => board.stop());
  await board.start();
  return board;
}

/** One that runs our firmware, as b-1. */
const ourBoard = () =>
  blankBoard({ bundle: app, config: { id: "b-1", port: "Serial1", interval: 0, grace: 0 } });

function terminalHere(): FakeTerminal {
  const terminal = new FakeTerminal();
  terminal.env = env;
  terminal.cwd = folder();
  return terminal;
}

/** No grace: a test has no need to come in between. */
const flash = (args: string[], terminal = terminalHere()): Promise<VerbRun> =>
  runVerb(["flash", "--baud", "115200", "--field", "grace=0", ...args], terminal);
const restore = (args: string[] = []) =>
  runVerb(["flash", "--baud", "115200", "--restore", ...args], terminalHere());

const configOf = ({ board }: PtyBoard): Record<string, unknown> =>
  JSON.parse(Buffer.from(board.flash.read(Files.config) ?? []).toString("latin1"));
const hello = async () =>
  (await hearOnCable(env.BOWLINE_PORT, 115_200, { timeoutMs: 10_000, signal: new AbortController().signal }))
    .hello;

describe.skipIf(!isPtyAvailable())("flash (needs script: sudo apt-get install bsdutils)", () => {
  test("a new board: six steps, its hello, what comes next, and how to undo it", async () => {
    const board = await blankBoard();
    const { code, out, err } = await flash(["--id", "kitchen", "--interval", "2s"]);
    expect(code, err.join("\n")).toBe(0);
    expect(out).toEqual([
      expect.stringMatching(/^\[1\/6\] connect 115200 \.+ Espruino 2v29 SIMULATOR, \d+ free variables$/),
      "[2/6] backup ................... the board held nothing",
      expect.stringMatching(/^\[3\/6\] upload \d+\.\d KB \.+ 100 % \(\d+\.\d s\)$/),
      expect.stringMatching(/^\[4\/6\] verify \.+ crc32 [0-9a-f]{8} ok$/),
      "[5/6] restart .................. ok",
      expect.stringMatching(/^\[6\/6\] first hello \.+ \d+\.\d\d s, bowline 0\.1\.0, board kitchen$/),
      `next: npm start -- --set serial.0.path=${env.BOWLINE_PORT}`,
      "done. Undo: npx bowline flash --restore",
    ]);
    expect(err).toEqual([`      port ${env.BOWLINE_PORT}: BOWLINE_PORT names it`]);
    expect(configOf(board)).toEqual({ port: "Serial1", id: "kitchen", interval: 2, grace: 0 });
    const data = env.BOWLINE_DATA;
    expect(statSync(join(data, "backups")).mode & 0o777).toBe(0o700);
    expect(JSON.parse(readFileSync(join(data, "flash.json"), "utf8"))).toEqual({ port: env.BOWLINE_PORT });

    const undone = await restore();
    expect(undone.code, undone.err.join("\n")).toBe(0);
    expect(undone.out.at(-2)).toBe("[4/4] first hello .............. none: the board is at its prompt");
    expect(board.board.flash.read(Files.loader)).toBeUndefined();
  });

  test("over our own firmware, and back again: its name and settings stay, --json tells what a script needs", async () => {
    const board = await ourBoard();
    const second = await flash(["--app", app, "--interval", "60", "--json"]);
    expect(second.code, second.err.join("\n")).toBe(0);
    expect(second.err).toEqual([]);
    const lines = second.out.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.filter(({ state }) => state === "done").map(({ step }) => step)).toEqual([
      ...["connect", "backup", "upload", "verify", "restart", "first hello"],
    ]);
    const serial = lines.find(({ step, state }) => step === "connect" && state === "done")?.serial;
    expect(lines.at(-1)).toEqual({
      ...{ result: "flashed", program: "counter.js", slot: "bl.b", generation: 1, mode: "two-slots" },
      bytes: expect.any(Number),
      crc: expect.stringMatching(/^[0-9a-f]{8}$/),
      backup: join(env.BOWLINE_DATA, "backups", `${serial}-0001.json`),
      port: env.BOWLINE_PORT,
      hello: {
        ...{ id: "b-1", firmware: "bowline 0.1.0", board: "SIMULATOR", epoch: "", seq: 1 },
        via: `serial ${env.BOWLINE_PORT}`,
      },
      isAtGateway: false,
      undo: "npx bowline flash --restore",
    });
    expect(configOf(board)).toMatchObject({ id: "b-1", interval: 60 });

    const list = await runVerb(["flash", "--backups", "--json"], terminalHere());
    expect(list.out.map((line) => (JSON.parse(line) as { holds: string }).holds)).toEqual([
      expect.stringMatching(/^\.bootcde \d+, bl\.a \d+, bowline\.json \d+$/),
    ]);

    const back = await restore();
    expect(back.code, back.err.join("\n")).toBe(0);
    expect(back.out.slice(1)).toEqual([
      expect.stringMatching(/^\[2\/4\] restore \.+ \S+-0001\.json, made \d{4}-\d\d-\d\d \d\d:\d\d$/),
      "[3/4] restart .................. ok",
      expect.stringMatching(/^\[4\/4\] first hello \.+ .* board b-1$/),
      `next: npm start -- --set serial.0.path=${env.BOWLINE_PORT}`,
      "done.",
    ]);
    expect(configOf(board)).toMatchObject({ id: "b-1", interval: 0 });
  });

  test("a dry run says what would be done, and leaves the board running what it ran", async () => {
    const board = await ourBoard();
    const before = board.board.flash.read(Files.config);
    const { code, out, err } = await flash(["--app", app, "--id", "other", "--dry-run"]);
    expect(code).toBe(0);
    expect(out.at(-1)).toBe("done.");
    expect(err.slice(1)).toEqual([
      expect.stringMatching(/^ {6}would write counter\.js, \d+ bytes, in about \d+ s \(two-slots\)$/),
      "      would leave bowline.json with port, grace, id",
      "      would wait for the hello on its cable, at 115200 baud",
    ]);
    expect(board.board.flash.read(Files.config)).toEqual(before);
    expect((await hello()).id).toBe("b-1");
  });

  describe("exit codes", () => {
    test("1: a board that has no room for it", async () => {
      await blankBoard({ kind: { ...boardKinds.pico, flash: { pageBytes: 4096, pages: 3 } } });
      const { code, err } = await flash(["--app", app]);
      expect(code).toBe(1);
      expect(err.at(-1)).toMatch(/in Storage; .* \[FLASH_NO_ROOM\]/);
    });

    test("2: what contradicts itself, before any board is looked for", async () => {
      expect(await flash(["--wifi", "house", "--cable"])).toMatchObject({
        code: 2,
        err: ["bowline: --wifi and --cable exclude each other [USAGE]\n  mend: npx bowline flash --help"],
      });
    });

    test("3: a port that is not there", async () => {
      const { code, err } = await flash(["--app", app, "--port", join(folder(), "none")]);
      expect(code).toBe(3);
      expect(err.at(-1)).toMatch(/no such device; is the board plugged in\? \[SERIAL_NOT_FOUND\]/);
    });

    test("3: nothing to restore", async () => {
      await blankBoard();
      const { code, err } = await restore();
      expect(code).toBe(3);
      expect(err.at(-1)).toContain("[FLASH_NO_BACKUP]");
    });

    // Only root can become somebody who has none.
    test.skipIf(process.getuid?.() !== 0)(
      "4: no permission for the port, and the line that gives it",
      async () => {
        await blankBoard();
        // Else one is looked for in root's home.
        await writeFile(join(folder(), "bowline.yaml"), "data: memory\n");
        chmodSync(built, 0o755);
        chmodSync(folder(), 0o755);
        process.seteuid?.(NOBODY);
        const { code, err } = await flash(["--app", app]).finally(() => process.seteuid?.(0));
        expect(code, err.join("\n")).toBe(4);
        expect(err.at(-1)).toMatch(
          /permission denied; .* \[SERIAL_PERMISSION\]\n {2}mend: sudo usermod -aG \w+ \$USER$/,
        );
      },
    );

    test.skipIf(process.getuid?.() !== 0)("4: a program that may not be read", async () => {
      await blankBoard();
      const locked = join(folder(), "locked.ts");
      await writeFile(locked, "");
      await writeFile(join(folder(), "bowline.yaml"), "data: memory\n");
      chmodSync(locked, 0);
      chmodSync(folder(), 0o755);
      process.seteuid?.(NOBODY);
      const { code, err } = await flash(["--app", locked]).finally(() => process.seteuid?.(0));
      expect(code, err.join("\n")).toBe(4);
      expect(err.at(-1)).toMatch(/reading --app: EACCES.*locked\.ts.* \[APP_UNREADABLE\]/);
    });

    test("5: a port that another program has, with its name", async () => {
      await blankBoard();
      const holder = new SerialPort({
        path: env.BOWLINE_PORT,
        baudRate: 115_200,
        lock: true,
        autoOpen: false,
      });
      await new Promise<void>((resolve, reject) =>
        holder.open((error) => (error ? reject(error) : resolve())),
      );
      toStop.push(() => new Promise<void>((resolve) => holder.close(() => resolve())));
      const { code, err } = await flash(["--app", app]);
      expect(code).toBe(5);
      expect(err.at(-1)).toMatch(/held by pid \d+ .*\[SERIAL_BUSY\]/);
    });

    test("6: a program that never says hello, with what it said instead, and how to get back", async () => {
      await blankBoard();
      const { code, out, err } = await flash(["--app", mute, "--timeout", "5s", "--json"]);
      expect(code).toBe(6);
      expect(err.at(-1)).toMatch(
        /waiting 5 s for the board's hello on \S+: the program stopped with Uncaught ReferenceError: .*boom.* \[NO_HELLO\]\n {2}mend: .*npx bowline flash --restore/,
      );
      expect(JSON.parse(out.at(-1) ?? "")).toMatchObject({ result: "failed", code: "NO_HELLO", exitCode: 6 });
      expect((await restore()).code).toBe(0);
    });

    test("6: a program that stops as it starts, which is said before anybody listens", async () => {
      await blankBoard();
      const broken = join(folder(), "broken.js");
      await writeFile(broken, 'boom("bowline 0.1.0");\n');
      const { code, err } = await flash(["--app", broken, "--timeout", "1s"]);
      expect(code).toBe(6);
      expect(err.at(-1)).toMatch(/the program stopped with Uncaught ReferenceError: .*boom/);
    });

    test("7: what the board has is not what was sent; the old program runs on", async () => {
      await ourBoard();
      const write = FlashStorage.prototype.write;
      vi.spyOn(FlashStorage.prototype, "write").mockImplementation(function (
        this: FlashStorage,
        name,
        data,
        offset = 0,
        size = 0,
      ) {
        if (name === "bl.b" && offset > 0) data = data.map((byte, i) => (i === 7 ? byte & 0x0f : byte));
        return write.call(this, name, data, offset, size);
      });
      const { code, err } = await flash(["--app", app, "--id", "b-2"]);
      expect(code).toBe(7);
      expect(err.at(-1)).toContain("[FLASH_NOT_AS_SENT]");
      expect((await hello()).id).toBe("b-1");
    });

    test("8: the board itself refuses, and its words are told; the old program runs on", async () => {
      await ourBoard();
      const write = FlashStorage.prototype.write;
      vi.spyOn(FlashStorage.prototype, "write").mockImplementation(function (
        this: FlashStorage,
        name,
        ...rest
      ) {
        if (name === "bl.b") throw new Error("Unable to write: flash is worn out");
        return write.call(this, name, ...rest);
      });
      const { code, err } = await flash(["--app", app, "--id", "b-2"]);
      expect(code, err.join("\n")).toBe(8);
      expect(err.at(-1)).toMatch(/it says .*flash is worn out.* \[FLASH_BOARD_ERROR\]/);
      expect((await hello()).id).toBe("b-1");
    });

    test("130: Ctrl-C in the midst of the upload; the old program runs on", async () => {
      await ourBoard();
      const terminal = terminalHere();
      const ending = flash(["--app", app, "--id", "b-2"], terminal);
      await until(() =>
        expect(terminal.progressed.some((line) => /upload .*[ 2-9]\d %/.test(line))).toBe(true),
      );
      terminal.interrupt();
      const { code, out } = await ending;
      expect(code).toBe(130);
      expect(out.at(-1)).toMatch(/^\[2\/6\] backup/);
      expect((await hello()).id).toBe("b-1");
    });

    test("130: Ctrl-C while the hello is waited for", async () => {
      await blankBoard();
      const terminal = terminalHere();
      const ending = flash(["--app", mute], terminal);
      await until(() => expect(terminal.printed.some((line) => line.startsWith("[5/6]"))).toBe(true));
      terminal.interrupt();
      expect((await ending).code).toBe(130);
    });
  });

  test("--wifi gives the board its network and a key, and its hello comes by it; --cable brings it back", async () => {
    const air = new Air();
    air.add("house", PASSWORD);
    const board = await blankBoard({ air });
    env.BOWLINE_WIFI_PASSWORD = PASSWORD;
    const gateway = `127.0.0.1:${env.BOWLINE_TCP_PORT}`;
    const on = await flash([
      "--id",
      "mover",
      "--interval",
      "1",
      "--wifi",
      "house",
      "--gateway",
      gateway,
      "--json",
    ]);
    expect(on.code, on.err.join("\n")).toBe(0);
    expect([...on.out, ...on.err].join("\n")).not.toContain(PASSWORD);
    const { key, ...rest } = configOf(board);
    expect(rest).toMatchObject({
      ...{ id: "mover", wifi: { ssid: "house", password: PASSWORD } },
      tcp: { host: "127.0.0.1", port: Number(env.BOWLINE_TCP_PORT) },
    });
    expect([...on.out, ...on.err].join("\n")).not.toContain(key);
    expect(JSON.parse(on.out.at(-1) ?? "")).toMatchObject({
      hello: { id: "mover", via: expect.stringMatching(/^tcp /) },
    });

    const gw = await startGateway([`data=${env.BOWLINE_DATA}`, `tcp.port=${env.BOWLINE_TCP_PORT}`]);
    toStop.push(() => gw.stop());
    await gw.until("values over Wi-Fi", () => gw.messages.length >= 2);
    expect(gw.gateway.devicesView()).toMatchObject([{ id: "mover", missing: 0 }]);

    const off = await flash(["--cable"]);
    expect(off.code, off.err.join("\n")).toBe(0);
    expect(off.out.at(-3)).toContain("board mover");
    expect(configOf(board)).toMatchObject({ id: "mover", key });
    expect(configOf(board)).not.toHaveProperty("tcp");
    expect(configOf(board)).not.toHaveProperty("wifi");
  });

  describe
    .skipIf(interpreters.length === 0)
    .each(interpreters.length > 0 ? interpreters : ["no interpreter"])(
    "on the real interpreter %s (ESPRUINO_BIN; skipped where it is not set)",
    (binary) => {
      test("a new board, then over our own firmware, then back", async () => {
        const board = await PromptBoard.create(binary);
        toStop.push(() => board.stop());
        board.powerOn();
        env.BOWLINE_PORT = board.path;
        const first = await flash(["--id", "lin-1", "--field", `path=${board.boardPath}`]);
        expect(first.code, [...first.err, board.output].join("\n")).toBe(0);
        expect(first.out.at(5)).toMatch(/ s, bowline 0\.1\.0, board lin-1$/);
        const second = await flash(["--interval", "60"]);
        expect(second.code, second.err.join("\n")).toBe(0);
        expect(second.out.at(5)).toMatch(/board lin-1$/);
        const back = await restore();
        expect(back.code, back.err.join("\n")).toBe(0);
        expect(back.out.at(3)).toMatch(/board lin-1$/);
      });
    },
  );

  test("a hello that nobody here could see is refused before anything is written", async () => {
    const board = await blankBoard();
    env.BOWLINE_WIFI_PASSWORD = PASSWORD;
    const { code, err } = await flash(["--wifi", "house", "--gateway", "192.0.2.7"]);
    expect(code).toBe(2);
    expect(err.at(-1)).toContain("[HELLO_UNSEEN]");
    expect(board.board.flash.read(Files.config)).toBeUndefined();
    // The key that was drawn for it is nobody's.
    expect((await runVerb(["key", "list", "--json"], terminalHere())).out).toEqual([]);
  });
});
