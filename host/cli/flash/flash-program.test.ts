/** `bowline flash` as a process of its own: beside a running gateway, and at a real terminal. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildDevice } from "../../../device/build.mjs";
import { until } from "../../platform/testing/until.ts";
import { PtyBoard } from "../../simulator/pty-board.ts";
import { folderForEach } from "../../testing/folders.ts";
import { freePort } from "../../testing/free-port.ts";
import { stopAfterEach } from "../../testing/stops.ts";
import { isPtyAvailable } from "../../transports/pty.ts";
import { BuiltProgram } from "../testing/built-program.ts";

const folder = folderForEach("flash-program");
const toStop = stopAfterEach();
let program: BuiltProgram;
let built = "";
let app = "";
let env: Record<string, string> = {};

beforeAll(async () => {
  program = await BuiltProgram.make();
  built = mkdtempSync(join(tmpdir(), "bowline-flash-app-"));
  app = join(built, "counter.js");
  await buildDevice({ entry: "device/testing/counter.ts", outfile: app, links: "cable", quiet: true });
});
afterAll(async () => {
  await program.remove();
  rmSync(built, { recursive: true, force: true });
});

beforeEach(async () => {
  env = {
    BOWLINE_HTTP_PORT: String(await freePort()),
    BOWLINE_TCP_PORT: String(await freePort()),
    BOWLINE_MONIQUE_ENABLED: "false",
  };
});

const flash = (...args: string[]) =>
  program.start(["flash", "--baud", "115200", ...args], { cwd: folder(), env });

/** The program at a terminal of 80 columns; what is typed goes in, what is seen comes out. */
function atTerminal(args: string[], more: Record<string, string> = {}) {
  const command = ["stty cols 80;", process.execPath, program.path, ...args].join(" ");
  const { PATH = "" } = process.env;
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    cwd: folder(),
    env: { PATH, HOME: folder(), TERM: "xterm", SHELL: "/bin/sh", ...env, ...more },
  });
  let seen = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    seen += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  toStop.push(() => void child.kill("SIGKILL"));
  return { seen: () => seen, type: (text: string) => child.stdin.write(text), ended };
}

describe.skipIf(!isPtyAvailable())("needs script: sudo apt-get install bsdutils", () => {
  test("a port of the running gateway is borrowed from it and given back, and the board comes to it", async () => {
    const link = join(folder(), "board");
    const config = { id: "b-1", port: "Serial1", interval: 0, grace: 0 };
    const board = new PtyBoard({ id: "sim-1", link, bundle: app, config });
    toStop.push(() => board.stop());
    await board.start();
    const up = program.start(["up", "--set", `serial.0.path=${link}`], { cwd: folder(), env });
    await up.until(/b-1 connected/);
    const flashing = flash("--port", link, "--app", app, "--interval", "1");
    expect(await flashing.ended, flashing.stderr).toBe(0);
    expect(flashing.stderr).toMatch(/^ +borrowed from the gateway \S+, which gets it back$/m);
    expect(flashing.stderr).toMatch(/^ +the gateway has its port again, and b-1 is connected$/m);
    expect(flashing.stdout.endsWith(`\ndone. Undo: npx bowline flash --restore --port ${link}\n`)).toBe(true);
    await up.until(/given back after \d+ s[\s\S]*b-1 connected[\s\S]*b-1 +l:telemetry/);

    // A killed flasher has given it back as well.
    const killed = flash("--port", link, "--app", app);
    await killed.until(/\[1\/6\]/);
    killed.kill("SIGKILL");
    await killed.ended;
    await up.until(/given back after[\s\S]*given back after/);
  });

  test("at a terminal of 80 columns a bar moves in its line, and what stays has no control character", async () => {
    const link = join(folder(), "board");
    const board = new PtyBoard({ id: "sim-1", link });
    toStop.push(() => board.stop());
    await board.start();
    const run = atTerminal(
      ["flash", "--baud", "115200", "--port", link, "--app", app, "--field", "grace=0"],
      {
        NO_COLOR: "1",
      },
    );
    expect(await run.ended, run.seen()).toBe(0);
    const shown = run.seen().split("\r\x1b[2K");
    expect(shown.some((line) => /^\[3\/6\] upload [\d.]+ KB \.+ \[#+-+\] +\d+ %/.test(line))).toBe(true);
    const kept = shown.filter((line) => line.includes("\r\n")).join("");
    expect(kept.replaceAll("\r\n", "")).not.toMatch(/\p{Cc}/u);
    for (const line of shown) expect(line.split("\r\n")[0].length, line).toBeLessThanOrEqual(79);
  });

  test("the password of the Wi-Fi is asked for, and not shown; Ctrl-C at the question ends it with 130", async () => {
    const args = [
      "flash",
      "--port",
      join(folder(), "none"),
      "--app",
      app,
      "--wifi",
      "house",
      "--gateway",
      "10.0.0.1",
    ];
    const run = atTerminal(args);
    await until(() => expect(run.seen()).toContain('Password of the Wi-Fi "house"'));
    run.type("open sesame\r");
    expect(await run.ended).toBe(3);
    expect(run.seen()).toContain("SERIAL_NOT_FOUND");
    expect(run.seen()).not.toContain("sesame");
    const interrupted = atTerminal(args);
    await until(() => expect(interrupted.seen()).toContain("Password"));
    interrupted.type("\x03");
    expect(await interrupted.ended).toBe(130);
  });
});
