/** The life of the work: it begins, ends, and begins anew, each time in a thread of its own that nothing is left of. */
import { Backoff } from "../host/platform/backoff.ts";
import type { Clock } from "../host/platform/clock.ts";
import type { FromWork, ToWork } from "./words.ts";

//            failed ──after a while──┐
//  begin ──▶ alive ──killed──────────┼──▶ begin
//            returned, stop() ───────┴──▶ over

/** Between the end of work that failed and its next beginning. */
const waits = { leastMs: 100, mostMs: 30_000 };
/** Work that went on for so long is not held to be broken, ms. */
const CALM_MS = 10_000;

/** The thread that does the work, or what stands for it in tests. */
export interface WorkThread {
  post(word: ToWork): void;
  /** onExit follows. */
  terminate(): void;
}

export interface ThreadEvents {
  onWord(word: FromWork): void;
  /** `fault`: why it has ended; "" when nobody knows of one. */
  onExit(fault: string): void;
}

export interface LifeServices {
  clock: Clock;
  random(): number;
  /** One line a change of state. */
  log(text: string): void;
  startThread(events: ThreadEvents): WorkThread;
}

/** How one run of the work ended. */
export type WorkEnd = "killed" | "failed" | "over";

export interface LifeEvents {
  onWord(word: FromWork): void;
  /** The work has ended, its thread is about to: nothing is to be given to it any more. */
  onEnding(): void;
  /** Whether its thread was ended for a kill. */
  wasKilled(): boolean;
  /** `fault` of `failed`. Behind `over` nothing follows. */
  onEnd(end: WorkEnd, fault: string): void;
}

export class WorkLife {
  /** The work has begun, and not ended (MoniQue MON2: is_alive). */
  isAlive = false;
  /** Why it is down, until it has begun anew. */
  fault = "";
  private readonly backoff: Backoff;
  private thread: WorkThread | null = null;
  private timer: NodeJS.Timeout | undefined;
  private beganAt = 0;
  private isStopping = false;
  /** Its last word: that it has returned, or why it failed. */
  private last: { is: "ended" } | { is: "failed"; text: string } | null = null;

  constructor(
    private readonly services: LifeServices,
    private readonly events: LifeEvents,
    private readonly graceMs: number,
  ) {
    this.backoff = new Backoff(() => waits, services.random);
  }

  begin(): void {
    this.beganAt = this.services.clock.now();
    this.last = null;
    this.thread = this.services.startThread({
      onWord: (word) => this.onWord(word),
      onExit: (fault) => this.onExit(fault),
    });
  }

  /** It has its grace to end by itself. */
  stop(): void {
    if (this.isStopping) return;
    this.isStopping = true;
    clearTimeout(this.timer);
    if (this.thread === null) return this.events.onEnd("over", "");
    this.post({ is: "stop" });
    this.timer = setTimeout(() => this.terminate(), this.graceMs);
  }

  /** Nobody hears it between two threads. */
  post(word: ToWork): void {
    this.thread?.post(word);
  }

  terminate(): void {
    this.thread?.terminate();
  }

  /** What is to be told to the thread there is now, and to no later one. */
  poster(): (word: ToWork) => void {
    const { thread } = this;
    return (word) => {
      if (this.thread === thread) thread?.post(word);
    };
  }

  private onWord(word: FromWork): void {
    // The thread goes on until it is ended; what it has now is what it had when its work ended.
    if (this.last !== null && word.is !== "send") return;
    if (word.is === "began") {
      this.isAlive = true;
      this.fault = "";
    } else if (word.is === "ended" || word.is === "failed") {
      this.last = word;
      this.events.onEnding();
      this.terminate();
    } else this.events.onWord(word);
  }

  private onExit(exitFault: string): void {
    const { last } = this;
    this.thread = null;
    this.isAlive = false;
    clearTimeout(this.timer);
    if (this.isStopping || last?.is === "ended") return this.events.onEnd("over", "");
    if (this.services.clock.now() - this.beganAt >= CALM_MS) this.backoff.reset();
    if (this.events.wasKilled()) {
      this.events.onEnd("killed", "");
      this.services.log("the work was killed, and begins anew");
      return this.begin();
    }
    this.fault = last?.text || exitFault || "its thread has ended";
    this.events.onEnd("failed", this.fault);
    const waitMs = this.backoff.next();
    this.services.log(`the work has failed: ${this.fault}; it begins anew in ${Math.round(waitMs)} ms`);
    this.timer = setTimeout(() => this.begin(), waitMs);
  }
}
