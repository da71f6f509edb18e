/**
 * One schedule: boards, a gateway and a disk, to which a seeded sequence of steps happens, everything that can; then all
 * faults stop, and what was accepted must arrive (session part 5).
 */
import { drain } from "./drain.ts";
import { Scene } from "./scene.ts";
import { takeStep } from "./steps.ts";
import type { Story } from "./stories.ts";
import { settle, virtualNow } from "./virtual-time.ts";
import { type Focus, Wheel } from "./wheel.ts";

/** Steps before all faults stop: most of what can go wrong needs few of them. */
const LEAST_STEPS = 40;
const MOST_STEPS = 200;

export interface Played {
  /** The first promise that was broken, or "". */
  broken: string;
  steps: string[];
  packets: number;
  requests: number;
}

export class Schedule {
  private readonly scene: Scene;
  private readonly trace: string[] = [];

  constructor(
    seed: number,
    private readonly focus: Focus,
  ) {
    this.scene = new Scene(seed);
  }

  /** What happens is drawn. */
  play(): Promise<Played> {
    return this.judge(() => this.draw());
  }

  /** What happens is written down. */
  tell(story: Story): Promise<Played> {
    const { scene } = this;
    return this.judge(async () => {
      scene.answersAtOnce = 0;
      scene.database.isPrompt = true;
      await scene.startGateway();
      await story(scene);
    });
  }

  private async judge(run: () => Promise<void>): Promise<Played> {
    const { ledger } = this.scene;
    try {
      await run();
      if (this.scene.isWhole) {
        this.note("all faults stop");
        await drain(this.scene);
      }
    } catch (error) {
      ledger.breaks(`something was thrown: ${error instanceof Error ? error.stack : String(error)}`);
    }
    const { broken, durable, asked } = ledger;
    return { broken, steps: this.trace, packets: durable.length, requests: asked.size };
  }

  private async draw(): Promise<void> {
    const { scene } = this;
    const { chance } = scene;
    const boards = chance.hits(0.3) ? 2 : 1;
    for (let i = 0; i < boards; i++) scene.addBoard(`b${i}`);
    await scene.startGateway();
    const wheel = new Wheel(chance, this.focus);
    const count = chance.integer(LEAST_STEPS, MOST_STEPS);
    for (let i = 0; i < count && scene.isWhole; i++) {
      const step = wheel.turn();
      this.note(step);
      await takeStep(step, scene);
      await settle();
      scene.check();
    }
  }

  private note(what: string): void {
    this.trace.push(`${Math.round(virtualNow())} ${what}`);
  }
}
