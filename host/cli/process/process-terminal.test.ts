import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { FakeGateway } from "../../http/testing/fake-gateway.ts";
import { control, ServerUnderTest } from "../../http/testing/server-under-test.ts";
import { BuiltProgram } from "../testing/built-program.ts";
import { ProcessTerminal } from "./process-terminal.ts";

let program: BuiltProgram;
let gateway: FakeGateway;
let server: ServerUnderTest;
let cwd: string;

beforeAll(async () => {
  program = await BuiltProgram.make();
});
afterAll(() => program.remove());

beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), "bowline-process-"));
  gateway = new FakeGateway();
  server = await new ServerUnderTest(gateway).start();
});
afterEach(async () => {
  await server.stop();
  rmSync(cwd, { recursive: true });
});

const start = (...args: string[]) =>
  program.start([...args, "--url", server.base], { cwd, env: { BOWLINE_TOKEN: control } });

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s ends a verb that goes on for ever with 130",
  async (signal) => {
    const tail = start("tail");
    await tail.until(/following/, "stderr");
    tail.kill(signal);
    expect(await tail.ended).toBe(130);
  },
);

test("SIGHUP has a gateway without a terminal read its configuration anew, and go on", async () => {
  const config = join(cwd, "bowline.yaml");
  const base = "data: memory\nhttp: { port: 0 }\ntcp: { port: 0 }\nmonique: { enabled: false }\n";
  writeFileSync(config, base);
  const up = program.start(["up"], { cwd, env: {} });
  await up.until(/^store /m, "stdout");
  writeFileSync(
    config,
    `${base}log: { level: warn }\npeers: { listen: { port: 0 }, connect: [ { id: "42" } ] }\n`,
  );
  up.kill("SIGHUP");
  await up.until(/"added":\["42"\].*"restart":\["log"\].*read anew/, "stderr");
  writeFileSync(config, "peers: { connect: [ { id: 42 } ] }\n");
  up.kill("SIGHUP");
  await up.until(/could not be read anew/, "stderr");
  up.kill("SIGTERM");
  expect(await up.ended).toBe(0);
});

test("SIGINT takes back a request that waits, and ends with 130", async () => {
  const cancelled = new Promise<void>((resolve) => {
    gateway.answer = (_address, _message, _timeoutMs, signal) => {
      send.kill("SIGINT");
      return new Promise((end) => {
        signal.addEventListener("abort", () => {
          resolve();
          end({ outcome: "cancelled" });
        });
      });
    };
  });
  const send = start("send", "sim-1", "l:info");
  expect(await send.ended).toBe(130);
  await cancelled;
  expect(send.stdout).toBe("");
  expect(send.stderr).toContain("withdrawn; if the board had it already");
});

test("a reader that has had enough is no fault: `bowline tail | head -1`", async () => {
  gateway.deliver({ v: 1 });
  const tail = start("tail", "--from", "1");
  await tail.until(/ v 1$/m);
  tail.child.stdout?.destroy();
  for (let v = 2; v < 10; v++) gateway.deliver({ v });
  expect(await tail.ended).toBe(0);
  expect(tail.stderr).not.toContain("EPIPE");
});

test("nor is one that has had enough of a long answer: `bowline history sim-1 --csv | head -1`", async () => {
  const name = { device: "sim-1", type: "l:x", field: "v" };
  const now = Date.now();
  for (let i = 0; i < 100_000; i++) gateway.history.add(name, now - 1_000_000 + i, i);
  const csv = start("history", "sim-1", "--csv");
  await csv.until(/^time,device/);
  csv.child.stdout?.destroy();
  expect([await csv.ended, csv.stderr]).toEqual([0, ""]);
});

test.skipIf(!existsSync("/dev/full"))(
  "what a full disk does not take was not told: the verb fails",
  async () => {
    gateway.change("sim-1");
    const full = openSync("/dev/full", "w");
    const env = { PATH: process.env.PATH, HOME: cwd, BOWLINE_TOKEN: control };
    const args = [program.path, "devices", "--json", "--url", server.base];
    const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", full, "pipe"] });
    closeSync(full);
    let said = "";
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect([code, said]).toEqual([
      1,
      expect.stringMatching(/writing what was asked for: ENOSPC.* \[OUTPUT_LOST\]/),
    ]);
  },
);

test("a long output arrives whole in a pipe that is read late", async () => {
  const hex = "0101".repeat(20_000);
  const child = spawn(process.execPath, [program.path, "decode", "--open", hex], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const chunks: Buffer[] = [];
  // Read only once the pipe is full.
  await new Promise<void>((resolve) => child.stdout.once("readable", resolve));
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  expect(await ended).toBe(0);
  const lines = Buffer.concat(chunks).toString("utf8").trimEnd().split("\n");
  expect([lines.length, lines[19_999]]).toEqual([20_000, expect.stringMatching(/^39998 {2}01 01 /)]);
});

test("progress is one line that is overwritten, cut to the terminal's width, and gone before anything else is said", () => {
  let shown = "";
  const stream = (isTTY: boolean) => ({ isTTY, columns: 10, write: (text: string) => (shown += text) });
  const terminalOn = (isTTY: boolean, env = {}) => {
    shown = "";
    const streams = { stdout: stream(isTTY), stderr: stream(isTTY), stdin: { isTTY: false } };
    return new ProcessTerminal({ ...streams, env, argv: [], cwd: () => "/" } as never);
  };
  const watched = terminalOn(true);
  watched.progress("1 of 1000");
  watched.progress("2 of 1000 and more");
  watched.warn("careful");
  watched.warn("again");
  const clear = "\r\x1b[2K";
  expect(shown).toBe(`${clear}1 of 1000${clear}2 of 1000${clear}careful\nagain\n`);
  const piped = terminalOn(false);
  piped.progress("1 of 1000");
  piped.warn("careful");
  expect(shown).toBe("careful\n");
  const wide = terminalOn(true);
  wide.progress("\u6e29".repeat(6));
  wide.progress("");
  wide.hideProgress();
  wide.progress("not any more");
  expect(shown).toBe(`${clear}${"\u6e29".repeat(4)}${clear}`);
  terminalOn(true, { TERM: "dumb" }).progress("it could not be erased");
  expect(shown).toBe("");
});
