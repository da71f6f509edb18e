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
import type { CountedEnd } from "../../chaos/counted-end.ts";
import { ForeignClient } from "../../chaos/foreign-client.ts";
import type { DeliveredMessage } from "../../http/api.ts";
import { BowlineError } from "../../platform/errors.ts";
import { isAbortError, lossCodes } from "../gateway/http-call.ts";
import { GatewayChild } from "./gateway-child.ts";
import { gatewayConfig } from "./gateway-config.ts";
import { GatewayCounter } from "./gateway-counts.ts";
import { killGateway } from "./killer.ts";
import { addCounts, Ledger } from "./ledger.ts";
import { Lines } from "./lines.ts";
import { MessageReader, type ReadBack } from "./message-reader.ts";
import type { Report } from "./report.ts";
import { sendRequests } from "./requester.ts";
import { settle } from "./settle.ts";

export interface ChaosOptions {
  /** This program, and the bundle with device/testing/chaos.ts. */
  program: string;
  bundle: string;
  /** Somebody's own client in place of simulated boards: their command for sh, and where it is run. */
  client?: { command: string; cwd: string };
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
/** ms for the last requests to be accepted, once all is healed. */
const LAST_ASKED_MS = 15_000;
const LOOK_MS = 100;
const COUNT_MS = 500;
/**
 * ms without anything new: after the first the boards are asked whether they still hold something, and if not, what is
 * missing is lost; after the second it is not waited for any longer.
 */
const PAUSE_MS = 3000;
const STALL_MS = 30_000;

export class ChaosRun {
  private readonly startedAt = performance.now();
  private readonly ledgers = new Map<string, Ledger>();
  private readonly complaints: string[] = [];
  private readonly counter = new GatewayCounter();
  private readonly abort = new AbortController();
  private readonly reader: MessageReader;
  private lines: Lines | undefined;
  private gateway: GatewayChild | undefined;
  private kills = 0;
  /** Faults and requests have ended; everything has been counted; the gateway is being stopped. */
  private isEnding = false;
  private isOver = false;
  private isGone = false;
  private readBack: ReadBack | undefined;
  private failure: unknown;

  constructor(private readonly options: ChaosOptions) {
    // Every HTTP call listens to it, and there are more at a time than Node thinks right.
    setMaxListeners(0, this.abort.signal);
    this.reader = new MessageReader(this.client, (message) => this.take(message));
  }

