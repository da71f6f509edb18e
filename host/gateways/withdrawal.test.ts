/**
 * Whatever is cut, lost or killed: a request is done at most once, what was withdrawn before it left is never done, what
 * was withdrawn where its board is begins no more, and each request comes to one outcome that fits.
 *
 * Faults: connections cut, sessions lost, each of three gateways killed and started over its store, commits that fail
 * and are there or not; lanes overtake by themselves. SEED=N RUNS=1 repeats one run.
 */
import { expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { type Random, seededRandom } from "../transports/random.ts";
import { type MessageId, parseMessageId } from "./message-id.ts";
import { Chain, type Site } from "./testing/service-net.ts";

const RUNS = Number(process.env.RUNS ?? 20);
const SEED = Number(process.env.SEED ?? 1);
const STEPS = 40;

interface Asked {
  rq: number;
  id: MessageId;
  at: Site;
  tag: number;
  /** Withdrawn while no byte of it had left. */
  isUnseen: boolean;
}

class Run {
  readonly asked: Asked[] = [];
  private readonly near: Site;
  private count = 0;

  constructor(
    private readonly chain: Chain,
    private readonly random: Random,
  ) {
    this.near = chain.sites[0];
  }

  async step(): Promise<void> {
    const { chain } = this;
    const i = this.pick(chain.lines.length);
    const dice = this.random();
    if (dice < 0.3) await this.ask();
    else if (dice < 0.45) this.cancel();
    else if (dice < 0.65) this.join(i);
    else if (dice < 0.72) chain.lines[i].cut();
    else if (dice < 0.79) chain.lines[i].lose();
    else if (dice < 0.85) await chain.restart(this.pick(chain.sites.length));
    else if (dice < 0.9) chain.sites[this.pick(chain.sites.length)].node.failCommit(this.random() < 0.5);
    else if (dice < 0.95) this.hold();
    await new Promise((resolve) => setTimeout(resolve, this.pick(4)));
  }

  /** All lines stand, boards do what they are asked, and everything comes to its end. */
  async settle(): Promise<void> {
    const { chain } = this;
    for (const site of chain.sites) {
      site.isHolding = false;
      site.asked.release();
    }
    const isOver = () => {
      for (let i = 0; i < chain.lines.length; i++) this.join(i);
      return chain.sites.every(isIdle);
    };
    await until(isOver);
  }

  private async ask(): Promise<void> {
    const tag = ++this.count;
    const gateway = this.random() < 0.7 ? 3n : 2n;
    const timeoutMs = this.random() < 0.2 ? 5 + this.pick(30) : 60_000;
    const { near } = this;
    // Refused while its store takes nothing.
    const board = this.random() < 0.1 ? "nope" : "sim-1";
    const ticket = await near.ask(gateway, board, { ot: "l:note", tag }, timeoutMs).catch(() => null);
    if (ticket === null) return;
    const [[, { frame }]] = await near.node.store.records<{ frame: string }>(
      `q/${String(ticket.rq).padStart(10, "0")}`,
    );
    this.asked.push({ rq: ticket.rq, id: parseMessageId(frame), at: near, tag, isUnseen: false });
  }

  private cancel(): void {
    if (this.asked.length === 0) return;
    // More often one of the newest: those are on their way.
    const asked = this.asked[this.asked.length - 1 - this.pick(Math.min(4, this.asked.length))];
    const packet = this.near.node.mesh.findRequest(asked.id);
    const isUnseen = packet?.hasLeft === false;
    if (this.near.services.requests.cancel(asked.rq) && isUnseen) asked.isUnseen = true;
  }

  private hold(): void {
    const site = this.chain.sites[1 + this.pick(2)];
    site.isHolding = !site.isHolding;
    if (!site.isHolding) site.asked.release();
  }

  private join(i: number): void {
    const line = this.chain.lines[i];
    if (!line.isJoined) line.join();
  }

  private pick(count: number): number {
    return Math.floor(this.random() * count);
  }
}

function isIdle({ node, services, book }: Site): boolean {
  const isEmpty = node.mesh.all().every(({ queue }) => queue.count === 0);
  return isEmpty && services.served.depth === 0 && book.openViews().length === 0 && node.store.fault === null;
}

test(`a withdrawn command is never executed late (${RUNS} runs from seed ${SEED} on)`, async () => {
  const totals = {
    asked: 0,
    delivered: 0,
    cancelled: 0,
    expired: 0,
    unknown: 0,
    rejected: 0,
    unseen: 0,
  };
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    const chain = new Chain(3);
    for (const site of chain.sites) site.boards = ["sim-1"];
    await chain.start();
    const run = new Run(chain, seededRandom(seed));
    try {
      for (let i = 0; i < STEPS; i++) await run.step();
      await run.settle();
      check(run, chain, seed, totals);
    } catch (error) {
      throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
    } finally {
      chain.stop();
    }
  }
  // Each kind of ending was met, else the runs say little.
  expect(
    Object.values(totals).every((count) => count > 0),
    JSON.stringify(totals),
  ).toBe(true);
});

function check(run: Run, { sites }: Chain, seed: number, totals: Record<string, number>): void {
  const done = sites.flatMap((site) => site.done.map(({ tag }) => tag as number));
  const told = `seed ${seed}`;
  expect(new Set(done).size, `${told}: something was done twice: ${done}`).toBe(done.length);
  expect(
    sites.flatMap(({ late }) => late),
    `${told}: done after its withdrawal was committed`,
  ).toEqual([]);
  for (const { rq, at, tag, isUnseen } of run.asked) {
    const { state } = at.book.view(rq)!;
    totals.asked++;
    totals[state]++;
    if (isUnseen) totals.unseen++;
    const isDone = done.includes(tag);
    if (state === "delivered") expect(isDone, `${told}: ${tag} is said to be done`).toBe(true);
    if (state === "expired" || state === "rejected" || isUnseen)
      expect(isDone, `${told}: ${tag} is ${state}, and was done`).toBe(false);
  }
}
