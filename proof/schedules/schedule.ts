/**
 * One schedule: boards, a gateway and a disk, to which a seeded sequence of steps happens, everything that can; then all
 * faults stop, and what was accepted must arrive (session part 5).
 */
import type { KeyStore } from "../../host/admission/key-store.ts";
import { openKeys } from "../../host/admission/key-store.ts";
import type { Outcome } from "../../host/peers/request-book.ts";
import { BowlineError } from "../../host/platform/errors.ts";
import { type Random, randomInteger, seededRandom } from "../../host/transports/random.ts";
import { Board, type Network } from "./board.ts";
import type { Carriage } from "./board-program.ts";
import { CrashingDatabase } from "./crashing-database.ts";
import { GatewayLife } from "./gateway-life.ts";
import { Ledger } from "./ledger.ts";
import type { Story } from "./stories.ts";
import { beginTime, forgetTimers, runTo, settle, virtualNow } from "./virtual-time.ts";

/** Of one firmware tick, ms; in a long time there are fewer of them. */
const TICK_MS = 50;
const MOST_TICKS = 15;
/** Time within which everything must have arrived once nothing fails any more, ms. */
const DRAIN_MS = 400_000;
const DRAIN_STEP_MS = 250;
/** An unconfirmed session lives 10 s after its last connection (session D9). */
const ORPHAN_MS = 13_000;
/** Steps before all faults stop: most of what can go wrong needs few of them. */
const LEAST_STEPS = 40;
const MOST_STEPS = 200;
const REFUSALS = ["DEVICE_UNKNOWN", "QUEUE_FULL", "REQUEST_TOO_BIG", "STORE_FAILED"];

/** What can happen, and how often beside the rest. The faults of a schedule are some of them. */
const steps = {
  publish: 12,
  deliverUp: 10,
  deliverSomeUp: 8,
  deliverDown: 10,
  deliverSomeDown: 8,
  wait: 12,
  waitLong: 4,
  commit: 14,
  join: 10,
  ask: 4,
  answer: 4,
  startGateway: 6,
} as const;
const faults = {
  failCommit: 1.2,
  failCommitThatIsThere: 1.2,
  failOpening: 0.6,
  crash: 0.8,
  cutBoth: 1,
  cutBoard: 1.5,
  cutHost: 1,
  refuse: 1,
  move: 0.8,
  reboot: 0.6,
  outage: 0.5,
  lateWord: 2,
  fill: 1,
  spoil: 0.7,
  cancel: 1.5,
  proof: 0.5,
  twin: 1,
} as const;
type Step = keyof typeof steps | keyof typeof faults;
export type Focus = Partial<Record<Step, number>>;

export interface Played {
  /** The first promise that was broken, or "". */
  broken: string;
  steps: string[];
  packets: number;
  requests: number;
}

export class Schedule {
  private readonly random: Random;
  private readonly ledger = new Ledger();
  readonly database: CrashingDatabase;
  readonly keys: KeyStore = openKeys("memory");
  private readonly boards: Board[] = [];
  private readonly hasKey: boolean;
  private gateway: GatewayLife | null = null;
  private readonly aborts = new Map<number, AbortController>();
  /** How often a request is answered as soon as it has run. */
  answersAtOnce = 0.6;
  private gateways = 0;
  private readonly trace: string[] = [];

  /** `focus`: how often some steps happen in every schedule, in place of what is drawn. */
  constructor(
    seed: number,
    private readonly focus: Focus,
  ) {
    beginTime(seed);
    this.random = seededRandom(seed ^ 0x5eed);
    this.database = new CrashingDatabase((changes) => this.ledger.flushed(changes));
    this.hasKey = this.chance(0.4);
  }

  /** What happens is drawn. */
  play(): Promise<Played> {
    return this.judge(() => this.run());
  }

  /** What happens is written down; then all faults stop here as well. */
  tell(story: Story): Promise<Played> {
    return this.judge(async () => {
      this.answersAtOnce = 0;
      this.database.isPrompt = true;
      await this.startGateway();
      await story(this);
      if (this.isWhole) await this.drain();
    });
  }

  private async judge(run: () => Promise<void>): Promise<Played> {
    try {
      await run();
    } catch (error) {
      this.ledger.breaks(`something was thrown: ${error instanceof Error ? error.stack : String(error)}`);
    }
    const { broken, durable, asked } = this.ledger;
    return { broken, steps: this.trace, packets: durable.length, requests: asked.size };
  }

