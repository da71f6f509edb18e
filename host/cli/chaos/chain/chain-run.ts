/**
 * One run of `bowline chaos --gateways N`: gateways in a chain, boards at both ends that each end hears and asks across
 * it, until everything was sent and broken, and what arrived has been counted at the boards and at both ends.
 */
import { setMaxListeners } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { DeliveredMessage } from "../../../http/api.ts";
import { BowlineError } from "../../../platform/errors.ts";
import { seededRandom } from "../../../transports/random.ts";
import { isAbortError, lossCodes } from "../../gateway/http-call.ts";
import { addGatewayCounts } from "../gateway-counts.ts";
import { addCounts } from "../ledger.ts";
import { MessageReader, type ReadBack } from "../message-reader.ts";
import type { Report } from "../report.ts";
import { settle } from "../settle.ts";
import { Breaker } from "./breaker.ts";
import { Chain, type FarBoard } from "./chain.ts";
import type { ChainGateway } from "./chain-gateway.ts";
import { addWithdrawals } from "./chain-ledger.ts";
import { CutCount } from "./chain-line.ts";
import { loadWithRequests } from "./far-requests.ts";
import { answered } from "./held-line.ts";

export interface ChainRunOptions {
  /** This program, and the bundle with device/testing/chaos.ts. */
  program: string;
  bundle: string;
  env: Readonly<Record<string, string | undefined>>;
  seed: number;
  gateways: number;
  boards: number;
  packets: number;
  cuts: number;
  kills: number;
  /** Lines held while requests behind them are withdrawn. */
  holds: number;
  isPowercut: boolean;
  set: readonly string[];
  signal: AbortSignal;
  onProgress(report: Report): void;
  /** Besides, or in place of, what the seed has: resolves when it has broken what it wanted to. */
  alsoBreak?(chain: Chain, breaker: Breaker): Promise<void>;
}

/** Bytes a message takes on the lines that it crosses, both ways, about, and how crowded the cuts are. */
const BYTES_PER_MESSAGE = 250;
const CROWDED = 1.1;
/** Requests for each message that a board sends. */
const REQUESTS_PER_MESSAGE = 1 / 10;
const LOOK_MS = 100;
const COUNT_MS = 500;
/** ms without anything new, after which it is not waited for any longer. */
const STALL_MS = 60_000;
const LAST_ASKED_MS = 30_000;
/** A sequence of its own, so that requests and faults do not move each other. */
const REQUESTS = 0x72657173;

export class ChainRun {
  private readonly startedAt = performance.now();
  private readonly abort = new AbortController();
  private readonly count: CutCount;
  private readonly complaints: string[] = [];
  private chain: Chain | undefined;
  private readers: MessageReader[] = [];
  private breaker: Breaker | undefined;
  private isEnding = false;
  private isOver = false;
  private isGone = false;
  private readBack: ReadBack | undefined;
  private failure: unknown;

  constructor(private readonly options: ChainRunOptions) {
    // Every HTTP call listens to it, and there are more at a time than Node thinks right.
    setMaxListeners(0, this.abort.signal);
    this.count = new CutCount(options.cuts);
  }

