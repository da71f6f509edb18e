/** What happens in the middle of the queue's own calls: each once, when its place is reached. */

/** A place in the queue's own calls at which something else may happen. */
export type Point = "write" | "outcome" | "number" | "signal";

export class Surprises {
  /** Of them, those that have come. */
  reached = 0;
  private readonly waiting: { point: Point; run(): void }[] = [];

  add(point: Point, run: () => void): void {
    this.waiting.push({ point, run });
  }

  reach(point: Point): void {
    const at = this.waiting.findIndex((one) => one.point === point);
    if (at < 0) return;
    this.reached++;
    this.waiting.splice(at, 1)[0].run();
  }

  clear(): void {
    this.waiting.length = 0;
  }
}