  /** Resolves with what was counted, also after a Ctrl-C; rejects when something else than the promise fails. */
  async run(): Promise<Report> {
    const folder = await mkdtemp(join(tmpdir(), "bowline-chaos-"));
    try {
      await this.start(folder);
      await this.breakAndCount();
      return this.report;
    } finally {
      await this.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }

  get report(): Report {
    const { seed, boards, packets, cuts, kills, isSerial, isPowercut, signal } = this.options;
    const { all, isOver, readBack } = this;
    return {
      ...{ seed, boards, serial: isSerial, powercut: isPowercut },
      ...{ wanted: { packets, cuts, kills }, isOver, isInterrupted: signal.aborted },
      up: addCounts(all.map((ledger) => ledger.up(isOver))),
      down: addCounts(all.map((ledger) => ledger.down(isOver))),
      ...{ cuts: this.lines?.cuts ?? 0, kills: this.kills, ...this.counter.counts },
      ...{ bytes: this.lines?.bytes ?? 0, readBack, complaints: this.complaints },
      seconds: (performance.now() - this.startedAt) / 1000,
    };
  }

  private get all(): Ledger[] {
    return [...this.ledgers.values()];
  }

  private readonly client = () => this.gateway?.client;

  private readonly hasEnded = () => this.isEnding || this.options.signal.aborted;

  private async start(folder: string): Promise<void> {
    const { program, env, set, seed, boards, packets, cuts, isSerial, isPowercut } = this.options;
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
    await writeFile(configFile, JSON.stringify(gatewayConfig(folder, this.lines.paths, isPowercut)));
    this.gateway = new GatewayChild({
      ...{ program, configFile, cwd: folder, env, set },
      signal: this.abort.signal,
      onDied: (text) => this.fail(new BowlineError("GATEWAY_DIED", `${text}, and nobody had told it to`)),
    });
    await this.gateway.start();
    for (const [i, id] of ids.entries()) this.startBoard(i, id, this.lines);
  }

  private startBoard(i: number, id: string, lines: Lines): void {
    const { bundle, client, env, seed, boards, packets } = this.options;
    const common = {
      ...{ id, seed: seed + i },
      count: Math.floor(packets / boards) + (i < packets % boards ? 1 : 0),
      onComplaint: (line: string) => void this.complaints.push(`${id}: ${line}`),
    };
    const board: CountedEnd =
      client === undefined
        ? new ChaosBoard({ ...common, bundle, transport: lines.transport(i) })
        : new ForeignClient({
            ...{ ...common, ...client, env, address: lines.address(i) },
            onDied: (text) =>
              this.fail(new BowlineError("CLIENT_DIED", `running --client as ${id}: ${text}`)),
          });
    this.ledgers.set(id, new Ledger(board));
    board.start();
  }

  /** Everything at once; the first that fails ends it all. */
  private async breakAndCount(): Promise<void> {
    const { client, hasEnded: isOver } = this;
    const isGone = () => this.isGone;
    const requesting = this.all.map((ledger) => sendRequests({ ledger, client, isOver, isGone }));
    const reading = this.reader.run();
    for (const one of [...requesting, reading, this.keepCounting(), this.keepKilling()])
      one.catch((error) => this.fail(error));
    await this.untilDone();
    this.isEnding = true;
    this.lines?.heal();
    const { signal } = this.options;
    // What was asked last and lost with a gateway is asked again first: accepted or not, that must be known.
    if (!signal.aborted) await Promise.race([Promise.allSettled(requesting), setTimeout(LAST_ASKED_MS)]);
    if (!signal.aborted) this.complaints.push(...(await settle(this.all, client, signal)));
    if (signal.aborted) return;
    this.reader.drain();
    await reading;
    this.throwIfFailed();
    // What a process printed last may still be in its pipe.
    await this.stopBoards();
    this.readBack = await this.reader.readBack();
    await this.look();
    this.isOver = true;
  }

  /** Until all is sent and broken, or nothing new comes any more, or Ctrl-C. */
  private async untilDone(): Promise<void> {
    const { signal, kills, onProgress } = this.options;
    let seen = "";
    let seenAt = performance.now();
    while (!signal.aborted) {
      this.throwIfFailed();
      const isComplete = this.all.every((ledger) => ledger.isComplete);
      if (isComplete) this.lines?.hurry();
      if (isComplete && this.lines?.isDone && this.kills >= kills) return;
      const { report } = this;
      // Requests and replies of boards that are done go on for as long as the run does: they are no progress.
      const messages = this.all.map((ledger) => ledger.messages.delivered);
      const now = JSON.stringify([messages, report.cuts, report.kills]);
      if (now !== seen) [seen, seenAt] = [now, performance.now()];
      const stillMs = performance.now() - seenAt;
      if (stillMs > STALL_MS || (stillMs > PAUSE_MS && !isComplete && (await this.isEmpty()))) return;
      onProgress(report);
      await setTimeout(LOOK_MS);
    }
  }

  /** Whether the boards have sent all they had, and hold none of it any more, though some of it has not come. */
  private async isEmpty(): Promise<boolean> {
    if (this.all.some(({ board }) => board.sent < board.count)) return false;
    // Who cannot be asked because the gateway is just being killed is asked again later.
    await settle(this.all, this.client, this.options.signal);
    if (this.all.some(({ held }) => held !== 0)) return false;
    // They were asked for long, and it may have come meanwhile: what was acknowledged is in the store, and is read soon.
    await setTimeout(COUNT_MS);
    return !this.all.every((ledger) => ledger.isComplete);
  }

  private keepKilling(): Promise<void> {
    const { seed, kills, packets } = this.options;
    return killGateway({
      ...{ gateway: this.gateway!, seed, kills, packets, isOver: this.hasEnded },
      delivered: () => this.all.reduce((sum, ledger) => sum + ledger.messages.delivered, 0),
      beforeKill: () => this.look(),
      afterKill: () => {
        this.kills++;
        this.counter.bury();
      },
    });
  }

  private async keepCounting(): Promise<void> {
    while (!this.hasEnded()) {
      await this.look();
      await setTimeout(COUNT_MS);
    }
  }

  private async look(): Promise<void> {
    const client = this.client();
    try {
      if (client !== undefined) await this.counter.look(client);
    } catch (error) {
      if (!(error instanceof BowlineError && lossCodes.includes(error.code))) throw error;
    }
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

  private async stopBoards(): Promise<void> {
    await Promise.all(this.all.map(({ board }) => board.stop()));
  }

  private async stop(): Promise<void> {
    this.isEnding = true;
    this.isGone = true;
    this.reader.stop();
    await this.stopBoards();
    await this.lines?.stop();
    await this.gateway?.stop();
    this.abort.abort();
  }
}
