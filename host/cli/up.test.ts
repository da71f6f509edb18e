import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { BoardClient } from "../testing/board-client.ts";
import { freePort } from "../testing/free-port.ts";
import { tcpTransport } from "../transports/tcp-transport.ts";
import type { Transport } from "../transports/transport.ts";
import { BuiltProgram, freePorts, pageOf, tcpPortOf } from "./testing/built-program.ts";
import { FakeTerminal } from "./testing/fake-terminal.ts";
import { runVerb, splitToken } from "./testing/run-verb.ts";

let program: BuiltProgram;
let cwd: string;

beforeAll(async () => {
  program = await BuiltProgram.make();
});
afterAll(() => program.remove());

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "bowline-up-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const up = (...args: string[]) => program.start(["up", ...freePorts, ...args], { cwd });

async function dial(port: number): Promise<Transport> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  return tcpTransport(socket);
}

async function boardOn(port: number): Promise<BoardClient> {
  const board = new BoardClient({ id: "kitchen-1", hasLink: false });
  board.attach(await dial(port));
  return board;
}

describe("a gateway", () => {
  test("says who it is and where, shows what boards send, and stops in order", async () => {
    const run = up();
    const port = await tcpPortOf(run);
    const { env, option } = splitToken(await pageOf(run));
    await run.until(/^store {2}\/\S*\/data, 0 messages$/m);
    expect(run.stdout).toMatch(/^bowline 0\.1\.0: gateway pi-kitchen\npage {3}http:/);

    const board = await boardOn(port);
    board.send('{"ot":"l:telemetry","temp":22.4,"free":1830,"uptime":10}');
    await run.until(/^\d\d:\d\d:\d\d kitchen-1 connected via tcp 127/m);
    await run.until(
      /^\d\d:\d\d:\d\d kitchen-1 {2}l:telemetry {2}temp 22\.4 °C {2}free 1830 {2}up 00:00:10$/m,
    );

    const devices = program.start(["devices", "--json", ...option], { cwd, env });
    expect(await devices.ended).toBe(0);
    expect(JSON.parse(devices.stdout)).toMatchObject({ id: "kitchen-1", connected: true, delivered: 1 });

    run.kill("SIGINT");
    expect(await run.ended).toBe(0);
    expect(run.stdout).not.toContain("disconnected");
    board.detach();
  });

  test("logs JSON lines to a stderr that is no terminal, from its level on", async () => {
    for (const [level, lines] of [
      ["info", /"device":"kitchen-1","event":"up","via":"tcp [^"]*","msg":"connected"/],
      ["error", /^$/],
    ] as const) {
      const run = up("--set", `log.level=${level}`, "--quiet");
      const board = await boardOn(await tcpPortOf(run));
      await run.until(/ kitchen-1 connected via tcp/);
      run.kill("SIGTERM");
      expect(await run.ended).toBe(0);
      expect(run.stderr).toMatch(lines);
      board.detach();
    }
  });

  test("--quiet prints no values", async () => {
    const run = up("--quiet");
    const board = await boardOn(await tcpPortOf(run));
    board.send('{"ot":"l:temp","v":1}');
    await run.until(/ kitchen-1 connected via tcp/);
    await until(() => expect(board.acknowledged).toBe(1));
    run.kill("SIGINT");
    await run.ended;
    expect(run.stdout).not.toContain("l:temp");
    board.detach();
  });

  test("a port that is waited for is one line with what to do", async () => {
    const run = up("--set", "serial.0.path=/dev/bowline-none");
    await run.until(/^boards serial \/dev\/bowline-none$/m);
    await run.until(/serial \/dev\/bowline-none: waiting for it: .* \(mend: npx bowline ports\)$/m);
    run.kill("SIGINT");
    expect(await run.ended).toBe(0);
  });

  test("says whom it hands messages on to, without what is secret in the address", async () => {
    const run = up(
      ...["--set", "mqtt.url=mqtt://127.0.0.1:9", "--set", "webhooks.0.name=home"],
      ...["--set", "webhooks.0.url=http://joe:secret@127.0.0.1:9/hook/secret?token=secret"],
    );
    await run.until(/^to {5}webhooks\.home, http:\/\/127\.0\.0\.1:9\/hook\/…$/m);
    await run.until(/^to {5}mqtt, mqtt:\/\/127\.0\.0\.1:9 bowline\/.+$/m);
    run.kill("SIGINT");
    expect(await run.ended).toBe(0);
    expect(run.stdout + run.stderr).not.toContain("secret");
  });

  test("whose streams go to one file says everything there once, in words", async () => {
    const path = join(cwd, "log");
    const file = openSync(path, "a");
    const args = [program.path, "up", ...freePorts];
    const child = spawn(process.execPath, args, { cwd, stdio: ["ignore", file, file] });
    closeSync(file);
    const written = async (pattern: RegExp) => {
      await until(() => expect(readFileSync(path, "utf8")).toMatch(pattern));
      return pattern.exec(readFileSync(path, "utf8"))![1];
    };
    const ended = once(child, "exit");
    try {
      const board = await boardOn(Number(await written(/^boards tcp 127\.0\.0\.1:(\d+)$/m)));
      await written(/^\d\d:\d\d:\d\d kitchen-1 (connected) via tcp/m);
      board.detach();
      await written(/^\d\d:\d\d:\d\d kitchen-1 (disconnected)/m);
    } finally {
      child.kill("SIGKILL");
      await ended;
    }
    expect(readFileSync(path, "utf8")).not.toContain("{");
  });

  test("ends well when nobody reads its values any more", async () => {
    const run = up();
    const port = await tcpPortOf(run);
    run.child.stdout?.destroy();
    const board = await boardOn(port);
    expect(await run.ended).toBe(0);
    expect(run.stderr).not.toContain("EPIPE");
    board.detach();
  });
});

