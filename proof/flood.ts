/**
 * Strangers that connect a thousand times a second (users F5): they say nothing, something, or nonsense, and stay or go.
 * A board that stands goes on all the while, the gateway's memory keeps within bounds, and soon after it is as before.
 * From loopback, whose strangers are not counted by address: only the number of those who may stand at once protects.
 */
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

class Flood {
  connected = 0;
  private readonly open = new Set<Socket>();

  constructor(
    private readonly port: number,
    private readonly random: () => number,
  ) {}

  /** Resolves when so many seconds are over; who stays then stays until it is thrown out, or leave(). */
  async run(seconds: number): Promise<void> {
    const begin = performance.now();
    for (let passed = 0; passed < seconds * 1000; passed = performance.now() - begin) {
      while (this.connected < (passed / 1000) * PER_SECOND) this.dial();
      await setTimeout(TURN_MS);
    }
  }

  leave(): void {
    for (const socket of this.open) socket.destroy();
  }

  private dial(): void {
    const word = words[Math.floor(this.random() * words.length)];
    const goes = this.random() < 0.5;
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

async function runFlood(seed: number, scale: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bowline-flood-"));
  const configFile = join(folder, "bowline.yaml");
  const settings = {
    data: join(folder, "data"),
    tcp: { port: 0 },
    http: { port: 0 },
    log: { level: "silent" },
  };
  await writeFile(configFile, JSON.stringify(settings));
  const abort = new AbortController();
  let died = "";
  const gateway = new GatewayChild({
    ...{
      program: PROGRAM,
      configFile,
      cwd: folder,
      env: { ...process.env, NODE_OPTIONS: HEAP },
      set: [],
      signal: abort.signal,
    },
    onDied: (text) => {
      died = text;
    },
  });
  const board = new LoadBoard({ ...BOARD, target: () => gateway.tcp });
  /** ms until it is so; disproves when it is not in time. */
  const until = async (isTrue: () => boolean, ms: number, what: string): Promise<number> => {
    const begin = performance.now();
    while (!isTrue()) {
      hold(died === "", () => died);
      hold(performance.now() - begin < ms, () => `${what}: not within ${ms} ms`);
      await setTimeout(LOOK_MS);
    }
    return performance.now() - begin;
  };
  try {
    await gateway.start();
    board.start();
    await until(
      () => board.acknowledged >= BOARD.perSecond,
      RECOVERY_MS + SLACK_MS,
      "the board before the flood",
    );
    const before = usageOf(gateway.pid);
    const flood = new Flood(gateway.tcp!.port, seededRandom(seed));
    let most = before.memory;
    let slowest = 0;
    const watching = (async () => {
      let isOver = false;
      const flooding = flood.run(scale).finally(() => {
        isOver = true;
      });
      while (!isOver) {
        const seen = board.acknowledged;
        slowest = Math.max(
          slowest,
          await until(() => board.acknowledged > seen, RECOVERY_MS + SLACK_MS, "the board during the flood"),
        );
        most = Math.max(most, usageOf(gateway.pid).memory);
      }
      await flooding;
    })();
    await watching;
    flood.leave();
    const isBack = () => usageOf(gateway.pid).descriptors <= before.descriptors;
    const recovery = await until(isBack, RECOVERY_MS + SLACK_MS, "the descriptors after the flood");
    board.quiet();
    await until(() => board.sent === board.acknowledged, RECOVERY_MS + SLACK_MS, "the board after the flood");
    const counts = await countMessages(gateway.client!);
    hold(
      counts.get(BOARD.id) === board.sent,
      () => `${counts.get(BOARD.id)} of ${board.sent} messages arrived`,
    );
    const megabytes = (most - before.memory) / 1024 / 1024;
    hold(most - before.memory < MOST_GROWTH, () => `the gateway grew by ${megabytes.toFixed(1)} MB`);
    return (
      `${flood.connected} connections in ${scale} s; a board's ${board.sent} messages once and in order, ` +
      `never more than ${Math.round(slowest)} ms apart; memory +${megabytes.toFixed(1)} MB at most, ` +
      `all descriptors back after ${Math.round(recovery)} ms`
    );
  } finally {
    board.stop();
    await gateway.stop();
    abort.abort();
    await rm(folder, { recursive: true, force: true });
  }
}

export const flood: Proof = {
  name: "flood",
  promise: "strangers that connect a thousand times a second disturb no board and leave nothing behind",
  unit: "seconds",
  scale: 4,
  run: runFlood,
};