  private async run(): Promise<void> {
    const boards = this.chance(0.3) ? 2 : 1;
    for (let i = 0; i < boards; i++) this.addBoard(`b${i}`);
    await this.startGateway();
    const wheel = this.drawWheel();
    const count = randomInteger(this.random, LEAST_STEPS, MOST_STEPS);
    for (let i = 0; i < count && this.isWhole; i++) {
      const step = this.turn(wheel);
      this.trace.push(`${Math.round(virtualNow())} ${step}`);
      await this.take(step);
      await settle();
      this.check();
    }
    if (this.isWhole) await this.drain();
  }

  addBoard(
    id: string,
    hasKey = this.hasKey,
    kind: () => Carriage = () => (this.chance(0.6) ? "tcp" : "serial"),
  ): Board {
    const key = hasKey ? this.keys.draw(id).toString("base64") : undefined;
    const network: Network = this.network();
    const board = new Board(
      id,
      key,
      this.ledger,
      network,
      () => this.chance(this.answersAtOnce),
      this.random,
    );
    board.kind = kind();
    this.boards.push(board);
    board.boot();
    return board;
  }

  private network(): Network {
    const isReachable = () => this.gateway?.isReady === true;
    return {
      get isReachable() {
        return isReachable();
      },
      accept: (wire) => this.gateway?.connect(wire),
      onHostOutput: (chunk, kind) => this.see(chunk, kind),
    };
  }

  /** On a socket a packet is seen as it leaves; on a cable it may be cut into frames. */
  private see(chunk: Uint8Array, kind: Carriage): void {
    if (kind === "serial") return;
    const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1");
    for (const [, rq] of text.matchAll(/"rq":(\d+)/g)) this.ledger.leaves(Number(rq));
  }

  /** Each kind of fault belongs to some schedules only: what one hides, another shows. */
  private drawWheel(): [Step, number][] {
    const wheel = new Map(Object.entries(steps) as [Step, number][]);
    // A disk that is slow, boards that are asked much or seldom.
    for (const step of ["commit", "ask"] as const) wheel.set(step, steps[step] * this.pick([0.2, 0.5, 1, 2]));
    const most = this.random();
    for (const [fault, weight] of Object.entries(faults) as [Step, number][])
      if (this.random() < most) wheel.set(fault, weight * this.pick([0.5, 1, 1, 2, 5]));
    for (const [step, weight] of Object.entries(this.focus) as [Step, number][]) wheel.set(step, weight);
    return [...wheel];
  }

