import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildDevice } from "../../../device/build.mjs";
import { configSchema } from "../../config/schema.ts";
import { until } from "../../platform/testing/until.ts";
import { openPty } from "../../transports/pty.ts";
import { BuiltProgram, freePorts, pageOf } from "../testing/built-program.ts";
import { splitToken } from "../testing/run-verb.ts";
import { demoCount } from "./demo-boards.ts";

let program: BuiltProgram;
let cwd: string;

beforeAll(async () => {
  program = await BuiltProgram.make();
  await buildDevice({ outfile: join(program.folder, "device/firmware.js"), quiet: true });
});
afterAll(() => program.remove());

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "bowline-demo-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const up = (...args: string[]) => program.start(["up", ...freePorts, ...args], { cwd });
const hasPty = await openPty()
  .then((pty) => pty.close())
  .then(
    () => true,
    () => false,
  );

const runs = (pid: number) => {
  try {
    // A zombie still has its number.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};
const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);

const descendantsOf = (pid: number): number[] =>
  childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);

test.each([
  [{}, false, 0],
  [{}, true, 1],
  [{ serial: [{ path: "/dev/ttyACM0" }] }, true, 0],
  [{ serial: [{ path: "/dev/ttyACM0", enabled: false }] }, true, 1],
  [{ demo: { boards: 3 }, serial: [{ path: "/dev/ttyACM0" }] }, false, 3],
  [{ demo: { enabled: false } }, true, 0],
])("of %j with --demo %s there are %i simulated boards", (written, isDemo, count) => {
  expect(demoCount({ ...configSchema.parse(written), gateway: { enabled: true, id: "gw" } }, isDemo)).toBe(
    count,
  );
});

describe.runIf(hasPty)("the simulated board of --demo", () => {
  test("runs over a pseudo-terminal, is answered by send, and goes with the gateway", async () => {
    const run = up("--demo");
    const gateway = splitToken(await pageOf(run));
    await run.until(/^boards simulated sim-1 on .*data\/sim-1\.tty$/m);
    await run.until(/ sim-1 connected via serial .*sim-1\.tty$/m);
    await run.until(/ sim-1 {2}l:telemetry {2}temp /);
    expect(run.stdout).not.toContain("waiting for it");

    const send = program.start(["send", "sim-1", "l:led", '{"on":true}', ...gateway.option], {
      cwd,
      env: gateway.env,
    });
    expect(await send.ended).toBe(0);
    expect(JSON.parse(send.stdout)).toMatchObject({ re: expect.any(Number), on: true });
    const unknown = program.start(["send", "sim-1", "l:none", ...gateway.option], { cwd, env: gateway.env });
    expect(await unknown.ended).toBe(8);
    const elsewhere = program.start(["send", "sim-9", "l:info", ...gateway.option], {
      cwd,
      env: gateway.env,
    });
    expect(await elsewhere.ended).toBe(3);

    const [child] = childrenOf(run.pid);
    run.kill("SIGINT");
    expect(await run.ended).toBe(0);
    expect(runs(child)).toBe(false);
    expect(existsSync(join(cwd, "data/sim-1.tty"))).toBe(false);
  });

  test("is started again when it dies", async () => {
    const run = up("--demo");
    await run.until(/ sim-1 {2}l:telemetry /);
    const [child] = childrenOf(run.pid);
    process.kill(child, "SIGKILL");
    await run.until(/ sim-1 simulated board ended \(SIGKILL\); starting it again in 0\.5 s$/m);
    await run.until(/ sim-1 connected [\s\S]* sim-1 connected /);
    run.kill("SIGINT");
    expect(await run.ended).toBe(0);
  });

  test("does not outlive a gateway that was killed", async () => {
    const run = up("--demo");
    await run.until(/ sim-1 {2}l:telemetry /);
    const all = descendantsOf(run.pid); // the board, and what holds its terminal
    expect(all.length).toBeGreaterThan(1);
    run.kill("SIGKILL");
    await run.ended;
    await until(() => expect(all.filter(runs)).toEqual([]));
  });

  test("does not keep a second gateway from saying whose folder it is, or which port is busy", async () => {
    const first = up("--demo");
    const http = new URL(await pageOf(first)).port;
    const second = up("--demo", "--set", `http.port=${http}`);
    expect(await second.ended).toBe(5);
    expect(second.stderr).toMatch(
      new RegExp(`another gateway runs on it, pid ${first.pid} .*\\[STORE_LOCKED\\]`),
    );
    const third = up("--demo", "--set", `http.port=${http}`, "--set", "data=./other");
    expect(await third.ended).toBe(5);
    expect(third.stderr).toMatch(
      new RegExp(`:${http} \\(http\\.port\\): .*pid ${first.pid} .*\\[PORT_BUSY\\]`),
    );
    first.kill("SIGINT");
    expect(await first.ended).toBe(0);
  });

  test("is stopped with a gateway that is interrupted while it starts, with exit code 130", async () => {
    // Its terminal comes when the test says so.
    const bin = join(cwd, "bin");
    mkdirSync(bin);
    const wait = 'while [ ! -e "$0.go" ] && kill -0 $PPID; do sleep 0.02; done';
    const script = `#!/bin/sh\n${wait}\nPATH=\${PATH#*:} exec script "$@"\n`;
    writeFileSync(join(bin, "script"), script, { mode: 0o755 });
    const env = { PATH: `${bin}:${process.env.PATH}` };
    const run = program.start(["up", ...freePorts, "--demo"], { cwd, env });
    await until(() => expect(childrenOf(run.pid)).toHaveLength(1));
    const [child] = childrenOf(run.pid);
    run.kill("SIGINT");
    writeFileSync(join(bin, "script.go"), "");
    expect([await run.ended, run.stderr]).toEqual([130, ""]);
    await until(() => expect(runs(child)).toBe(false));
  });

  test("is there as often as demo.boards says, and not beside a board on a cable", async () => {
    const three = up("--set", "demo.boards=3", "--set", "data=memory");
    for (const id of ["sim-1", "sim-2", "sim-3"]) await three.until(new RegExp(` ${id}  l:telemetry `));
    const cable = up("--demo", "--set", "serial.0.path=/dev/bowline-none");
    await cable.until(/^store /m);
    expect(cable.stdout).not.toContain("simulated");
    for (const run of [three, cable]) run.kill("SIGTERM");
    expect(await Promise.all([three.ended, cable.ended])).toEqual([0, 0]);
  });
});

test("where there is no pseudo-terminal the simulated board comes over the network, and it is said", async () => {
  const node = join(process.execPath, "..");
  const run = program.start(["up", ...freePorts, "--demo"], {
    cwd,
    env: { PATH: node.includes("/usr") ? cwd : node },
  });
  await run.until(/^boards simulated over the network: open a pseudo-terminal/m);
  await run.until(/ sim-1 {2}l:telemetry /);
  run.kill("SIGINT");
  expect(await run.ended).toBe(0);
});
