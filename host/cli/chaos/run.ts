/**
 * One run of `bowline chaos`: a gateway, boards and broken lines between them, until everything was sent, everything
 * was broken, and what arrived has been counted at both ends.
 */
import { setMaxListeners } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { ChaosBoard } from "../../chaos/chaos-board.ts";
import type { DeliveredMessage } from "../../http/api.ts";
import { BowlineError } from "../../platform/errors.ts";
import { randomInteger, seededRandom } from "../../transports/random.ts";
import { isAbortError, lossCodes } from "../http-call.ts";
import { GatewayChild } from "./gateway-child.ts";
import { GatewayCounter } from "./gateway-counts.ts";
import { addCounts, Ledger } from "./ledger.ts";
import { Lines } from "./lines.ts";
import { MessageReader, type ReadBack } from "./message-reader.ts";
import type { Report } from "./report.ts";
import { sendRequests } from "./requester.ts";

export interface ChaosOptions {
  /** This program, and the bundle with device/testing/chaos.ts. */
  program: string;
  bundle: string;
  env: Readonly<Record<string, string | undefined>>;
  seed: number;
  boards: number;
  packets: number;
  cuts: number;
  kills: number;
  isSerial: boolean;
  /** What is not flushed when the gateway is killed is lost. */
  isPowercut: boolean;
  /** Settings of the gateway over those of the run, `key=value`. */
  set: readonly string[];
  /** Ctrl-C. */
  signal: AbortSignal;
  onProgress(report: Report): void;
}

/** Bytes a message takes on the wire, both ways, about: from it follows how far apart the cuts are. */
const BYTES_PER_MESSAGE = 78;
/** The cuts are a little closer than they need be, so that they are done before the messages are. */
const CROWDED = 1.1;
const LOOK_MS = 100;
const COUNT_MS = 500;
/**
 * ms without anything new: after the first the boards are asked whether they still hold something, and if not, what is
 * missing is lost; after the second it is not waited for any longer.
 */
const PAUSE_MS = 3000;
const STALL_MS = 30_000;
/** ms the gateway stays away, at most, and between two kills once all messages are there. */
const MOST_AWAY_MS = 400;
const LEAST_LIFE_MS = 300;
const SETTLE_TIMEOUT_S = 10;
const SETTLE_TRIES = 10;

export class ChaosRun {
  private readonly startedAt = performance.now();
  private readonly ledgers = new Map<string, Ledger>();
  private readonly complaints: string[] = [];
  private readonly counter = new GatewayCounter();
  private readonly abort = new AbortController();
  private readonly random;
  private readonly reader: MessageReader;
  private gateway: GatewayChild | undefined;
  private lines: Lines | undefined;
  private kills = 0;
  /** Faults and requests have ended; everything has been counted. */
  private isEnding = false;
  private isOver = false;
  private readBack: ReadBack | undefined;
  private failure: unknown;

  constructor(private readonly options: ChaosOptions) {
    // Every HTTP call listens to it, and there are more at a time than Node thinks right.
    setMaxListeners(0, this.abort.signal);
    this.random = seededRandom(options.seed ^ 0x6b696c6c);
    this.reader = new MessageReader(
      () => this.gateway?.client,
      (message) => this.take(message),
    );
  }

