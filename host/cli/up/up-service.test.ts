import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, fstatSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { silentLog } from "../../platform/log.ts";
import { until } from "../../platform/testing/until.ts";
import { BoardClient } from "../../testing/board-client.ts";
import { folderForEach } from "../../testing/folders.ts";
import { freePort } from "../../testing/free-port.ts";
import { stopAfterEach } from "../../testing/stops.ts";
import { tcpTransport } from "../../transports/tcp-transport.ts";
import { BuiltProgram, freePorts, ProgramRun, pageOf, tcpPortOf } from "../testing/built-program.ts";
import { UpService } from "./up-service.ts";

let program: BuiltProgram;
beforeAll(async () => {
  program = await BuiltProgram.make();
});
afterAll(() => program.remove());

const cwd = folderForEach("service");
const stops = stopAfterEach();
const { PATH = "" } = process.env;

/**
 * A systemd-notify that writes down what it was told, and "serves" behind it where a board could connect to `port` then;
 * `NOTIFY_SOCKET` need not lead anywhere.
 */
function fakeSystemd(port = 1): { env: Record<string, string>; told: () => string[][] } {
  const [bin, file] = [join(cwd(), "systemd-notify"), join(cwd(), "told")];
  writeFileSync(file, "");
  const look = `if (exec 3<>/dev/tcp/127.0.0.1/${port}) 2>/dev/null; then set -- "$@" serves; fi`;
  writeFileSync(bin, `#!/bin/bash\n${look}\nprintf '%s\\037' "$@" $'\\n' >> '${file}'\n`);
  chmodSync(bin, 0o755);
  return {
    env: { PATH: `${cwd()}:${PATH}`, NOTIFY_SOCKET: join(cwd(), "notify") },
    told: () =>
      readFileSync(file, "utf8")
        .split("\n")
        .map((line) => line.split("\x1f").filter((word) => word !== ""))
        .filter((words) => words.length > 0),
  };
}
const up = (env: Record<string, string>, ...args: string[]) =>
  program.start(["up", "--quiet", ...freePorts, ...args], { cwd: cwd(), env });

async function boardOn(port: number): Promise<BoardClient> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  const board = new BoardClient({ id: "kitchen-1", hasLink: false });
  board.attach(tcpTransport(socket));
  return board;
}

async function stopped(run: ProgramRun): Promise<void> {
  run.kill("SIGTERM");
  expect(await run.ended).toBe(0);
}

