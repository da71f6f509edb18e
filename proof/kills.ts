/**
 * The whole gateway, as a user runs it, killed with -9 again and again while boards send as fast as they can. The boards
 * live here and keep what they know: nothing they were told is safe may be missing, nothing may be there twice.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { GatewayChild } from "../host/cli/chaos/gateway-child.ts";
import type { GatewayClient } from "../host/cli/gateway/client.ts";
import { seededRandom } from "../host/transports/random.ts";
import { LoadBoard } from "./gateway/load-board.ts";
import { countMessages } from "./gateway/read-messages.ts";
import { hold, type Proof } from "./proof.ts";

const BOARDS = 8;
const MESSAGE_BYTES = 60;
/** The gateway lives until so many more messages were acknowledged, at most. */
const MOST_A_LIFE = 3000;
const STALL_MS = 30_000;
const LOOK_MS = 2;
/** Beside this program. */
const PROGRAM = fileURLToPath(new URL("bowline.mjs", import.meta.url));

class KillRun {
  private readonly random: () => number;
  private readonly boards: LoadBoard[];
  private readonly gateway: GatewayChild;
  private readonly abort = new AbortController();
  private died = "";
  /** ms from the kill until the first message was acknowledged again. */
  readonly outages: number[] = [];

  constructor(
    seed: number,
    private readonly folder: string,
  ) {
    this.random = seededRandom(seed);
    this.gateway = new GatewayChild({
      ...{
        program: PROGRAM,
        configFile: join(folder, "bowline.yaml"),
        cwd: folder,
        env: process.env,
        set: [],
      },
      signal: this.abort.signal,
      onDied: (text) => {
        this.died = text;
      },
    });
    const target = () => this.gateway.tcp;
    this.boards = Array.from(
      { length: BOARDS },
      (_, i) => new LoadBoard({ id: `board-${i}`, target, bytes: MESSAGE_BYTES, perSecond: Infinity }),
    );
  }

  async run(kills: number): Promise<void> {
    const { folder, boards, gateway } = this;
    await writeFile(join(folder, "bowline.yaml"), JSON.stringify(configuration(folder)));
    try {
      await gateway.start();
      for (const board of boards) board.start();
      await this.until(() => this.acknowledged > 0);
      for (let i = 0; i < kills; i++) await this.killOnce();
      for (const board of boards) board.quiet();
      await this.until(() => boards.every(({ sent, acknowledged }) => sent === acknowledged));
      await this.count(gateway.client!);
    } finally {
      for (const board of boards) board.stop();
      await gateway.stop();
      this.abort.abort();
    }
  }

  get acknowledged(): number {
    return this.boards.reduce((sum, board) => sum + board.acknowledged, 0);
  }

  private async killOnce(): Promise<void> {
    const { gateway } = this;
    const mark = this.acknowledged + this.random() ** 2 * MOST_A_LIFE;
    await this.until(() => this.acknowledged >= mark);
    // At a moment that has nothing to do with a look.
    await setTimeout(this.random() * 10);
    const begin = performance.now();
    await gateway.kill();
    const before = this.acknowledged;
    await gateway.start();
    await this.until(() => this.acknowledged > before);
    this.outages.push(performance.now() - begin);
  }

  /** Everything that was sent is there, once and in order; with nothing under way any more, it is all acknowledged. */
  private async count(client: GatewayClient): Promise<void> {
    const counts = await countMessages(client);
    for (const { id, sent, acknowledged } of this.boards)
      hold(counts.get(id) === sent, () => `${id}: ${acknowledged} acknowledged, ${counts.get(id)} delivered`);
  }

  private async until(isTrue: () => boolean): Promise<void> {
    let seen = -1;
    let seenAt = performance.now();
    while (!isTrue()) {
      hold(this.died === "", () => this.died);
      if (this.acknowledged !== seen) [seen, seenAt] = [this.acknowledged, performance.now()];
      hold(performance.now() - seenAt < STALL_MS, () => `nothing was acknowledged after ${seen} messages`);
      await setTimeout(LOOK_MS);
    }
  }
}

/** As a user's, on free ports, with room for all of it. */
function configuration(folder: string): object {
  return {
    gateway: { id: "kills" },
    data: join(folder, "data"),
    tcp: { port: 0 },
    http: { port: 0 },
    monique: { enabled: false },
    session: { syncIntervalMinMs: 5 },
    store: { maxMessages: 100_000_000, maxBytes: 2 ** 40 },
    log: { level: "silent" },
  };
}

async function runKills(seed: number, scale: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bowline-kills-"));
  try {
    const run = new KillRun(seed, folder);
    await run.run(scale);
    const sorted = run.outages.sort((a, b) => a - b);
    const [median, worst] = [sorted[sorted.length >> 1], sorted[sorted.length - 1]].map(Math.round);
    return (
      `${scale} kills, ${run.acknowledged} messages of ${BOARDS} boards acknowledged: 0 lost, 0 delivered twice; from a ` +
      `kill to the next acknowledgement ${median} ms, at most ${worst} ms`
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const kills: Proof = {
  name: "kills",
  promise: "a gateway killed with -9 under load has lost nothing it acknowledged, and delivers nothing twice",
  unit: "kills",
  scale: 8,
  run: runKills,
};
