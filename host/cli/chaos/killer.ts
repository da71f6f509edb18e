/** Kills the gateway with -9 and starts it again, at moments that a seed spreads over the messages of the run. */
import { setTimeout } from "node:timers/promises";
import { seededRandom } from "../../transports/random.ts";
import type { GatewayChild } from "./gateway-child.ts";

export interface KillerOptions {
  gateway: GatewayChild;
  seed: number;
  kills: number;
  /** Messages of the run, and how many of them have been delivered. */
  packets: number;
  delivered(): number;
  isOver(): boolean;
  /** Just before, and just after: what the gateway knew is gone. */
  beforeKill(): Promise<void>;
  afterKill(): void;
}

/** A second sequence, so that kills and cuts do not move each other. */
const KILL_SEED = 0x6b696c6c;
/** Of the messages, the part over which the kills are spread: after the last there is something left to be sent. */
const SPREAD = 0.95;
const LOOK_MS = 5;
/** ms the gateway stays away, at most; and how long it lives at least once all messages have been delivered. */
const MOST_AWAY_MS = 400;
const LEAST_LIFE_MS = 300;

/** Resolves after the last kill, or when the run is over. */
export async function killGateway(options: KillerOptions): Promise<void> {
  const { gateway, seed, kills, packets, delivered, isOver, beforeKill, afterKill } = options;
  const random = seededRandom(seed ^ KILL_SEED);
  const marks = Array.from({ length: kills }, () => random() * SPREAD * packets).sort((a, b) => a - b);
  for (const mark of marks) {
    const life = LEAST_LIFE_MS * (1 + random());
    const away = MOST_AWAY_MS * random();
    while (!isOver() && delivered() < mark) await setTimeout(LOOK_MS);
    if (delivered() >= packets) await setTimeout(life);
    if (isOver()) return;
    await beforeKill();
    await gateway.kill();
    afterKill();
    await setTimeout(away);
    await gateway.start();
  }
}
