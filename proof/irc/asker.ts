/** A robot that asks a board over IRC, one request after the other, each again and again until it is answered. */
import type { Robot } from "../../host/irc/testing/robot.ts";
import { formatDatumTime } from "../../host/irc-iot/datum-time.ts";

/** ms until a request is said again: whoever killed the gateway took what it had heard and not kept. */
const AGAIN_MS = 250;
const LOOK_MS = 20;

export class Asker {
  /** Requests begun, and the `rq` of each that was answered. */
  asked = 0;
  readonly answered = new Set<number>();
  /** Answers that say that it was not done. */
  readonly refused: string[] = [];
  /** Answers that say that who asks was not known. */
  unproved = 0;
  /** Answers that came once more. */
  repeats = 0;
  said = 0;
  private timer: NodeJS.Timeout | null = null;
  private saidAt = -Infinity;
  private read = 0;

  constructor(
    private readonly robot: Robot,
    private readonly to: string,
    /** Tells requests of this run from all others. */
    private readonly run: string,
    private readonly most: number,
  ) {}

  start(): void {
    this.timer = setInterval(() => this.look(), LOOK_MS);
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  get isDone(): boolean {
    return this.answered.size === this.most;
  }

  private look(): void {
    const { datums } = this.robot;
    for (; this.read < datums.length; this.read++) this.take(datums[this.read]);
    const waits = this.asked > this.answered.size;
    if (this.asked === this.most && !waits) return;
    if (waits && performance.now() - this.saidAt < AGAIN_MS) return;
    if (!waits) this.asked++;
    this.say(this.asked);
  }

  private take({ re, src, dst, err, code }: Record<string, unknown>): void {
    if (typeof re !== "number" || src !== this.to || dst !== "asker@proof") return;
    // Behind a line that nobody heard a signature proves nothing; said again it stands behind one that was.
    if (code === "NOT_PROVED") {
      this.unproved++;
      this.saidAt = -Infinity;
      return;
    }
    if (err !== undefined) this.refused.push(`${re}: ${code} ${err}`);
    if (this.answered.has(re)) this.repeats++;
    this.answered.add(re);
  }

  private say(i: number): void {
    if (this.robot.person.isClosed) return;
    this.saidAt = performance.now();
    this.said++;
    const key = `${this.run}-${i}`.padEnd(8, "-");
    const t = formatDatumTime(Date.now());
    this.robot.say("#lab", { ot: "l:do", src: "asker@proof", dst: this.to, t, rq: i, key, i });
  }
}