  private turn(wheel: [Step, number][]): Step {
    let at = this.random() * wheel.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [step, weight] of wheel) {
      at -= weight;
      if (at < 0) return step;
    }
    return "wait";
  }

  private async take(step: Step): Promise<void> {
    const board = this.pick(this.boards);
    switch (step) {
      case "publish":
        for (let i = randomInteger(this.random, 1, 4); i > 0; i--) board.publish();
        return;
      case "deliverUp":
        return board.wire?.deliverUp(Infinity);
      case "deliverSomeUp":
        return board.wire?.deliverUp(randomInteger(this.random, 1, 60));
      case "deliverDown":
        return board.wire?.deliverDown(Infinity);
      case "deliverSomeDown":
        return board.wire?.deliverDown(randomInteger(this.random, 1, 60));
      case "wait":
        return this.wait(randomInteger(this.random, 1, 60));
      case "waitLong":
        return this.wait(randomInteger(this.random, 100, 4000));
      case "outage":
        return this.wait(this.chance(0.5) ? 300_000 : randomInteger(this.random, 4000, 30_000));
      case "commit":
        return this.database.succeed();
      case "failCommit":
        return this.database.fail(false);
      case "failCommitThatIsThere":
        return this.database.fail(true);
      case "failOpening":
        this.database.openFailures = randomInteger(this.random, 1, 2);
        return;
      case "join":
        return board.join();
      case "refuse":
        return board.refuse();
      case "ask":
        return this.ask(board);
      case "answer":
        return board.answer(0);
      case "cancel":
        return this.cancel();
      case "startGateway":
        return this.startGateway();
      case "crash":
        return this.crash();
      case "reboot":
        return board.reboot();
      case "move":
        return board.move();
      case "cutBoth":
        board.wire?.endForHost("cut");
        return board.wire?.endForBoard();
      case "cutBoard":
        if (board.wire !== null) board.wire.isSilent = true;
        return board.wire?.kind === "tcp" ? board.wire.endForBoard() : undefined;
      case "cutHost":
        if (board.wire !== null) board.wire.isSilent = true;
        return board.wire?.endForHost("cut");
      case "lateWord":
        if (board.stale.length > 0) this.pick(board.stale).deliverUp(randomInteger(this.random, 1, 200));
        return;
      case "fill":
        if (board.wire === null) return;
        if (board.wire.isFull) board.wire.drain();
        else board.wire.isFull = true;
        return;
      case "spoil":
        // Only a cable loses bytes: what a socket carries is exact.
        if (board.wire?.kind !== "serial") return;
        (this.chance(0.5) ? board.wire.up : board.wire.down).deliver(
          randomInteger(this.random, 1, 9),
          () => {},
        );
        return;
      case "proof":
        return this.switchProof(board);
      case "twin":
        return board.switchTwin();
    }
  }

  async wait(ms: number): Promise<void> {
    const end = virtualNow() + ms;
    const stride = Math.max(TICK_MS, ms / MOST_TICKS);
    while (virtualNow() < end) {
      await runTo(Math.min(end, virtualNow() + stride));
      for (const board of this.boards) board.tick();
      await settle();
    }
  }

  async startGateway(): Promise<void> {
    if (this.gateway !== null) return;
    const number = ++this.gateways;
    const gateway = new GatewayLife(this.database, this.keys, {
      onFault: (text) => this.ledger.breaks(text),
      onDropped: (code) => this.ledger.dropped("the gateway", code),
    });
    this.gateway = gateway;
    void gateway.open().then(
      () => this.onOpen(gateway),
      async (error) => {
        if (this.gateway !== gateway) return;
        if (!(error instanceof BowlineError) || error.code !== "STORE_FAILED")
          this.ledger.breaks(`gateway ${number} does not start: ${error.stack}`);
        await this.crash();
      },
    );
    await settle();
  }

  /** It is there again: consumers read on from where they were, and whoever waited for a request asks for it. */
  private async onOpen(gateway: GatewayLife): Promise<void> {
    const { store, book, router } = gateway;
    for (const message of await store.read(this.ledger.consumed + 1, 1e6)) this.ledger.consume(message);
    router.messages.subscribe((message) => this.ledger.consume(message));
    for (const { rq, device } of this.ledger.asked.values()) {
      const outcome = book.outcome(rq);
      if (outcome === undefined)
        this.ledger.breaks(`request ${rq} was accepted, and gateway ${this.gateways} does not know it`);
      else void this.hear(rq, device, outcome, gateway);
    }
  }

  private async hear(
    rq: number,
    device: string,
    outcome: Promise<Outcome>,
    gateway: GatewayLife,
  ): Promise<void> {
    const end = await outcome;
    if (this.gateway !== gateway) return;
    this.ledger.told(rq, end, this.boardOf(device).newest.number);
  }

  async crash(isThere?: boolean): Promise<void> {
    if (this.gateway === null) return;
    this.gateway = null;
    this.aborts.clear();
    forgetTimers();
    const tellsBoards = this.chance(0.5);
    for (const board of this.boards) board.loseGateway(tellsBoards);
    await this.database.crash(isThere ?? this.chance(0.5));
  }

  ask(
    board: Board,
    timeoutMs = this.pick([500, 3000, 20_000, 90_000, 600_000]),
    mayRetry = () => this.chance(0.3),
  ): void {
    const { gateway } = this;
    if (gateway === null || !gateway.isReady) return;
    const retry = mayRetry();
    const abort = new AbortController();
    const message = { ot: "run", ...(retry && { retry }), s: "y".repeat(randomInteger(this.random, 0, 60)) };
    const life = this.ledger.metLife(board.id);
    const deadline = virtualNow() + timeoutMs;
    void gateway.router.submit(board.id, message, timeoutMs, { signal: abort.signal }).then(
      ({ rq, outcome }) => {
        if (this.gateway !== gateway) return;
        this.ledger.ask({
          rq,
          device: board.id,
          retry,
          deadline,
          life,
          isNumbered: true,
          neverLeaves: false,
          outcome: "",
        });
        this.aborts.set(rq, abort);
        void this.hear(rq, board.id, outcome, gateway);
      },
      (error) => {
        if (!(error instanceof BowlineError) || !REFUSALS.includes(error.code))
          this.ledger.breaks(`a request was refused: ${error.stack}`);
      },
    );
  }

  cancel(): void {
    const waiting = [...this.aborts].filter(([rq]) => this.ledger.asked.get(rq)!.outcome === "");
    if (waiting.length === 0) return;
    const [rq, abort] = this.pick(waiting);
    this.ledger.cancels(rq);
    abort.abort();
  }

  /** The gateway forgets the board's key, or knows it again: over a cable both are admitted. */
  private switchProof(board: Board): void {
    if (board.key === undefined) return;
    if (!this.keys.remove(board.id)) this.restoreKey(board);
  }

  restoreKey(board: Board): void {
    if (board.key !== undefined && this.keys.get(board.id) === undefined)
      this.keys.draw(board.id).set(Buffer.from(board.key, "base64"));
  }

  check(): void {
    for (const board of this.boards) for (const life of board.known) this.ledger.checkLife(board.id, life);
  }

  private async drain(): Promise<void> {
    this.trace.push(`${Math.round(virtualNow())} all faults stop`);
    this.answersAtOnce = 1;
    this.database.isPrompt = true;
    this.database.openFailures = 0;
    await this.database.succeed();
    await settle();
    for (const board of this.boards) {
      board.endTwin();
      this.restoreKey(board);
      while (board.life.unanswered.length > 0) board.answer(0);
    }
    const end = virtualNow() + DRAIN_MS;
    let isAsked = false;
    for (;;) {
      await this.startGateway();
      for (const board of this.boards) if (board.life.published === 0) board.publish();
      await this.carry();
      if (!this.isWhole) return;
      // Asked before its present life was heard of, a request may go to the one before.
      if (
        !isAsked &&
        this.boards.every((board) => this.hasAll(board)) &&
        this.gateway?.store.fault === null
      ) {
        isAsked = true;
        for (const board of this.boards) this.ask(board, DRAIN_MS);
        await settle();
      }
      if (isAsked && this.missing() === "") break;
      if (virtualNow() >= end)
        return this.ledger.breaks(`no end ${DRAIN_MS / 1000} s after the last fault: ${this.missing()}`);
      await this.wait(DRAIN_STEP_MS);
    }
    for (let ms = 0; ms < ORPHAN_MS; ms += 1000) {
      await this.carry();
      await this.wait(1000);
    }
    this.checkLeftovers();
  }

  /** All packets of its present life, at least one, are in the store. */
  private hasAll({ life }: Board): boolean {
    return (
      life.durable > 0 && life.durable === life.program.peer.nextSeq - 1 && life.program.heldCount() === 0
    );
  }

  /** Everything that is on its way arrives. */
  private async carry(): Promise<void> {
    for (let round = 0; round < 20; round++) {
      let moved = 0;
      for (const board of this.boards) {
        board.join();
        for (const wire of board.allWires) {
          wire.drain();
          moved += wire.up.size + wire.down.size;
          wire.deliverUp(Infinity);
          await settle();
          wire.deliverDown(Infinity);
        }
      }
      await settle();
      this.check();
      if (moved === 0) return;
    }
  }

  /** What has not arrived, or "". */
  private missing(): string {
    const { gateway, ledger } = this;
    if (gateway === null || !gateway.isReady) return "the gateway does not start";
    const { pending, fault } = gateway.store.fill;
    if (fault !== "") return `the store takes nothing: ${fault}`;
    if (pending > 0) return `${pending} messages wait in the store`;
    for (const board of this.boards) {
      const { program, durable, number } = board.life;
      const numbered = program.peer.nextSeq - 1;
      if (program.heldCount() > 0 || durable < numbered)
        return `${durable} of ${numbered} packets of life ${number} of ${board.id} are in the store, it holds ${program.heldCount()}`;
    }
    for (const { rq, outcome } of ledger.asked.values())
      if (outcome === "") return `request ${rq} has no outcome`;
    if (ledger.consumed < ledger.durable.length)
      return `the consumer was told of ${ledger.consumed} of ${ledger.durable.length}`;
    return "";
  }

  /** Nothing is kept of what is over. */
  private checkLeftovers(): void {
    const { table, sessions } = this.gateway!;
    const open = [...sessions.all()].length;
    if (open !== this.boards.length)
      this.ledger.breaks(`${open} sessions are left of ${this.boards.length} boards`);
    for (const { id } of this.boards) {
      const device = table.get(id)!;
      if (device.requests.depth > 0) this.ledger.breaks(`${device.requests.depth} packets for ${id} wait`);
      if (device.counts.missing > 0)
        this.ledger.breaks(`${device.counts.missing} messages of ${id} are said to be missing`);
    }
    this.ledger.checkLast(this.boards.map(({ id }) => id));
  }

  private boardOf(id: string): Board {
    return this.boards.find((board) => board.id === id)!;
  }

  private get isWhole(): boolean {
    return this.ledger.broken === "";
  }

  private pick<T>(all: readonly T[]): T {
    return all[Math.floor(this.random() * all.length)];
  }

  private chance(p: number): boolean {
    return this.random() < p;
  }
}