describe("systemd", () => {
  test("is told when the gateway serves, though no port is there, that it lives, and that it stops", async () => {
    const port = await freePort();
    const { env, told } = fakeSystemd(port);
    const settings = ["serial.0.path=/dev/bowline-none", `tcp.port=${port}`].flatMap((one) => ["--set", one]);
    const run = up({ ...env, WATCHDOG_USEC: "100000" }, ...settings);
    const status = "--status=0 of 0 boards connected; nothing is wrong";
    await until(() => expect(told().length).toBeGreaterThan(3));
    expect(told()[0]).toEqual([`--pid=${run.pid}`, "--ready", status, "serves"]);
    expect(told()[1].slice(0, 2)).toEqual([`--pid=${run.pid}`, "WATCHDOG=1"]);
    const board = await boardOn(await tcpPortOf(run));
    await until(() => expect(told().at(-1)?.[2]).toMatch(/^--status=1 of 1 boards connected; /));
    await stopped(run);
    const last = [`--pid=${run.pid}`, "STOPPING=1", "--status=stops: hands on what it can"];
    await until(() => expect(told().map((words) => words.slice(0, 3))).toContainEqual(last));
    expect(run.stderr).not.toContain("systemd was not told");
    board.detach();
  });

  test("gives a start that takes long more time, as often as it says how far it has come", async () => {
    const { env, told } = fakeSystemd();
    const service = new UpService(env);
    service.starting("documents get a mark: 500 documents", silentLog);
    service.starting("documents get a mark: 1000 documents", silentLog);
    const words = [500, 1000].map((count) => [
      ...[`--pid=${process.pid}`, "EXTEND_TIMEOUT_USEC=120000000"],
      `--status=documents get a mark: ${count} documents`,
    ]);
    await until(() => expect(told()).toEqual(words));
  });

  test("hears no beat of a gateway that does not turn any more", async () => {
    const { env, told } = fakeSystemd();
    const run = up({ ...env, WATCHDOG_USEC: "100000" });
    const beats = () => told().filter(([, word]) => word === "WATCHDOG=1").length;
    await until(() => expect(beats()).toBeGreaterThan(2));
    run.kill("SIGSTOP");
    let before = -1;
    // What had left before goes on being written.
    await until(() => {
      const now = beats();
      const isStill = now === before;
      before = now;
      return isStill;
    });
    run.kill("SIGCONT");
    await until(() => expect(beats()).toBeGreaterThan(before));
    await stopped(run);
  });

  test("is told nothing where it does not ask, and beaten for no other process", async () => {
    const { env, told } = fakeSystemd();
    const { NOTIFY_SOCKET, ...without } = env;
    const silent = up(without);
    await tcpPortOf(silent);
    await stopped(silent);
    expect(told()).toEqual([]);

    const other = up({ ...env, WATCHDOG_USEC: "20000", WATCHDOG_PID: "1" });
    await until(() => expect(told().length).toBeGreaterThan(1));
    await stopped(other);
    expect(told().map(([, word]) => word)).not.toContain("WATCHDOG=1");
  });

  test("that cannot be told is one line, and the gateway serves", async () => {
    const run = up({ PATH: cwd(), NOTIFY_SOCKET: "/nowhere", WATCHDOG_USEC: "20000" });
    await run.until(/"msg":"systemd was not told"/, "stderr");
    await until(async () => (await fetch(new URL("/healthz", await pageOf(run)))).ok);
    await stopped(run);
    expect(run.stderr.match(/systemd was not told/g)).toHaveLength(1);
    expect(run.stderr).toContain('"mend":"sudo apt-get install systemd"');
  });

  const isReal = ["systemd-notify", "python3"].every((name) => spawnSync(name, ["--version"]).status === 0);
  test.skipIf(!isReal)("hears it by its own socket (needs systemd-notify and python3)", async () => {
    const socket = join(cwd(), "notify");
    const listener = spawn("python3", ["-u", "-c", LISTENER, socket], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    stops.push(() => listener.kill());
    const heard = new ProgramRun(listener);
    await heard.until(/^listening$/m);
    const run = up({ PATH, NOTIFY_SOCKET: socket, WATCHDOG_USEC: "100000" });
    await heard.until(/READY=1/);
    await heard.until(/WATCHDOG=1/);
    await stopped(run);
    await heard.until(/STOPPING=1/);
    expect(heard.stdout.indexOf("READY=1")).toBeLessThan(heard.stdout.indexOf("WATCHDOG=1"));
  });
});

/** Prints what comes; the descriptor that systemd-notify waits for is closed by not being taken. */
const LISTENER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("listening")
while True: print(s.recv(4096).decode())
`;

describe("the journal", () => {
  function upInto(path: string, journal: boolean, ...args: string[]): ProgramRun {
    const file = openSync(path, "a");
    const { dev, ino } = fstatSync(file);
    const env = { PATH, HOME: cwd(), ...(journal && { JOURNAL_STREAM: `${dev}:${ino}` }) };
    const child = spawn(process.execPath, [program.path, "up", "--quiet", ...freePorts, ...args], {
      ...{ cwd: cwd(), env },
      stdio: ["ignore", file, file],
    });
    stops.push(() => child.kill("SIGKILL"));
    return new ProgramRun(child);
  }

  test("gets every line once, with a priority, without a time, a colour or a token", async () => {
    const path = join(cwd(), "journal");
    const run = upInto(path, true, "--set", "serial.0.path=/dev/bowline-none");
    const text = () => readFileSync(path, "utf8");
    const tcp = await until(() => expect(text()).toMatch(/^<6>boards tcp/m)).then(() =>
      /^<6>boards tcp 127\.0\.0\.1:(\d+)$/m.exec(text()),
    );
    const board = await boardOn(Number(tcp?.[1]));
    await until(() => expect(text()).toMatch(/^<6>connected device=kitchen-1 event=up via="tcp [^"]*"$/m));
    await until(() => expect(text()).toMatch(/^<4>.* path=\/dev\/bowline-none/m));
    await stopped(run);
    board.detach();
    const lines = text().trimEnd().split("\n");
    expect(lines.filter((line) => !/^<[3467]>\P{C}+$/u.test(line))).toEqual([]);
    expect(lines.filter((line) => /^<6>connected device/.test(line))).toHaveLength(1);
    expect(text()).toMatch(/^<6>page http:\/\/127\.0\.0\.1:\d+\/$/m);
    expect(text()).not.toContain("token");
    expect(text()).not.toMatch(/\d\d:\d\d:\d\d/);
  });

  test("is meant by log.format, whatever stderr is; another file has none of it", async () => {
    const path = join(cwd(), "log");
    const plain = upInto(path, false);
    await until(() => expect(readFileSync(path, "utf8")).toMatch(/^boards tcp/m));
    await stopped(plain);
    expect(readFileSync(path, "utf8")).not.toMatch(/^<\d>/m);
    const run = up({}, "--set", "log.format=journald");
    await run.until(/^<6>boards tcp /m, "stderr");
    await stopped(run);
    expect(run.stdout).toBe("");
  });

  test("is told why a gateway does not start, as an error", async () => {
    const path = join(cwd(), "journal");
    const run = upInto(path, true, "--set", "tcp.host=0.0.0.0", "--set", "http.port=99999");
    expect(await run.ended).toBe(2);
    expect(readFileSync(path, "utf8")).toMatch(/^<3>bowline: .*\n/);
  });
});

describe("kill", () => {
  test("is a clean stop, also with clients, boards and a receiver that hang", async () => {
    const asked: Socket[] = [];
    const receiver = createServer(() => {}).on("connection", (socket) => asked.push(socket));
    receiver.listen(0, "127.0.0.1");
    await once(receiver, "listening");
    stops.push(() => {
      for (const socket of asked) socket.destroy();
      receiver.close();
    });
    const { port } = receiver.address() as AddressInfo;
    const webhook = ["webhooks.0.name=slow", `webhooks.0.url=http://127.0.0.1:${port}/`];
    const run = up({}, ...webhook.flatMap((one) => ["--set", one]));
    const tcp = await tcpPortOf(run);
    const page = new URL(await pageOf(run));
    const open = async (to: number, text: string) => {
      const socket = connect(to, "127.0.0.1").on("error", () => {});
      await once(socket, "connect");
      socket.write(text);
      socket.pause();
      stops.push(() => socket.destroy());
      return socket;
    };
    await open(tcp, "");
    await open(tcp, "\x01");
    await open(Number(page.port), "GET / HT");
    await open(Number(page.port), `GET /api/v1/events${page.search} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    const board = await boardOn(tcp);
    board.send('{"ot":"l:temp","v":1}');
    await until(() => expect(board.acknowledged).toBe(1));
    await until(() => expect(asked).not.toHaveLength(0));
    await stopped(run);
    expect(run.stderr).not.toContain("STOP_TIMEOUT");
    board.detach();
  });
});
