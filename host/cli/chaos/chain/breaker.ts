/** What a seed breaks of a chain, besides its lines: it kills gateways in turn, and holds lines behind which is withdrawn. */
import { setTimeout } from "node:timers/promises";
import { type Random, seededRandom } from "../../../transports/random.ts";
import type { Chain } from "./chain.ts";
import type { ChainGateway } from "./chain-gateway.ts";
import { placesOf, withdrawBehindHeldLine } from "./held-line.ts";

export interface BreakerOptions {
  chain: Chain;
  seed: number;
  kills: number;
  holds: number;
  /** Besides, or in place of, what the seed has: resolves when it has broken what it wanted to. */
  alsoBreak: ((chain: Chain, breaker: Breaker) => Promise<void>) | undefined;
  /** Of all messages, how many have come to the far end: 0…1. */
  progress(): number;
  isOver(): boolean;
  /** Just before a gateway is killed: what it knows will be gone. */
  beforeKill(gateway: ChainGateway): Promise<void>;
}

/** Sequences of their own, so that kills and holds do not move each other. */
const [KILLS, HOLDS] = [0x6b696c6c, 0x686f6c64];
/** Of the messages, the part over which kills and holds are spread. */
const SPREAD = 0.9;
const MOST_AWAY_MS = 400;
const LOOK_MS = 10;

export class Breaker {
  kills = 0;
  /** Gateways that were ended in order and started again. */
  restarts = 0;
  holds = 0;
  isDone = false;

  constructor(private readonly options: BreakerOptions) {}

  /** Resolves when all is broken, or the run is over. */
  async run(): Promise<void> {
    const { chain, alsoBreak } = this.options;
    await Promise.all([this.killInTurn(), this.holdLines(), alsoBreak?.(chain, this)]);
    this.isDone = true;
  }

  /** Resolves when of all messages so many, 0…1, have come to the far end; false: the run is over before that. */
  async untilAt(mark: number): Promise<boolean> {
    const { progress, isOver } = this.options;
    while (progress() < mark && !isOver()) await setTimeout(LOOK_MS);
    return !isOver();
  }

  readonly onAgain = (how: "kill" | "restart"): void => {
    if (how === "restart") this.restarts++;
    else this.kills++;
  };

  /** Each of them, in an order of the seed's, and again. */
  private async killInTurn(): Promise<void> {
    const { chain, seed, kills, beforeKill } = this.options;
    const random = seededRandom(seed ^ KILLS);
    const order = chain.gateways.map((gateway) => ({ gateway, at: random() })).sort((a, b) => a.at - b.at);
    for (const [i, mark] of marksOf(random, kills).entries()) {
      const away = MOST_AWAY_MS * random();
      if (!(await this.untilAt(mark))) return;
      const { gateway } = order[i % order.length];
      await beforeKill(gateway);
      await gateway.again("kill", away);
      this.onAgain("kill");
    }
  }

  private async holdLines(): Promise<void> {
    const { chain, seed, holds, isOver: isGone } = this.options;
    const random = seededRandom(seed ^ HOLDS);
    const places = placesOf(chain.gateways.length);
    for (const [i, mark] of marksOf(random, holds).entries()) {
      const { way } = chain.boards[Math.floor(random() * chain.boards.length)];
      if (!(await this.untilAt(mark))) return;
      const place = places[i % places.length];
      await withdrawBehindHeldLine({ way, place, random, isGone, onAgain: this.onAgain });
      this.holds++;
    }
  }
}

function marksOf(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random() * SPREAD).sort((a, b) => a - b);
}