describe("tail across a restart", () => {
  test.each([
    ["shows every message once, and waits while there is no gateway", [], /connected to pi-kitchen again/],
    ["begins anew with a gateway that keeps all in memory", ["--set", "data=memory"], /was restarted/],
  ])("%s", async (_, options, isBack) => {
    const token = { BOWLINE_TOKEN: "control-token-0123456789" };
    const [http, tcp] = [await freePort(), await freePort()];
    const own = ["gateway.id=pi-kitchen", "monique.enabled=false"];
    const fixed = [`http.port=${http}`, `tcp.port=${tcp}`, ...own].flatMap((one) => ["--set", one]);
    const first = program.start(["up", ...fixed, ...options], { cwd, env: token });
    await tcpPortOf(first);
    const tail = program.start(["tail", "--json", "--set", `http.port=${http}`], { cwd, env: token });
    await tail.until(/following pi-kitchen/, "stderr");

    const board = await boardOn(tcp);
    board.send('{"ot":"l:n","v":1}');
    await tail.until(/"v":1/);
    first.kill("SIGKILL");
    await first.ended;
    await tail.until(/trying again until it is back/, "stderr");

    const second = program.start(["up", ...fixed, ...options], { cwd, env: token });
    await tcpPortOf(second);
    board.detach();
    const again = await boardOn(tcp);
    again.send('{"ot":"l:n","v":2}');
    await tail.until(isBack, "stderr");
    await tail.until(/"v":2/);
    tail.kill("SIGINT");
    expect(await tail.ended).toBe(130);
    const messages = tail.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(messages.map(({ message }) => message.v)).toEqual([1, 2]);
    again.detach();
  });
});

