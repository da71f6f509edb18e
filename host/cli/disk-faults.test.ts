/** The gateway on a disk that is full, takes no more, or is read-only: it says so, stays readable, recovers by itself. */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Code } from "../../shared/session/codes.ts";
import type { MessagePage } from "../http/api.ts";
import { until } from "../platform/testing/until.ts";
import type { QueueView } from "../router/queue-view.ts";
import { BoardClient } from "../testing/board-client.ts";
import { tcpTransport } from "../transports/tcp-transport.ts";
import { BuiltProgram, freePorts, ProgramRun, pageOf, tcpPortOf } from "./testing/built-program.ts";

const has = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
const canLimit = has("prlimit", "--version");
const canMount = has("unshare", "-rm", "sh", "-c", "mount -t tmpfs none /mnt") && has("nsenter", "--version");

let program: BuiltProgram;
let cwd: string;
let data: string;
const boards: Board[] = [];
const runs: ProgramRun[] = [];
beforeAll(async () => {
  program = await BuiltProgram.make();
});
afterAll(() => program.remove());
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "bowline-disk-test-"));
  data = join(cwd, "data");
  mkdirSync(data);
});
afterEach(async () => {
  for (const board of boards.splice(0)) board.stop();
  for (const run of runs.splice(0)) {
    run.kill("SIGKILL");
    await run.ended;
  }
  rmSync(cwd, { recursive: true, force: true });
});

/** A board that connects again, as boards do. */
class Board {
  sent = 0;
  readonly client = new BoardClient({ id: "b", hasLink: false });
  private isOver = false;

  constructor(private readonly port: number) {
    boards.push(this);
    this.dial();
  }

  send(count: number, text = ""): void {
    for (let i = 0; i < count; i++) this.client.send(JSON.stringify({ i: ++this.sent, text }));
  }

  stop(): void {
    this.isOver = true;
    this.client.detach();
  }

  private dial(): void {
    if (this.isOver) return;
    const socket = connect(this.port, "127.0.0.1");
    socket.once("connect", () => this.client.attach(tcpTransport(socket)));
    socket.on("error", () => {}); // and is closed then
    socket.once("close", () => setTimeout(() => this.dial(), 50));
  }
}

class Running {
  private constructor(
    readonly run: ProgramRun,
    private readonly page: URL,
    readonly board: Board,
  ) {}

  static async start(command: string, args: string[]): Promise<Running> {
    const child = spawn(command, args, {
      cwd,
      env: { PATH: process.env.PATH, HOME: cwd, TMPDIR: cwd },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const run = new ProgramRun(child);
    runs.push(run);
    const page = new URL(await pageOf(run));
    return new Running(run, page, new Board(await tcpPortOf(run)));
  }

  async api(path: string, body?: object): Promise<unknown> {
    const url = new URL(`/api/v1/${path}`, this.page);
    const response = await fetch(url, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        authorization: `Bearer ${this.page.searchParams.get("token")}`,
        "content-type": "application/json",
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return response.json();
  }

  async until(what: string, isTrue: () => Promise<boolean> | boolean): Promise<void> {
    await until(async () => expect(await isTrue(), `${what}; ${this.run.stderr.slice(-500)}`).toBe(true));
  }

  isAcknowledged = () => this.board.client.acknowledged === this.board.sent;
  fault = async () => ((await this.api("queue")) as QueueView).store.fault;
  numbers = async () =>
    ((await this.api("messages?from=1&limit=1000")) as MessagePage).messages.map(({ message }) => message.i);

  /** `spoil` makes the disk refuse, `mend` takes that back. */
  async story(spoil: () => void, mend: () => void, words: RegExp, code: string): Promise<void> {
    const { board, run } = this;
    board.send(10);
    await this.until("the first messages", this.isAcknowledged);
    const before = await this.numbers();
    expect(before).toHaveLength(10);
    spoil();
    board.send(5, "x".repeat(8000));
    await this.until("the fault", async () => (await this.fault()) !== "");
    expect(await this.fault()).toMatch(words);
    await this.until("a refused hello", () => board.client.ends.length > 1);
    expect(new Set(board.client.ends)).toEqual(new Set([Code.SESSION_UNKNOWN]));
    expect(await this.api("devices/b/requests?timeout=5", { ot: "l:info" })).toMatchObject({
      error: { code },
    });
    expect(await this.numbers()).toEqual(before);
    expect(run.stderr).toMatch(/the store takes nothing/);
    expect(run.stderr).toMatch(/"code":"STORE_FAILED".*hello refused/);
    mend();
    await this.until("taking again", this.isAcknowledged);
    expect(await this.fault()).toBe("");
    const all = Array.from({ length: 15 }, (_, i) => i + 1);
    expect(await this.numbers()).toEqual(all);
    run.kill("SIGTERM");
    expect(await run.ended).toBe(0);
  }
}

const up = () => [program.path, "up", "--quiet", "--set", `data=${data}`, ...freePorts];

describe("a disk", () => {
  test.skipIf(!canLimit)(
    "on which files grow no further (skipped without prlimit: apt-get install util-linux)",
    async () => {
      const gateway = await Running.start(process.execPath, up());
      const limit = (bytes: string) =>
        spawnSync("prlimit", [`--pid=${gateway.run.pid}`, `--fsize=${bytes}:`]).status;
      await gateway.story(
        () => expect(limit("4096")).toBe(0),
        () => expect(limit("unlimited")).toBe(0),
        /File too large|EFBIG/,
        "STORE_NO_SPACE",
      );
    },
  );

  const mounted = () =>
    Running.start("unshare", [
      ...["-rm", "sh", "-c", `mount -t tmpfs -o size=20m none "$0" && exec "$@"`, data],
      ...[process.execPath, ...up()],
    ]);

  test.skipIf(!canMount)("that is full (skipped where unshare may not mount a tmpfs)", async () => {
    const gateway = await mounted();
    const filler = join("/proc", String(gateway.run.pid), "root", data, "filler");
    const fill = () => {
      for (let size = 20 << 20; size >= 4096; size >>= 1)
        try {
          writeFileSync(filler, Buffer.alloc(size), { flag: "a" });
        } catch (error) {
          expect((error as NodeJS.ErrnoException).code).toBe("ENOSPC");
        }
    };
    await gateway.story(fill, () => rmSync(filler), /No space left|ENOSPC/, "STORE_NO_SPACE");
  });

  test.skipIf(!canMount)(
    "that is read-only stops the start, and is left as it is (skipped where unshare may not mount)",
    async () => {
      const first = await Running.start(process.execPath, up());
      first.board.send(1);
      await first.until("the first message", first.isAcknowledged);
      first.run.kill("SIGTERM");
      await first.run.ended;
      const mount = `mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"`;
      const args = ["-rm", "sh", "-c", mount, data, process.execPath, ...up()];
      const { status, stderr } = spawnSync("unshare", args, { cwd, encoding: "utf8" });
      expect(stderr).toMatch(
        /Read-only file system|EROFS.*\[STORE_READ_ONLY\]\n {2}mend: mount -o remount,rw/,
      );
      expect(status).toBe(4);
      const again = await Running.start(process.execPath, up());
      expect(await again.numbers()).toEqual([1]);
    },
  );
});