  /** Resolves with what was counted, also after a Ctrl-C; rejects when something else than the promise fails. */
  async run(): Promise<Report> {
    const folder = await mkdtemp(join(tmpdir(), "bowline-chaos-"));
    try {
      await this.start(folder);
      await this.runAll();
      return this.report;
    } finally {
      await this.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }

  get report(): Report {
    const { seed, boards, packets, cuts, kills, isSerial, isPowercut, signal } = this.options;
    const ledgers = [...this.ledgers.values()];
    return {
      seed,
      boards,
      serial: isSerial,
      powercut: isPowercut,
      wanted: { packets, cuts, kills },
      isOver: this.isOver,
      isInterrupted: signal.aborted,
      up: addCounts(ledgers.map((ledger) => ledger.up(this.isOver))),
      down: addCounts(ledgers.map((ledger) => ledger.down(this.isOver))),
      cuts: this.lines?.cuts ?? 0,
      kills: this.kills,
      ...this.counter.counts,
      bytes: this.lines?.bytes ?? 0,
      readBack: this.readBack,
      seconds: (performance.now() - this.startedAt) / 1000,
      complaints: this.complaints,
    };
  }

  private async start(folder: string): Promise<void> {
    const { program, bundle, env, set, seed, boards, packets, cuts, isSerial } = this.options;
    const ids = Array.from({ length: boards }, (_, i) => `chaos-${i + 1}`);
    const meanBytes =
      cuts === 0 ? Number.POSITIVE_INFINITY : (packets * BYTES_PER_MESSAGE) / (cuts * CROWDED);
    this.lines = new Lines({
      ...{ ids, isSerial, folder, seed, cuts, meanBytes },
      target: () => this.gateway?.tcp,
      onFault: (error) => this.fail(error),
    });
    await this.lines.start();
    const configFile = join(folder, "bowline.yaml");
    await writeFile(configFile, JSON.stringify(this.configuration(folder, this.lines.paths)));
    this.gateway = new GatewayChild({
      ...{ program, configFile, cwd: folder, env, set },
      signal: this.abort.signal,
      onDied: (text) => this.fail(new BowlineError("GATEWAY_DIED", `${text}, and nobody had told it to`)),
    });
    await this.gateway.start();
    for (const [i, id] of ids.entries()) {
      const board = new ChaosBoard({
        ...{ id, bundle, seed: seed + i },
        count: Math.floor(packets / boards) + (i < packets % boards ? 1 : 0),
        transport: this.lines.transport(i),
        onComplaint: (line) => this.complaints.push(`${id}: ${line}`),
      });
      this.ledgers.set(id, new Ledger(board));
      board.start();
    }
  }

  /** The gateway of the run: as a user's, but on free ports, with quick heartbeats, and with room for all of it. */
  private configuration(folder: string, paths: readonly string[]): object {
    const faults = this.options.isPowercut ? "dropUnflushed" : "none";
    return {
      gateway: { id: "chaos" },
      data: join(folder, "data"),
      tcp: { port: 0 },
      http: { port: 0 },
      serial: paths.map((path) => ({ path, syncIntervalMaxMs: 500 })),
      session: { syncIntervalMinMs: 5, syncIntervalMaxMs: 500 },
      store: { maxMessages: 100_000_000, maxBytes: 2 ** 40, faults },
      log: { level: "silent" },
    };
  }

  /** Everything at once; the first that fails ends it all. */
  private async runAll(): Promise<void> {
    const ledgers = [...this.ledgers.values()];
    const client = () => this.gateway?.client;
    const isOver = () => this.isEnding || this.options.signal.aborted;
    const requesting = ledgers.map((ledger) => sendRequests({ ledger, client, isOver }));
    const reading = this.reader.run();
    const all = [...requesting, reading, this.counting(), this.killing()];
    for (const one of all) one.catch((error) => this.fail(error));
    await this.untilDone();
    this.isEnding = true;
    this.lines?.heal();
    if (this.options.signal.aborted) return;
    await this.settle();
    this.reader.drain();
    await reading;
    this.throwIfFailed();
    this.readBack = await this.reader.readBack();
    await this.look();
    this.isOver = true;
  }

  /** Until all is sent and broken, or nothing new comes any more, or Ctrl-C. */
  private async untilDone(): Promise<void> {
    const { signal, kills, onProgress } = this.options;
    const ledgers = [...this.ledgers.values()];
    let seen = "";
    let seenAt = performance.now();
    for (;;) {
      this.throwIfFailed();
      if (signal.aborted) return;
      const isComplete = ledgers.every((ledger) => ledger.isComplete);
      if (isComplete) this.lines?.hurry();
      if (isComplete && this.lines?.isDone && this.kills >= kills) return;
      const { up, down, cuts } = this.report;
      const now = JSON.stringify([up.delivered, down.delivered, cuts, this.kills]);
      if (now !== seen) [seen, seenAt] = [now, performance.now()];
      const standing = performance.now() - seenAt;
      if (standing > STALL_MS || (standing > PAUSE_MS && !isComplete && (await this.isEmpty()))) return;
      onProgress(this.report);
      await setTimeout(LOOK_MS);
    }
  }

  /** Whether the boards have sent all they had, and hold none of it any more. */
  private async isEmpty(): Promise<boolean> {
    const ledgers = [...this.ledgers.values()];
    if (this.gateway?.client === undefined || ledgers.some(({ board }) => board.sent < board.count))
      return false;
    await this.settle();
    return ledgers.every(({ held }) => held === 0);
  }

  /** Kills the gateway at moments the seed draws, spread over all messages. */
  private async killing(): Promise<void> {
    const { kills, packets } = this.options;
    const marks = Array.from({ length: kills }, () => this.random() * 0.95 * packets).sort((a, b) => a - b);
    for (const mark of marks) {
      while (!this.isEnding && this.delivered < mark) await setTimeout(randomInteger(this.random, 1, 20));
      if (this.delivered >= packets) await setTimeout(LEAST_LIFE_MS * (1 + this.random()));
      if (this.isEnding) return;
      await this.look();
      await this.gateway?.kill();
      this.kills++;
      this.counter.bury();
      await setTimeout(this.random() * MOST_AWAY_MS);
      await this.gateway?.start();
    }
  }

  private get delivered(): number {
    return [...this.ledgers.values()].reduce((sum, ledger) => sum + ledger.messages.delivered, 0);
  }

  private async counting(): Promise<void> {
    while (!this.isEnding && !this.options.signal.aborted) {
      await this.look();
      await setTimeout(COUNT_MS);
    }
  }

  private async look(): Promise<void> {
    const client = this.gateway?.client;
    try {
      if (client !== undefined) await this.counter.look(client);
    } catch (error) {
      if (!(error instanceof BowlineError && lossCodes.includes(error.code))) throw error;
    }
  }

  /** Asks each board what it still holds, until that is nothing: then all it sent is acknowledged. */
  private async settle(): Promise<void> {
    for (const ledger of this.ledgers.values()) {
      ledger.held = undefined;
      let reason = "";
      for (let i = 0; i < SETTLE_TRIES && ledger.held !== 0; i++) {
        try {
          ledger.held = await this.askHeld(ledger.board.id);
        } catch (error) {
          if (!(error instanceof BowlineError)) throw error;
          reason = error.message;
        }
        if (ledger.held !== 0) await setTimeout(LOOK_MS);
      }
      // While the gateway is still being killed it is asked again later.
      if (ledger.held === undefined && this.isEnding)
        this.complaints.push(`${ledger.board.id}: asked what it still holds: ${reason}`);
    }
  }

  private async askHeld(id: string): Promise<number | undefined> {
    const path = `api/v1/devices/${id}/requests?timeout=${SETTLE_TIMEOUT_S}`;
    const info = (await this.gateway?.client?.post(path, { ot: "l:info" })) as { held?: number };
    return info?.held;
  }

  private take(message: DeliveredMessage): void {
    this.ledgers.get(message.device)?.take(message);
  }

  private fail(error: unknown): void {
    if (!isAbortError(error)) this.failure ??= error;
  }

  private throwIfFailed(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  private async stop(): Promise<void> {
    this.isEnding = true;
    this.reader.drain();
    for (const { board } of this.ledgers.values()) board.stop();
    await this.lines?.stop();
    await this.gateway?.stop();
    this.abort.abort();
  }
}