describe("a gateway killed with -9", () => {
  const token = { BOWLINE_TOKEN: "control-token-0123456789" };

  /** A gateway, and how to start it again in the same place. */
  async function begin() {
    const [http, tcp] = [await freePort(), await freePort()];
    const fixed = [`http.port=${http}`, `tcp.port=${tcp}`, "monique.enabled=false"].flatMap((one) => [
      "--set",
      one,
    ]);
    const run = program.start(["up", ...fixed], { cwd, env: token });
    await tcpPortOf(run);
    const again = async () => {
      run.kill("SIGKILL");
      await run.ended;
      const next = program.start(["up", ...fixed], { cwd, env: token });
      await tcpPortOf(next);
    };
    return { tcp, http: ["--set", `http.port=${http}`], again };
  }

  const untilTrue = (what: string, isTrue: () => boolean) => until(() => expect(isTrue(), what).toBe(true));

  test("its timeline goes on, and says that it was killed", async () => {
    const { tcp, http, again } = await begin();
    const board = await boardOn(tcp);
    for (const v of [1, 2]) {
      board.send(`{"ot":"l:n","v":${v}}`);
      await untilTrue("acknowledged", () => board.acknowledged === v);
    }
    await again();
    board.attach(await dial(tcp));
    await untilTrue("the lost session", () => board.ends.length === 1);
    board.attach(await dial(tcp));
    const told = async () => {
      const terminal = Object.assign(new FakeTerminal(), { env: token, cwd });
      const { out } = await runVerb(["timeline", "--json", ...http], terminal);
      return out.map((line) => JSON.parse(line)).map((one) => `${one.kind} ${one.subject.kind}: ${one.text}`);
    };
    await until(async () => expect(await told()).toHaveLength(5));
    expect(await told()).toEqual([
      "up bowline: started",
      "up board: connected",
      "down bowline: ended without being stopped: killed, or its power was cut",
      "up bowline: started",
      "up board: connected",
    ]);
    board.detach();
  });

  test("a request that had left runs once, and its reply comes to who asked", async () => {
    const { tcp, http, again } = await begin();
    const board = await boardOn(tcp);
    await untilTrue("hello", () => board.epoch !== "");
    const send = program.start(["send", "kitchen-1", "l:led", "--timeout", "5m", ...http], {
      cwd,
      env: token,
    });
    await untilTrue("the request", () => board.packets.length === 1);
    await again();
    board.attach(await dial(tcp));
    await untilTrue("the lost session", () => board.ends.length === 1);
    board.attach(await dial(tcp));
    const { rq } = JSON.parse(board.packets[0]);
    board.send(JSON.stringify({ re: rq, on: true }));
    expect(await send.ended).toBe(0);
    expect(JSON.parse(send.stdout)).toEqual({ re: rq, on: true });
    expect(board.packets).toHaveLength(1);
    board.detach();
  });

  test("a request for a board that was away is sent once it comes", async () => {
    const { tcp, http, again } = await begin();
    const board = await boardOn(tcp);
    await untilTrue("hello", () => board.epoch !== "");
    board.detach();
    const send = program.start(["send", "kitchen-1", "l:led", "--timeout", "5m", ...http], {
      cwd,
      env: token,
    });
    const queue = () => program.start(["queue", "--json", ...http], { cwd, env: token });
    const isWaiting = async () => {
      const run = queue();
      await run.ended;
      return /"device":"kitchen-1"/.test(run.stdout);
    };
    while (!(await isWaiting()));
    await again();
    board.attach(await dial(tcp));
    await untilTrue("the lost session", () => board.ends.length === 1);
    board.attach(await dial(tcp));
    await untilTrue("the request", () => board.packets.length === 1);
    board.send(JSON.stringify({ re: JSON.parse(board.packets[0]).rq, on: true }));
    expect(await send.ended).toBe(0);
    board.detach();
  });

  test("what was acknowledged is there, and what was not comes again", async () => {
    const { tcp, http, again } = await begin();
    const board = await boardOn(tcp);
    for (let i = 0; i < 500; i++) board.send(JSON.stringify({ ot: "l:n", i }));
    await untilTrue("some acknowledged", () => board.acknowledged > 50);
    await again();
    board.attach(await dial(tcp));
    await untilTrue("the lost session", () => board.ends.length === 1);
    board.attach(await dial(tcp));
    await untilTrue("all acknowledged", () => board.unacknowledged === 0);
    const tail = program.start(["tail", "--json", "--from", "0", ...http], { cwd, env: token });
    await tail.until(/"i":499/);
    tail.kill("SIGINT");
    await tail.ended;
    const lines = tail.stdout.trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).message.i)).toEqual(Array.from({ length: 500 }, (_, i) => i));
    board.detach();
  });
});
