import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildDevice } from "../../device/build.mjs";
import { until } from "../platform/testing/until.ts";
import { freePort } from "../testing/free-port.ts";
import { isPtyAvailable } from "../transports/pty.ts";
import { BuiltProgram, type ProgramRun } from "./testing/built-program.ts";
import { runVerb } from "./testing/run-verb.ts";

let program: BuiltProgram;
let cwd: string;

beforeAll(async () => {
  program = await BuiltProgram.make();
  const outfile = join(program.folder, "device/chaos.js");
  await buildDevice({ entry: "device/testing/chaos.ts", outfile, quiet: true });
});
afterAll(() => program.remove());

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "bowline-chaos-test-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const chaos = (...args: string[]) => program.start(["chaos", ...args], { cwd });
const runs = (pid: number) => existsSync(`/proc/${pid}`) && !/\) Z /.test(statOf(pid));
const statOf = (pid: number) => {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return ") Z ";
  }
};
const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);

async function jsonOf(run: ProgramRun): Promise<Record<string, never>> {
  await run.ended;
  return JSON.parse(run.stdout || `{"stderr":${JSON.stringify(run.stderr)}}`);
}

const nothingBad = { lost: 0, repeated: 0, reordered: 0, corrupted: 0 };

describe("a gateway under faults", () => {
  test("cuts: everything arrives once and in order, both ways, and the same numbers are said at both ends", async () => {
    const run = chaos("--packets", "1500", "--cuts", "25", "--boards", "2", "--seed", "5", "--json");
    const report = await jsonOf(run);
    expect(report, run.stderr).toMatchObject({
      verdict: "pass",
      seed: 5,
      cuts: 25,
      kills: 0,
      up: nothingBad,
      down: nothingBad,
      store: { vanished: 0, changed: 0, gaps: 0 },
      complaints: [],
    });
    const { up, down, connections, resumes } = report as Record<string, Record<string, number>>;
    // Replies are messages, too.
    expect(up.sent).toBe(1500 + down.delivered);
    expect([up.acknowledged, up.delivered]).toEqual([up.sent, up.sent]);
    expect(down.sent).toBeGreaterThan(30);
    expect([down.acknowledged, down.delivered]).toEqual([down.sent, down.sent]);
    expect(connections).toBeGreaterThan(10);
    expect(resumes).toBeGreaterThan(5);
    expect(await run.ended).toBe(0);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test.skipIf(!isPtyAvailable())("a noisy cable (needs script: sudo apt-get install bsdutils)", async () => {
    const run = chaos(
      "--serial",
      "--boards",
      "1",
      "--packets",
      "200",
      "--cuts",
      "4",
      "--seed",
      "3",
      "--json",
    );
    const report = await jsonOf(run);
    expect(report, run.stderr).toMatchObject({
      verdict: "pass",
      serial: true,
      cuts: 4,
      up: { acknowledged: expect.any(Number), ...nothingBad },
      down: nothingBad,
    });
  });

  test.each([
    ["--kill", 2, false],
    ["--powercut", 1, true],
  ])("%s: what was acknowledged is there afterwards, once", async (option, kills, powercut) => {
    const size = ["--packets", "600", "--cuts", "6", "--boards", "2", "--seed", "4"];
    const run = chaos(...size, option, String(kills), "--json");
    const report = await jsonOf(run);
    expect(report, run.stderr).toMatchObject({
      ...{ verdict: "pass", cuts: 6, kills, powercut },
      up: nothingBad,
      down: nothingBad,
      store: { vanished: 0, changed: 0, gaps: 0 },
    });
    const { up, down } = report as Record<string, Record<string, number>>;
    expect(up.sent).toBeGreaterThan(600);
    expect([up.acknowledged, up.delivered]).toEqual([up.sent, up.sent]);
    // Requests are accepted for good, too: what was accepted is done, and asking again is not asking twice.
    expect([down.acknowledged, down.delivered]).toEqual([down.sent, down.sent]);
  });

  test("several gateways: what crosses them arrives once, and nothing that was withdrawn runs late", async () => {
    const size = ["--gateways", "2", "--packets", "200", "--cuts", "6", "--kill", "2", "--seed", "3"];
    const run = chaos(...size, "--json");
    const report = await jsonOf(run);
    expect(report, run.stderr + run.stdout).toMatchObject({
      ...{ verdict: "pass", gateways: 2, boards: 2, cuts: 6, holds: 1 },
      ...{ up: nothingBad, down: nothingBad, far: { delivered: 200, ...nothingBad } },
      requests: { late: 0, open: 0, contradicted: 0, unknown: 0 },
      store: { vanished: 0, changed: 0, gaps: 0 },
    });
    expect(await run.ended).toBe(0);
    expect(readdirSync(cwd)).toEqual([]);
  });

  // A board may ignore a gateway that has forgotten its numbers: then the patience of the run is what ends it.
  test("a store that acknowledges what is not flushed fails: 7, and how many were lost", async () => {
    const size = ["--packets", "600", "--cuts", "0", "--seed", "1"];
    const run = chaos(...size, "--powercut", "1", "--set", "store.flush=false");
    expect(await run.ended, run.stdout).toBe(7);
    expect(run.stdout).toMatch(/^0 cuts, 1 power cuts, /m);
    expect(run.stdout).toMatch(/^store read back: \d+ messages, [1-9]\d* vanished, \d+ changed$/m);
    expect(run.stdout).toMatch(/^FAIL {2}seed 1$/m);
    expect(run.stderr).toMatch(/^bowline: counting what arrived \(seed 1\): .*vanished.* \[CHAOS_FAILED\]$/m);
  });
});

describe("its end", () => {
  const endless = ["--packets", "1000000", "--cuts", "5", "--seed", "9"];

  async function running(): Promise<[ProgramRun, number]> {
    const run = chaos(...endless);
    await run.until(/^seed 9$/m);
    await until(() => expect(childrenOf(run.pid)).toHaveLength(1));
    return [run, childrenOf(run.pid)[0]];
  }

  test("Ctrl-C tells the counts so far and leaves nothing behind", async () => {
    const [run, gateway] = await running();
    await until(() => expect(readdirSync(cwd)).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 1000)); // so that there is something to count
    run.kill("SIGINT");
    expect(await run.ended).toBe(130);
    expect(run.stdout).toMatch(/^from boards +\d+ +\d+ +\d+ +0 +0 +0 +0$/m);
    expect(run.stdout).toMatch(/^INTERRUPTED {2}seed 9$/m);
    expect(runs(gateway)).toBe(false);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test("its gateway does not outlive it when it is killed", async () => {
    const [run, gateway] = await running();
    run.kill("SIGKILL");
    await until(() => expect(runs(gateway)).toBe(false));
  });
});

test("--listen is the faults alone, in front of anybody's server", async () => {
  const echo = createServer((socket) => {
    socket.on("error", () => {});
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  const port = await freePort();
  const target = `127.0.0.1:${(echo.address() as AddressInfo).port}`;
  const run = chaos(
    "--listen",
    `127.0.0.1:${port}`,
    "--target",
    target,
    "--mean-bytes",
    "300",
    "--seed",
    "2",
  );
  try {
    await run.until(/cut every 300 bytes or so, seed 2; Ctrl-C ends it/, "stderr");
    for (let i = 0; i < 3; i++) {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      socket.on("data", () => socket.write("x".repeat(200)));
      socket.write("x".repeat(200));
      await new Promise((resolve) => socket.once("close", resolve));
    }
    run.kill("SIGINT");
    expect(await run.ended, run.stderr).toBe(0);
    expect(run.stdout).toMatch(/^3 connections, 0 not taken by the target, 3 cuts \(.*\), \d+ bytes$/m);
  } finally {
    await new Promise((resolve) => echo.close(resolve));
  }
});

test.each([
  [["--listen", "7701"], /reading --target: it is missing/],
  [["--target", "7700"], /reading --listen: it is missing/],
  [["--boards", "0"], /reading --boards: 0; allowed: whole numbers from 1 to 50/],
  [["--packets", "2"], /reading --packets: 2; allowed: whole numbers from 3 to/],
  [["--gateways", "1"], /reading --gateways: 1; allowed: whole numbers from 2 to 10/],
  [["--gateways", "2", "--boards", "1"], /reading --boards: 1; allowed: whole numbers from 2 to 50/],
  [["--gateways", "2", "--serial"], /reading --serial: .* allowed: one of the two/],
  [["--kill", "0"], /reading --kill: 0; allowed: whole numbers from 1 to/],
  [["--powercut", "x"], /reading --powercut: "x"; allowed: whole numbers/],
  [["--seed", "4294967296"], /reading --seed: 4294967296; allowed: whole numbers from 0 to 4294967295/],
])("%j is refused in words", async (args, words) => {
  const { code, err } = await runVerb(["chaos", ...args]);
  expect([code, err.join("\n")]).toEqual([2, expect.stringMatching(words)]);
});
