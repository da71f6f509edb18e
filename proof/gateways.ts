/**
 * Three gateways in a chain, as users run them, with a board at each end that the other end hears and asks. Under that
 * load, each in turn, in an order of the seed's: its lines are cut, it is killed with -9, it is restarted in order; and
 * meanwhile lines are held while requests behind them are withdrawn. What the boards printed is the truth.
 */
import { fileURLToPath } from "node:url";
import type { Breaker } from "../host/cli/chaos/chain/breaker.ts";
import type { Chain } from "../host/cli/chaos/chain/chain.ts";
import { ChainRun } from "../host/cli/chaos/chain/chain-run.ts";
import { formatReport, summaryOf } from "../host/cli/chaos/report.ts";
import { seededRandom } from "../host/transports/random.ts";
import { hold, type Proof } from "./proof.ts";

const GATEWAYS = 3;
const BOARDS = 2;
/** Messages for each time that every gateway had its turn. */
const ROUND = 600;
const HOLDS = 4;
const MOST_AWAY_MS = 200;
/** Of the messages, the part over which the turns are spread. */
const SPREAD = 0.9;
/** Beside this program. */
const besideProgram = (name: string) => fileURLToPath(new URL(name, import.meta.url));

type Blow = "cut" | "kill" | "restart";
const blows: readonly Blow[] = ["cut", "kill", "restart"];

class Turns {
  private readonly random: () => number;
  readonly done: Record<Blow, number> = { cut: 0, kill: 0, restart: 0 };

  constructor(
    seed: number,
    private readonly rounds: number,
  ) {
    this.random = seededRandom(seed);
  }

  readonly take = async (chain: Chain, breaker: Breaker): Promise<void> => {
    const turns = Array.from({ length: this.rounds }, () => this.shuffle(chain.gateways)).flat();
    const steps = turns.flatMap((gateway) => blows.map((blow) => ({ gateway, blow })));
    for (const [i, { gateway, blow }] of steps.entries()) {
      if (!(await breaker.untilAt((SPREAD * (i + this.random())) / steps.length))) return;
      if (blow === "cut") {
        const { number } = gateway;
        for (const line of chain.between.slice(Math.max(0, number - 2), number)) line.cut("reset");
      } else {
        await gateway.again(blow, this.random() * MOST_AWAY_MS);
        breaker.onAgain(blow);
      }
      this.done[blow]++;
    }
  };

  private shuffle<T>(all: readonly T[]): T[] {
    const drawn = all.map((one) => ({ one, at: this.random() }));
    return drawn.sort((a, b) => a.at - b.at).map(({ one }) => one);
  }
}

async function runGateways(seed: number, scale: number): Promise<string> {
  const rounds = Math.ceil(scale / ROUND);
  const turns = new Turns(seed, rounds);
  const run = new ChainRun({
    program: besideProgram("bowline.mjs"),
    bundle: besideProgram("device/chaos.js"),
    env: process.env,
    ...{ seed, gateways: GATEWAYS, boards: BOARDS, packets: scale, holds: HOLDS * rounds },
    ...{ cuts: 0, kills: 0, isPowercut: false, set: [], alsoBreak: turns.take },
    signal: new AbortController().signal,
    onProgress() {},
  });
  const report = await run.run();
  hold(summaryOf(report) === "", () => formatReport(report).join("\n"));
  const { far, requests } = report.chain!;
  for (const blow of blows)
    hold(
      turns.done[blow] === GATEWAYS * rounds,
      () => `${turns.done[blow]} of ${GATEWAYS * rounds} ${blow}s`,
    );
  hold(far.delivered === scale, () => `${far.delivered} of ${scale} messages came to the far end`);
  hold(requests.forbidden > 0, "nothing was withdrawn behind a held line");
  return (
    `each of ${GATEWAYS} gateways cut, killed and restarted ${rounds} times: ${far.delivered} messages across and ` +
    `${report.down.delivered} requests carried out, once and in order; ${requests.withdrawn} withdrawn, ` +
    `${requests.forbidden} of them behind ${report.chain!.holds} held lines, none of which was carried out`
  );
}

export const gateways: Proof = {
  name: "gateways",
  promise:
    "gateways in a chain, each cut, killed and restarted under load: once, in order, and nothing withdrawn runs late",
  unit: "messages",
  scale: ROUND,
  run: runGateways,
};