  /** Resolves with what was counted, also after a Ctrl-C; rejects when something else than the promise fails. */
  async run(): Promise<Report> {
    const folder = await mkdtemp(join(tmpdir(), "bowline-chaos-"));
    try {
      this.chain = this.newChain(folder);
      await this.chain.start();
      await this.breakAndCount(this.chain);
      return this.report;
    } finally {
      await this.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }

  get report(): Report {
    const { seed, gateways, boards, packets, cuts, kills, isPowercut, signal } = this.options;
    const { ledgers, isOver, readBack } = this;
    const { kills: killed, restarts, holds } = this.breaker ?? { kills: 0, restarts: 0, holds: 0 };
    return {
      ...{ seed, boards, serial: false, powercut: isPowercut },
      ...{ wanted: { packets, cuts, kills }, isOver, isInterrupted: signal.aborted },
      up: addCounts(ledgers.map((ledger) => ledger.up(isOver))),
      down: addCounts(ledgers.map((ledger) => ledger.down(isOver))),
      ...{ cuts: this.count.cuts, kills: killed },
      ...addGatewayCounts((this.chain?.gateways ?? []).map(({ counter }) => counter.counts)),
      ...{ bytes: this.chain?.bytes ?? 0, readBack, complaints: this.complaints },
      seconds: (performance.now() - this.startedAt) / 1000,
      chain: {
        gateways,
        far: addCounts(ledgers.map((ledger) => ledger.far(isOver))),
        requests: addWithdrawals(ledgers.map((ledger) => ledger.withdrawals(isOver))),
        ...{ restarts, holds, wantedHolds: this.options.holds },
      },
    };
  }

  private get boards(): FarBoard[] {
    return this.chain?.boards ?? [];
  }

  private get ledgers() {
    return this.boards.map(({ ledger }) => ledger);
  }

  private newChain(folder: string): Chain {
    const { program, bundle, env, set, seed, gateways, boards, packets, cuts, isPowercut } = this.options;
    const bytes = packets * BYTES_PER_MESSAGE * gateways;
    return new Chain({
      ...{ folder, program, bundle, env, set, seed, gateways, boards, packets, count: this.count },
      meanBytes: cuts === 0 ? Number.POSITIVE_INFINITY : bytes / (cuts * CROWDED),
      ...{ loses: isPowercut, signal: this.abort.signal },
      onDied: (text) => this.fail(new BowlineError("GATEWAY_DIED", `${text}, and nobody had told it to`)),
      onComplaint: (text) => this.complaints.push(text),
      isGone: this.hasGone,
    });
  }

  private newBreaker(chain: Chain): Breaker {
    const { seed, kills, holds, alsoBreak } = this.options;
    return new Breaker({
      ...{ chain, seed, kills, holds, alsoBreak, isOver: this.hasEnded },
      progress: () => this.progress,
      beforeKill: (gateway) => this.lookAt(gateway),
    });
  }

  private readonly hasGone = () => this.isGone;
  private readonly hasEnded = () => this.isEnding || this.options.signal.aborted;

  /** Everything at once; the first that fails ends it all. */
  private async breakAndCount(chain: Chain): Promise<void> {
    await this.untilHeard(chain);
    await chain.startBoards();
    this.readers = chain.ends.map(
      (end) => new MessageReader(end.client, (message) => this.take(end, message)),
    );
    const reading = this.readers.map((reader) => reader.run());
    const asking = this.boards.map((board, i) => this.ask(board, i));
    this.breaker = this.newBreaker(chain);
    for (const one of [...reading, ...asking, this.breaker.run(), this.keepCounting(chain)])
      one.catch((error) => this.fail(error));
    await this.untilDone(chain);
    this.isEnding = true;
    this.count.heal();
    const { signal } = this.options;
    // What was asked last has an outcome soon, now that nothing breaks any more.
    const settled = Promise.all(asking).then(() =>
      Promise.all(this.boards.map(({ way }) => way.requests.settled())),
    );
    const lastAsked = setTimeout(LAST_ASKED_MS, undefined, { ref: false });
    if (!signal.aborted) await Promise.race([settled, lastAsked]);
    this.throwIfFailed();
    if (signal.aborted) return;
    await this.look(chain);
    await this.countAgain(chain);
    for (const reader of this.readers) reader.drain();
    await Promise.all(reading);
    this.throwIfFailed();
    for (const { lostWords } of this.ledgers) this.complaints.push(...lostWords);
    this.readBack = addReadBacks(await Promise.all(this.readers.map((reader) => reader.readBack())));
    this.isOver = true;
  }

  /** What the boards still hold, and once more what became of each request. */
  private async countAgain(chain: Chain): Promise<void> {
    const { signal } = this.options;
    for (const end of chain.ends) {
      const ledgers = this.boards.filter(({ home }) => home === end).map(({ ledger }) => ledger);
      this.complaints.push(...(await settle(ledgers, end.client, signal)));
    }
    for (const { way } of this.boards) await way.requests.lookAgain();
  }

  /** Until each end hears the boards of the other: what it was told before is not for it. */
  private async untilHeard(chain: Chain): Promise<void> {
    const isGone = () => this.hasEnded() || this.failure !== undefined;
    const [first, last] = chain.ends;
    await answered(first, last.name, isGone);
    await answered(last, first.name, isGone);
    this.throwIfFailed();
  }

  /** Until all is sent and broken, or nothing new comes any more, or Ctrl-C. */
  private async untilDone(chain: Chain): Promise<void> {
    const { signal, onProgress } = this.options;
    let seen = "";
    let seenAt = performance.now();
    while (!signal.aborted) {
      this.throwIfFailed();
      const isComplete = this.ledgers.every((ledger) => ledger.isComplete);
      if (isComplete) chain.hurry();
      if (isComplete && this.count.isDone && this.breaker?.isDone) return;
      const { report } = this;
      const delivered = this.ledgers.map(({ messages, across }) => [messages.delivered, across.delivered]);
      const { restarts, holds } = report.chain!;
      const now = JSON.stringify([delivered, report.cuts, report.kills, restarts, holds]);
      if (now !== seen) [seen, seenAt] = [now, performance.now()];
      if (performance.now() - seenAt > STALL_MS) return;
      onProgress(report);
      await setTimeout(LOOK_MS);
    }
  }

  private ask({ ledger, way }: FarBoard, i: number): Promise<void> {
    return loadWithRequests({
      requests: way.requests,
      random: seededRandom(this.options.seed ^ (REQUESTS + i)),
      // Once the board has sent all it had, requests and replies are what keeps the lines busy.
      // Of a board that has not said hello its gateway knows nothing.
      due: () => {
        if (ledger.across.delivered === 0) return 0;
        return ledger.isComplete ? Number.POSITIVE_INFINITY : 1 + ledger.board.sent * REQUESTS_PER_MESSAGE;
      },
      isOver: this.hasEnded,
    });
  }

  /** Of all messages, how many have come to the far end, once each board is known there. */
  private get progress(): number {
    const counts = this.ledgers.map(({ across }) => across.delivered);
    const delivered = counts.includes(0) ? 0 : counts.reduce((sum, count) => sum + count, 0);
    return delivered / this.options.packets;
  }

  private async keepCounting(chain: Chain): Promise<void> {
    while (!this.hasEnded()) {
      await this.look(chain);
      await setTimeout(COUNT_MS);
    }
  }

  private async look(chain: Chain): Promise<void> {
    await Promise.all(chain.gateways.map((gateway) => this.lookAt(gateway)));
  }

  private async lookAt({ client, counter }: ChainGateway): Promise<void> {
    const api = client();
    try {
      if (api !== undefined) await counter.look(api);
    } catch (error) {
      if (!(error instanceof BowlineError && lossCodes.includes(error.code))) throw error;
    }
  }

  /** A message that one end has delivered: of a board of its own, or of one of the other end. */
  private take(end: ChainGateway, message: DeliveredMessage): void {
    for (const { home, far, board, ledger } of this.boards) {
      if (home === end && message.device === board.id) ledger.take(message);
      if (far === end && message.device === `${home.name}/${board.id}`) ledger.takeAcross(message);
    }
  }

  private fail(error: unknown): void {
    if (!isAbortError(error)) this.failure ??= error;
  }

  private throwIfFailed(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  private async stop(): Promise<void> {
    this.isEnding = true;
    this.isGone = true;
    for (const reader of this.readers) reader.stop();
    await this.chain?.stop();
    this.abort.abort();
  }
}

function addReadBacks(all: readonly ReadBack[]): ReadBack {
  const sum = { kept: 0, vanished: 0, changed: 0, gaps: 0 };
  for (const one of all) for (const name of Object.keys(sum) as (keyof ReadBack)[]) sum[name] += one[name];
  return sum;
}
