/** One configured serial port as the gateway has it: kept open, watched, lent, shown, one line for each change (users 7–9). */
import type { Clock } from "../platform/clock.ts";
import type { BowlineError } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import { lowerLatency } from "../transports/latency-timer.ts";
import { SerialPortKeeper, type SerialPortKeeperOptions } from "../transports/serial-port-keeper.ts";
import { type DueStep, SilenceLadder, type Step, stepsFor } from "../transports/silence-ladder.ts";
import { stableNameAdvice } from "../transports/stable-name.ts";
import type { Transport } from "../transports/transport.ts";
import { Lender, type Loan, type LoanView } from "./lender.ts";
import { quietLog } from "./quiet-log.ts";

/** A board that lives says something every heartbeat: fewer than three missed prove nothing. */
const HEARTBEATS_MISSED = 3;

/** As in the configuration's `serial`. */
export interface CableSettings {
  path: string;
  baud: number;
  resetOnOpen: "never" | "always" | "if_silent";
  syncIntervalMaxMs: number;
  silentAfterS: number;
  reopenWhenSilent: boolean;
  rebindWhenSilent: boolean;
}

/** What is asked of the connection on an open port. */
export interface Carried {
  /** Valid frames heard so far. */
  readonly frames: number;
  /** The board has taken no byte for a while. */
  readonly isStalled: boolean;
}

export interface CableContext {
  log: Log;
  clock: Clock;
  /** Speaks over the transport; `onOver` once it is gone. */
  connect(transport: Transport, log: Log, onOver: () => void): Carried;
  /** For tests: instead of the real port. */
  port?: Pick<SerialPortKeeperOptions, "open" | "identify" | "rebind" | "release">;
  root?: string;
}

/** How verbs and API show it. */
export interface CableView {
  path: string;
  open: boolean;
  /** Why it is not open; "" when it is. */
  waitingFor: string;
  /** What mends that; "" where nothing is known to. */
  mend: string;
  /** `open`: nothing was heard yet; `silent`: steps are taken; `stalled`: the board takes nothing; `lent`: see below. */
  state: "waiting" | "open" | "speaking" | "silent" | "stalled" | "lent";
  /** To whom another program has it from us; null when it is ours. */
  lent: LoanView | null;
  openings: number;
  /** Steps taken against silence. */
  reopened: number;
  reset: number;
  rebound: number;
  /** How long the adapter holds bytes back; null where it has no such timer, or is not open. */
  latencyMs: number | null;
}

const doing: Readonly<Record<Step, string>> = {
  reopen: "the port is reopened",
  reset: "the board is reset by DTR and RTS",
  rebind: "its USB device is rebound",
};

