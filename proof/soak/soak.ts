/** One soak: the gateway as a user runs it, boards behind a line that is cut, requests, and what all of it uses. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { GatewayChild } from "../../host/cli/chaos/gateway-child.ts";
import { type Relay, tcpRelay } from "../../host/testing/relay.ts";
import { LoadBoard } from "../gateway/load-board.ts";
import { riseOf, type Sample, slopeOf } from "./flat.ts";
import { type Usage, usageOf } from "./usage.ts";

export interface SoakOptions {
  minutes: number;
  /** Messages a second, all boards together, and bytes of text in each. */
  rate: number;
  bytes: number;
  /** Settings of the gateway, `key=value`. */
  set: readonly string[];
}

const BOARDS = 4;
const SAMPLE_MS = 5000;
/** Users R8: one cut every 10 s. */
const CUT_MS = 10_000;
const REQUEST_MS = 1000;
/** The part of the run that is not judged: buffers fill, code is compiled. At least so long. */
const WARM_UP = 1 / 3;
const LEAST_WARM_UP_MS = 60_000;
/** What the floor of memory may rise after that: less than a leak of one object a message in ten minutes. */
const MOST_RISE = 8 << 20;
const MB = 1e6;
const MS_PER_HOUR = 3_600_000;
const PROGRAM = fileURLToPath(new URL("bowline.mjs", import.meta.url));

export class Soak {
  private readonly samples: (Usage & { at: number; acknowledged: number })[] = [];
  private readonly abort = new AbortController();
  private boards: LoadBoard[] = [];
  private answers = 0;
  private cuts = 0;
  private died = "";

  constructor(
    private readonly options: SoakOptions,
    private readonly print: (line: string) => void,
  ) {}

  /** -> what was not as it should be. */
  async run(): Promise<string[]> {
    const folder = await mkdtemp(join(tmpdir(), "bowline-soak-"));
    const gateway = new GatewayChild({
      ...{ program: PROGRAM, configFile: join(folder, "bowline.yaml"), cwd: folder, env: process.env },
      set: this.options.set,
      signal: this.abort.signal,
      onDied: (text) => {
        this.died = text;
      },
    });
    let relay: Relay | undefined;
    try {
      await writeFile(join(folder, "bowline.yaml"), JSON.stringify(configuration(folder)));
      await gateway.start();
      relay = await tcpRelay(gateway.tcp!.port);
      this.startBoards(Number(relay.boardEnd));
      await this.sampleAll(gateway, relay);
      return this.judge();
    } finally {
      for (const board of this.boards) board.stop();
      this.abort.abort();
      await relay?.stop();
      await gateway.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }

  private startBoards(port: number): void {
    const { rate, bytes } = this.options;
    const target = () => ({ host: "127.0.0.1", port });
    this.boards = Array.from(
      { length: BOARDS },
      (_, i) => new LoadBoard({ id: `soak-${i}`, target, bytes, perSecond: rate / BOARDS }),
    );
    for (const board of this.boards) board.start();
  }

  private async sampleAll(gateway: GatewayChild, relay: Relay): Promise<void> {
    const begin = performance.now();
    const end = begin + this.options.minutes * 60_000;
    let [cutAt, sampleAt] = [begin + CUT_MS, begin + SAMPLE_MS];
    while (performance.now() < end && this.died === "") {
      await setTimeout(REQUEST_MS);
      // What a cut or a dead board does to a request is its own outcome; here only the load counts.
      const board = this.boards[this.answers % BOARDS];
      const path = `api/v1/devices/${board.id}/requests?timeout=5`;
      gateway.client?.post(path, { ot: "l:soak" }).then(
        () => this.answers++,
        () => {},
      );
      const now = performance.now();
      if (now >= cutAt) {
        cutAt += CUT_MS;
        relay.breakNow();
        this.cuts++;
      }
      if (now < sampleAt) continue;
      sampleAt += SAMPLE_MS;
      this.sample(gateway.pid, (now - begin) / MS_PER_HOUR);
    }
  }

  private sample(pid: number, at: number): void {
    const acknowledged = this.boards.reduce((sum, board) => sum + board.acknowledged, 0);
    const usage = usageOf(pid);
    this.samples.push({ ...usage, at, acknowledged });
    const memory = (usage.memory / MB).toFixed(1);
    this.print(
      `${(at * 60).toFixed(1)} min: ${memory} MB, ${usage.descriptors} descriptors, ${acknowledged} messages`,
    );
  }

  private judge(): string[] {
    const faults = this.died === "" ? [] : [this.died];
    const warm = Math.max(WARM_UP * this.options.minutes, LEAST_WARM_UP_MS / 60_000) / 60;
    const kept = this.samples.filter(({ at }) => at >= warm);
    if (kept.length < 6)
      return [...faults, `${kept.length} samples after the warm-up of ${warm * 60} min; needed: 6`];
    const of = (pick: (usage: Usage) => number): Sample[] =>
      kept.map((one) => ({ at: one.at, value: pick(one) }));
    const memory = of((usage) => usage.memory);
    const descriptors = of((usage) => usage.descriptors);
    const memoryRise = riseOf(memory, "floor");
    const descriptorRise = riseOf(descriptors, "middle");
    const [first, last] = [kept[0], kept[kept.length - 1]];
    const messages = last.acknowledged - first.acknowledged;
    const perMessage = (last.written - first.written) / messages;
    this.print(
      `${messages} messages in ${((last.at - first.at) * 60).toFixed(1)} min after the warm-up, ${this.cuts} cuts and ` +
        `${this.answers} answered requests in all`,
    );
    this.print(
      `memory: slope ${(slopeOf(memory) / MB).toFixed(2)} MB/h, its floor rose by ${(memoryRise / MB).toFixed(2)} MB`,
    );
    this.print(
      `descriptors: slope ${slopeOf(descriptors).toFixed(2)}/h, their middle rose by ${descriptorRise}`,
    );
    this.print(`written to disk: ${perMessage.toFixed(0)} bytes a message`);
    if (messages === 0 || this.answers === 0)
      faults.push(`${messages} messages, ${this.answers} answers: no load`);
    if (memoryRise > MOST_RISE) faults.push(`memory rose by ${memoryRise} bytes; allowed: ${MOST_RISE}`);
    if (descriptorRise > 0) faults.push(`descriptors rose by ${descriptorRise}; allowed: 0`);
    return faults;
  }
}

/** As a user's, on free ports. */
function configuration(folder: string): object {
  return {
    gateway: { id: "soak" },
    data: join(folder, "data"),
    tcp: { port: 0 },
    http: { port: 0 },
    monique: { enabled: false },
    log: { level: "warn" },
  };
}
