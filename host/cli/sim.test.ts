import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SerialPort } from "serialport";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildDevice } from "../../device/build.mjs";
import { openKeys } from "../admission/key-store.ts";
import { PATIENCE_MS } from "../platform/testing/patience.ts";
import { until } from "../platform/testing/until.ts";
import { freePort } from "../testing/free-port.ts";
import { startGateway, type TestGateway } from "../testing/gateway.ts";
import { openPty } from "../transports/pty.ts";
import { hearOnCable } from "./flash/hear-board.ts";
import { BuiltProgram, type ProgramRun } from "./testing/built-program.ts";

let program: BuiltProgram;
let cwd: string;
let gateway: TestGateway | undefined;

beforeAll(async () => {
  program = await BuiltProgram.make();
  await buildDevice({ outfile: join(program.folder, "device/firmware.js"), quiet: true });
});
afterAll(() => program.remove());

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "bowline-sim-"));
});
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
  rmSync(cwd, { recursive: true, force: true });
});

const sim = (...args: string[]) => program.start(["sim", ...args], { cwd });
const hasPty = await openPty()
  .then((pty) => pty.close())
  .then(
    () => true,
    () => false,
  );

async function stopped(run: ProgramRun): Promise<number | string> {
  run.kill("SIGINT");
  return run.ended;
}

test("sim --tcp is a board of the gateway, with the name and the interval it was given", async () => {
  gateway = await startGateway();
  const run = sim("--tcp", `127.0.0.1:${gateway.tcpPort}`, "--id", "kitchen-1", "--interval", "500ms");
  await run.until(/^simulated board kitchen-1 calls the gateway at 127\.0\.0\.1:\d+$/m);
  await gateway.until("telemetry twice", () => (gateway?.messages.length ?? 0) >= 2);
  expect(gateway.messages[0]).toMatchObject({ device: "kitchen-1", message: { ot: "l:telemetry" } });
  await run.until(/^\d\d:\d\d:\d\d kitchen-1 is connected to its gateway$/m);
  expect(await stopped(run)).toBe(0);
  expect(run.stdout).not.toContain("has lost");
});