export class Cable {
  private readonly keeper: SerialPortKeeper;
  private readonly ladder: SilenceLadder;
  private readonly lender: Lender;
  /** For what a failed opening after another has no news of. */
  private readonly log: Log;
  private carried: Carried | null = null;
  private waitingFor = "";
  private mend = "";
  private openings = 0;
  /** Openings that failed, by their error's code. */
  private readonly failures = new Map<string, number>();
  private latencyMs: number | null = null;
  /** The last opening brought no frame; this one follows such a one, and nothing else was told in between. */
  private wasFruitless = false;
  private isRetry = false;
  private failedStep = "";
  private readonly toldAdvice = new Set<string>();
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly settings: CableSettings,
    private readonly context: CableContext,
  ) {
    const { path, baud, resetOnOpen, silentAfterS, syncIntervalMaxMs } = settings;
    const isFruitless = () => this.isRetry && (this.carried?.frames ?? 0) === 0;
    this.log = quietLog(context.log, () => this.lender.current !== null || isFruitless());
    this.ladder = new SilenceLadder(
      silentAfterS === 0 ? [] : stepsOf(settings),
      Math.max(silentAfterS * 1000, HEARTBEATS_MISSED * syncIntervalMaxMs),
    );
    this.keeper = new SerialPortKeeper({
      path,
      baud,
      resetOnOpen,
      ladder: this.ladder,
      onTransport: (transport) => this.begin(transport),
      onWaiting: (error) => this.wait(error),
      onFailed: (code) => this.failures.set(code, (this.failures.get(code) ?? 0) + 1),
      onStep: (due) => this.tellStep(due),
      onStepFailed: (error) => this.tellFailure(error),
      onHeardAgain: () => context.log.info({ path, event: "mended" }, "a board speaks again"),
      ...context.port,
    });
    const { log, clock } = context;
    const [close, reopen] = [() => this.takeAside(), () => this.takeBack()];
    this.lender = new Lender({ path, baud, log, clock, close, reopen });
  }

  start(): void {
    this.look(async () => this.advise(await stableNameAdvice(this.settings.path, this.context.root)));
    this.keeper.start();
  }

  async stop(): Promise<void> {
    await this.keeper.stop();
    await this.looking;
  }

  get path(): string {
    return this.settings.path;
  }

  /**
   * Closes the port for another program, `to`, until it is given back; resolves once it is closed. The board's session
   * stays, as after any cut. Rejects with PORT_LENT, or PORT_STUCK when it cannot be closed.
   */
  lend(to: string): Promise<Loan> {
    return this.lender.lend(to);
  }

  /** How often the port was opened, and was not, by the error's code. */
  get openingCounts(): { opened: number; failed: ReadonlyMap<string, number> } {
    return { opened: this.openings, failed: this.failures };
  }

  get view(): CableView {
    const { reopen, reset, rebind } = this.ladder.counts;
    return {
      path: this.settings.path,
      open: this.carried !== null,
      waitingFor: this.waitingFor,
      mend: this.waitingFor === "" ? "" : this.mend,
      state: this.state,
      lent: this.lender.current,
      openings: this.openings,
      reopened: reopen,
      reset,
      rebound: rebind,
      latencyMs: this.carried === null ? null : this.latencyMs,
    };
  }

  private get state(): CableView["state"] {
    if (this.lender.current !== null) return "lent";
    if (this.carried === null) return "waiting";
    if (this.carried.isStalled) return "stalled";
    if (this.carried.frames > 0) return "speaking";
    return this.ladder.isClimbing ? "silent" : "open";
  }

  private takeAside(): Promise<void> {
    this.waitingFor = "";
    return this.keeper.lend();
  }

  private takeBack(): void {
    // Whether a board spoke before says nothing of now.
    this.wasFruitless = false;
    this.keeper.giveBack();
  }

  private begin(transport: Transport): () => number {
    const { path } = this.settings;
    this.isRetry = this.wasFruitless;
    this.waitingFor = "";
    this.openings++;
    this.log.info({ path, event: "up" }, "port open");
    const carried = this.context.connect(transport, this.log, () => {
      this.wasFruitless = carried.frames === 0;
      this.carried = null;
    });
    this.carried = carried;
    this.look(async () => {
      const { ms, advice } = await lowerLatency(path, this.context.root);
      this.latencyMs = ms;
      this.advise(advice);
    });
    return () => carried.frames;
  }

  private wait(error: BowlineError): void {
    this.wasFruitless = false;
    this.waitingFor = error.message;
    this.mend = error.mend;
    const { path } = this.settings;
    this.context.log.warn({ path, event: "fault", code: error.code, mend: error.mend }, error.message);
  }

  private tellStep({ step, silentMs, isFirst }: DueStep): void {
    const text = `no valid frame for ${Math.round(silentMs / 1000)} s: ${doing[step]}`;
    const { path } = this.settings;
    if (isFirst) this.context.log.warn({ path, event: "fault" }, text);
    else this.context.log.debug({ path }, text);
  }

  /** Once for each thing that is wrong. */
  private tellFailure(error: BowlineError): void {
    if (this.failedStep === error.code) return;
    this.failedStep = error.code;
    this.context.log.warn({ path: this.settings.path, event: "fault", code: error.code }, error.message);
  }

  private advise(advice: string): void {
    if (advice === "" || this.toldAdvice.has(advice)) return;
    this.toldAdvice.add(advice);
    this.context.log.warn({ path: this.settings.path }, advice);
  }

  /** One after the other, and to the end before stop() resolves. */
  private look(task: () => Promise<void>): void {
    this.looking = this.looking.then(task);
  }
}

function stepsOf({ resetOnOpen, reopenWhenSilent, rebindWhenSilent }: CableSettings): Step[] {
  return stepsFor({ resetOnOpen, reopen: reopenWhenSilent, rebind: rebindWhenSilent });
}
