/**
 * Strangers that connect a thousand times a second (users F5): they say nothing, something, or nonsense, and stay or go.
 * A board that stands goes on all the while, the gateway's memory keeps within bounds, and soon after it is as before.
 * From loopback, whose strangers are not counted by address: only the number of those who may stand at once protects.
 */
import { readdirSync, readlinkSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { GatewayChild } from "../host/cli/chaos/gateway-child.ts";
import { seededRandom } from "../host/transports/random.ts";
import { LoadBoard } from "./gateway/load-board.ts";
import { countMessages } from "./gateway/read-messages.ts";
import { hold, type Proof } from "./proof.ts";
import { usageOf } from "./soak/usage.ts";

const PER_SECOND = 1000;
/** users F5 */
const MOST_GROWTH = 50 * 1024 * 1024;
/** Sockets of the gateway: the thousand strangers that may stand, and a full backlog of those that are being closed. */
const MOST_SOCKETS = 1700;
/** Of the strangers, those that go at once by themselves. */
const SHORT_VISITS = 0.1;
/** users F5 */
const RECOVERY_MS = 5000;
/** Timers at the gateway and here come late by so much at most, on a machine that is busy. */
const SLACK_MS = 5000;
const BOARD = { id: "board-0", bytes: 60, perSecond: 100 };
const TURN_MS = 10;
const LOOK_MS = 50;
/** MB: a heap as on a small Pi. With more room V8 lets closed sockets lie for longer, and what is held would not show. */
const HEAP = "--max-old-space-size=48 --max-semi-space-size=4";
/** Beside this program. */
const PROGRAM = fileURLToPath(new URL("bowline.mjs", import.meta.url));

/** What a stranger says: nothing, the beginning of a handshake, one and no hello, an id that nobody has, nonsense. */
const words: readonly Uint8Array[] = ["", "01", "0100", `0110${"a5".repeat(16)}`, "ff".repeat(40)].map(
  (hex) => Uint8Array.from(Buffer.from(hex, "hex")),
);

class Strangers {
  connected = 0;
  isOver = false;
  private readonly open = new Set<Socket>();

  constructor(
    private readonly port: number,
    private readonly random: () => number,
  ) {}

  /** Resolves when so many seconds are over, or after leave(). */
  async come(seconds: number): Promise<void> {
    const begin = performance.now();
    for (let passed = 0; passed < seconds * 1000 && !this.isOver; passed = performance.now() - begin) {
      while (this.connected < (passed / 1000) * PER_SECOND) this.dial();
      await setTimeout(TURN_MS);
    }
    this.isOver = true;
  }

  /** Who was not thrown out goes. */
  leave(): void {
    this.isOver = true;
    for (const socket of this.open) socket.destroy();
  }

  private dial(): void {
    const word = words[Math.floor(this.random() * words.length)];
    const goes = this.random() < SHORT_VISITS;
    const socket = connect(this.port, "127.0.0.1");
    this.connected++;
    this.open.add(socket);
    socket.once("connect", () => {
      if (word.length > 0) socket.write(word);
      if (goes) socket.resetAndDestroy();
    });
    // Turned away, or thrown out: that is what it is here for.
    socket.on("error", () => {}).resume();
    socket.once("close", () => this.open.delete(socket));
  }
}

class FloodRun {
  private readonly gateway: GatewayChild;
  private readonly board: LoadBoard;
  private readonly abort = new AbortController();
  private died = "";
  /** ms the board waited for an acknowledgement, bytes the gateway grew, sockets it had: the most of each. */
  private waited = 0;
  private growth = 0;
  private sockets = 0;

  constructor(
    private readonly random: () => number,
    private readonly folder: string,
  ) {
    this.gateway = new GatewayChild({
      ...{ program: PROGRAM, configFile: join(folder, "bowline.yaml"), cwd: folder, set: [] },
      env: { ...process.env, NODE_OPTIONS: HEAP },
      signal: this.abort.signal,
      onDied: (text) => {
        this.died = text;
      },
    });
    this.board = new LoadBoard({ ...BOARD, target: () => this.gateway.tcp });
  }

  /** -> what was done, in figures. */
  async run(seconds: number): Promise<string> {
    const { gateway, board, folder } = this;
    await writeFile(join(folder, "bowline.yaml"), JSON.stringify(configuration(folder)));
    let strangers: Strangers | undefined;
    try {
      await gateway.start();
      board.start();
      await this.until(() => board.acknowledged >= BOARD.perSecond, "the board before the flood");
      const socketsBefore = socketsOf(gateway.pid);
      strangers = new Strangers(gateway.tcp!.port, this.random);
      const coming = strangers.come(seconds);
      await this.watch(strangers);
      await coming;
      strangers.leave();
      const recovery = await this.until(() => socketsOf(gateway.pid) <= socketsBefore, "its sockets");
      board.quiet();
      await this.until(() => board.sent === board.acknowledged, "the board after the flood");
      const arrived = (await countMessages(gateway.client!)).get(BOARD.id);
      hold(arrived === board.sent, () => `${arrived} of ${board.sent} messages arrived`);
      return (
        `${strangers.connected} connections in ${seconds} s, at most ${this.sockets} at once; a board's ` +
        `${board.sent} messages once and in order, never more than ${Math.round(this.waited)} ms apart; ` +
        `memory +${megabytes(this.growth)} MB at most, all sockets back after ${Math.round(recovery)} ms`
      );
    } finally {
      strangers?.leave();
      board.stop();
      await gateway.stop();
      this.abort.abort();
    }
  }

  /** While they come the board goes on, and the gateway keeps within bounds. */
  private async watch(strangers: Strangers): Promise<void> {
    const { gateway, board } = this;
    const before = usageOf(gateway.pid).memory;
    while (!strangers.isOver) {
      const seen = board.acknowledged;
      const waited = await this.until(() => board.acknowledged > seen, "the board during the flood");
      this.waited = Math.max(this.waited, waited);
      this.growth = Math.max(this.growth, usageOf(gateway.pid).memory - before);
      this.sockets = Math.max(this.sockets, socketsOf(gateway.pid));
      hold(this.growth < MOST_GROWTH, () => `the gateway grew by ${megabytes(this.growth)} MB`);
      hold(this.sockets < MOST_SOCKETS, () => `the gateway had ${this.sockets} sockets`);
    }
  }

  /** ms until it is so; disproves when it is not in time. */
  private async until(isTrue: () => boolean, what: string): Promise<number> {
    const begin = performance.now();
    while (!isTrue()) {
      hold(this.died === "", () => this.died);
      const passed = performance.now() - begin;
      hold(passed < RECOVERY_MS + SLACK_MS, () => `${what}: not within ${Math.round(passed)} ms`);
      await setTimeout(LOOK_MS);
    }
    return performance.now() - begin;
  }
}

function configuration(folder: string): object {
  const ports = { tcp: { port: 0 }, http: { port: 0 }, monique: { enabled: false } };
  return { data: join(folder, "data"), ...ports, log: { level: "silent" } };
}

const megabytes = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);

/** Files that the store opens and closes are no business of strangers. */
function socketsOf(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((fd) => isSocket(join(folder, fd))).length;
}

function isSocket(link: string): boolean {
  try {
    return readlinkSync(link).startsWith("socket:");
  } catch {
    // Closed since it was listed.
    return false;
  }
}

async function runFlood(seed: number, scale: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bowline-flood-"));
  try {
    return await new FloodRun(seededRandom(seed), folder).run(scale);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const flood: Proof = {
  name: "flood",
  promise: "strangers that connect a thousand times a second disturb no board and leave nothing behind",
  unit: "seconds",
  scale: 5,
  run: runFlood,
};