test("sim says once that nobody is there, and when its gateway goes; that it is not let in, and why that may be", async () => {
  const tcpPort = await freePort();
  gateway = await startGateway([`tcp.port=${tcpPort}`]);
  const run = sim("--tcp", `127.0.0.1:${tcpPort}`, "--id", "kitchen-1");
  await run.until(/ kitchen-1 is connected to its gateway$/m);
  await gateway.stop();
  await run.until(/ kitchen-1 has lost its gateway; trying again$/m);
  await run.until(
    / kitchen-1 does not reach its gateway: connect ECONNREFUSED 127\.0\.0\.1:\d+; trying again$/m,
  );
  const data = join(cwd, "data");
  openKeys(data).draw("another");
  gateway = await startGateway([`data=${data}`, `tcp.port=${tcpPort}`]);
  await run.until(
    / kitchen-1 is not let in; trying again \(the gateway's log says why; mend: npx bowline key list\)$/m,
  );
  expect(await stopped(run)).toBe(0);
  expect(run.stdout.match(/ECONNREFUSED/g)).toHaveLength(1);
});

test("sim --key-file proves the key in the file", async () => {
  const data = join(cwd, "data");
  const key = openKeys(data).draw("kitchen-1").toString("base64");
  writeFileSync(join(cwd, "kitchen-1.txt"), `${key}\n`, { mode: 0o600 });
  gateway = await startGateway([`data=${data}`]);
  const tcp = `127.0.0.1:${gateway.tcpPort}`;
  const run = sim("--tcp", tcp, "--id", "kitchen-1", "--interval", "500ms", "--key-file", "kitchen-1.txt");
  await gateway.until("telemetry", () => (gateway?.messages.length ?? 0) >= 1);
  expect(gateway.messages[0].device).toBe("kitchen-1");
  expect(await stopped(run)).toBe(0);
});

test("sim --app runs a program of the user's own, and shows what it prints", async () => {
  const app = 'print("hello\\u001b[2J"); throw new Error("oops");';
  writeFileSync(join(cwd, "app.js"), app);
  const run = sim("--app", "app.js", "--tcp", "1");
  await run.until(/^sim-1> hello\\u001b\[2J$/m);
  await run.until(/^sim-1> .*oops/m);
  expect(await stopped(run)).toBe(0);
});

describe.runIf(hasPty)("sim --serial", () => {
  test("makes a link to a pseudo-terminal, says how to use it, and removes it", async () => {
    const run = sim("--serial", "boards/sim.tty", "--id", "s");
    const link = join(cwd, "boards/sim.tty");
    await run.until(/serial\.0\.path=.*$/m);
    expect(run.stdout.split("\n")).toEqual([
      `simulated board s on ${link}`,
      `  in bowline.yaml:  serial: [ { path: ${link} } ]`,
      `  or for a try:     npx bowline up --set serial.0.path=${link}`,
      "",
    ]);
    expect(readlinkSync(link)).toMatch(/^\/dev\/pts\/\d+$/);
    gateway = await startGateway([`serial.0.path=${link}`]);
    await gateway.until("telemetry", () => gateway?.messages[0]?.device === "s");
    await run.until(/ s is connected to its gateway$/m);
    expect(await stopped(run)).toBe(0);
    expect(existsSync(link)).toBe(false);
  });

  test("tells a cable's listener that goes again from a refusal: no key is asked for there", async () => {
    const run = sim("--serial", "looked-at.tty", "--id", "s");
    await run.until(/serial\.0\.path=.*$/m);
    const patience = { timeoutMs: PATIENCE_MS, signal: new AbortController().signal };
    const { hello } = await hearOnCable(join(cwd, "looked-at.tty"), 115_200, patience);
    expect(hello?.id).toBe("s");
    await run.until(
      / s is answered and not kept; trying again \(of a gateway the log says why; bowline flash only looks\)$/m,
    );
    expect(await stopped(run)).toBe(0);
    expect(run.stdout).not.toContain("key list");
  });

  test("has a path of its own when none is given", async () => {
    const run = sim();
    await run.until(new RegExp(`^simulated board sim-1 on ${cwd}/bowline-sim-1\\.tty$`, "m"));
    expect(await stopped(run)).toBe(0);
  });

  test("refuses the path of another board, and takes that of one which was killed", async () => {
    const first = sim("--serial", "sim.tty");
    await first.until(/^simulated board/m);
    const second = sim("--serial", "sim.tty");
    expect(await second.ended).toBe(5);
    expect(second.stderr).toContain("another simulated board has it");
    first.kill("SIGKILL");
    await first.ended;
    await until(() => !existsSync(join(cwd, "sim.tty")));
    expect(lstatSync(join(cwd, "sim.tty")).isSymbolicLink()).toBe(true);
    const third = sim("--serial", "sim.tty");
    await third.until(/^simulated board/m);
    expect(await stopped(third)).toBe(0);
  });

  test("never replaces what is no link of ours", async () => {
    writeFileSync(join(cwd, "file"), "mine");
    symlinkSync("file", join(cwd, "link"));
    for (const name of ["file", "link"]) {
      const run = sim("--serial", name);
      expect(await run.ended).toBe(5);
      expect(run.stderr).toContain("[PATH_TAKEN]");
    }
    expect(readlinkSync(join(cwd, "link"))).toBe("file");
  });
});

test("where there is no pseudo-terminal sim says what to do, and ends with 3", async () => {
  const run = program.start(["sim"], { cwd, env: { PATH: cwd } });
  expect(await run.ended).toBe(3);
  expect(run.stderr).toMatch(/use --tcp instead.*\[PTY_UNAVAILABLE\]\n {2}mend: /);
});

test.each([
  [["--app", "missing.js"], 3, "APP_NOT_FOUND"],
  [["--id", "a b"], 2, "USAGE"],
  [["--id", ""], 2, "USAGE"],
  [["--tcp", "nowhere"], 2, "USAGE"],
  [["--interval", "0"], 2, "USAGE"],
  [["--tcp", "1", "--serial", "x"], 2, "USAGE"],
])("sim %j ends with %i", async (args, code, name) => {
  const run = sim(...args);
  expect([await run.ended, run.stderr]).toEqual([code, expect.stringContaining(`[${name}]`)]);
});

test("sim without a built firmware says how to build it", async () => {
  const bare = await BuiltProgram.make();
  const run = bare.start(["sim"], { cwd });
  expect([await run.ended, run.stderr]).toEqual([3, expect.stringContaining("mend: npm run build")]);
  await bare.remove();
});

test.skipIf(!hasPty)(
  "sim --blank is a board at its prompt, which keeps what it is given in --storage",
  async () => {
    const ask = async (text: string, answer: RegExp): Promise<void> => {
      const run = sim("--blank", "--serial", "blank.tty", "--storage", "flash");
      await run.until(/^ {2}what --storage holds is on it: {2}npx bowline flash --port \S+blank\.tty$/m);
      const port = new SerialPort({ path: join(cwd, "blank.tty"), baudRate: 9600 });
      let heard = "";
      port.on("data", (chunk: Buffer) => {
        heard += chunk.toString("latin1");
      });
      port.write(text);
      await until(() => expect(heard).toMatch(answer));
      await new Promise((resolve) => port.close(resolve));
      expect(await stopped(run)).toBe(0);
    };
    await ask(`\x10require("Storage").write("a","kept");print("@"+process.env.BOARD)\n`, /@SIMULATOR\r\n>$/);
    await ask(`\x10print("@"+require("Storage").read("a"))\n`, /@kept\r\n>$/);
  },
);
