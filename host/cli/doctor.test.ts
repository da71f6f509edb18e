/** The verb on this very machine, whatever that is like: what it says must agree with itself. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Finding } from "../doctor/finding.ts";
import { folderForEach } from "../testing/folders.ts";
import { isPtyAvailable } from "../transports/pty.ts";
import { BuiltProgram } from "./testing/built-program.ts";
import { FakeTerminal } from "./testing/fake-terminal.ts";
import { runVerb } from "./testing/run-verb.ts";

const folder = folderForEach("doctor");
const free = ["http.port=0", "tcp.port=0", "monique.enabled=false"].flatMap((one) => ["--set", one]);

async function doctor(args: string[], fill: (terminal: FakeTerminal) => void = () => {}) {
  const terminal = new FakeTerminal();
  terminal.cwd = folder();
  fill(terminal);
  return runVerb(["doctor", ...free, ...args], terminal);
}

test("--json is one finding a line, and the exit code says whether one is a fault", async () => {
  const { code, out, err } = await doctor(["--json"]);
  const findings = out.map((line) => JSON.parse(line) as Finding);
  expect(findings.map(({ name }) => name)).toEqual(expect.arrayContaining(["node", "serialport", "data"]));
  for (const finding of findings) {
    expect(Object.keys(finding)).toEqual(["name", "level", "seen", "mend"]);
    if (finding.level === "ok") expect(finding.mend).toBe("");
    else expect(finding.mend, finding.seen).not.toBe("");
  }
  const faults = findings.filter(({ level }) => level === "FAIL").length;
  expect(code).toBe(faults === 0 ? 0 : 1);
  expect(err.length).toBe(faults === 0 ? 0 : 1);
});

test("a configured port that is not there is a fault, told with what to do, and counted in the end", async () => {
  const args = ["--set", "serial.0.path=/dev/serial/by-id/usb-none"];
  const { code, out, err } = await doctor(args);
  expect(code).toBe(1);
  const at = out.indexOf(
    " FAIL  configured port /dev/serial/by-id/usb-none is not there; the gateway waits for it",
  );
  expect(out[at + 1]).toBe("       -> npx bowline ports");
  expect(err[0]).toMatch(/^bowline: checking this machine: \d+ of \d+ findings .* \[MACHINE_FAULTS\]$/);
});

test("a configuration that cannot be read is a fault among others", async () => {
  writeFileSync(join(folder(), "bowline.yaml"), "serail: []\n");
  const { code, out } = await doctor(["--json"]);
  const findings = out.map((line) => JSON.parse(line) as Finding);
  expect(code).toBe(1);
  expect(findings.find(({ name }) => name === "config")).toMatchObject({
    level: "FAIL",
    seen: expect.stringContaining("bowline.yaml:1:1"),
  });
  expect(findings.find(({ name }) => name === "node")?.level).toBe("ok");
});

test("colours are for a terminal that wants them", async () => {
  const isColoured = (lines: string[]) => lines.join("").includes("\x1b[");
  const coloured = (terminal: FakeTerminal) => {
    terminal.isColoured = true;
  };
  expect(isColoured((await doctor([], coloured)).out)).toBe(true);
  expect(isColoured((await doctor([])).out)).toBe(false);
});

describe("the built program", () => {
  let program: BuiltProgram;
  beforeAll(async () => {
    program = await BuiltProgram.make();
  });
  afterAll(() => program.remove());

  test("as a user runs it: lines for people on stdout, and nothing is made", async () => {
    const cwd = join(folder(), "home");
    mkdirSync(cwd);
    const run = program.start(["doctor", ...free], { cwd });
    const code = await run.ended;
    expect(run.stdout).toMatch(/^ ok {4}node \d+\.\d+\.\d+$/m);
    expect(run.stdout).toMatch(/^ ok {4}serialport \(native\)$/m);
    expect(run.stdout).toMatch(/^ ports/m);
    expect(code).toBe(/^ FAIL {2}/m.test(run.stdout) ? 1 : 0);
  });

  test.skipIf(!isPtyAvailable())("at a real terminal it has colours, and what is well shares lines", () => {
    const command = `stty cols 100; '${process.execPath}' '${program.path}' doctor ${free.join(" ")}`;
    const { PATH = "" } = process.env;
    const env = { PATH, HOME: folder(), TERM: "xterm" };
    const { stdout } = spawnSync("script", ["-qec", command, "/dev/null"], {
      cwd: folder(),
      env,
      encoding: "utf8",
    });
    const [first] = stdout.split("\r\n");
    expect(first).toMatch(/^ \S*ok +\S+ +node \d+\.\d+\.\d+ +\S*ok +\S+ +\w/);
    expect(first).toContain("\x1b[32mok");
  });

  test("away from its packages it says which are missing and how to get them, and the rest works", () => {
    const alone = join(folder(), "bowline.mjs");
    copyFileSync(program.path, alone);
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [alone, ...args], { cwd: folder(), encoding: "utf8" });
    const { stdout, stderr, status } = run("doctor", ...free);
    expect(stderr).toMatch(/^bowline: checking this machine: .* \[MACHINE_FAULTS\]$/m);
    expect(stdout).toMatch(/^ FAIL {2}serialport does not load: [^\n]*\n {7}-> npm install serialport@\d/m);
    expect(stdout).toMatch(
      /^ FAIL {2}classic-level does not load: [^\n]*\n {7}-> npm install classic-level@\d/m,
    );
    expect(status).toBe(1);
    expect(run("decode", "01", "00").status).toBe(0);
    // A start with a store on disk says the same.
    const up = run("up", ...free, "--set", `data=${join(folder(), "data")}`);
    expect(up.stderr).toMatch(/^bowline: load classic-level: .* \[STORE_UNAVAILABLE\]$/m);
  });
});
