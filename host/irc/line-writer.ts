/**
 * Whose line is next, and when: commands of our own, then what waits by lane, as fast as the bucket allows, one take() at a time.
 * What waits for a target that cannot be spoken to now lets the others pass.
 */

import { LineLane, type LineOutcome, type OutLine } from "../irc-iot/line.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { LineQueue } from "./line-queue.ts";
import { isOneLine } from "./names.ts";
import { Receipts } from "./receipts.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Lines that the server may have of us without an answer: bounds what a server that stands still makes us hold. */
const MAX_UNCONFIRMED = 64;
/** A PING counts as much as a line where servers count, so lines go first, until so many wait for one. */
const MAX_UNASKED = 8;
/** Tokens that what nobody waits for leaves to what somebody does: a person who asks is answered while telemetry flows. */
const MAX_SPARED = 2;
/** JOIN, NICK, WHOIS: what waits beyond is dropped, and asked for again by whoever needs it. */
const MAX_COMMANDS = 64;

export interface WriterOptions {
  burst: number;
  perS: number;
  maxQueue: number;
  clock: Clock;
  log: Log;
  /** Bytes of text that a line to the target has room for, now. */
  budget(target: string): number;
  /** Whether the target can be spoken to now. */
  isReady(target: string): boolean;
  /** The deadline may be another one. */
  onChange(): void;
}

export interface WriterCounts {
  confirmed: number;
  withdrawn: number;
  dropped: number;
  lost: number;
  outgrown: number;
  /** ms that something which could have been said waited for the bucket alone. */
  throttledMs: number;
}

export class LineWriter {
  readonly counts: WriterCounts = {
    confirmed: 0,
    withdrawn: 0,
    dropped: 0,
    lost: 0,
    outgrown: 0,
    throttledMs: 0,
  };
  private readonly queue: LineQueue;
  private commands: string[] = [];
  private connection: { write: (line: string) => void; bucket: TokenBucket; receipts: Receipts } | null =
    null;
  /** Whose take() is asked. */
  private taking: OutLine | null = null;
  private isClosing = false;
  /** Since when the bucket alone holds something back; null: it does not. */
  private throttledSince: number | null = null;

  constructor(private readonly options: WriterOptions) {
    this.queue = new LineQueue(options.maxQueue);
  }

  push(line: OutLine): void {
    if (this.isClosing) this.settle(line, "lost");
    else {
      const victim = this.queue.push(line);
      if (victim !== null) this.settle(victim, "dropped");
      this.pump();
    }
  }

  /** A line of ours that is no message. */
  command(line: string): void {
    if (this.connection === null || this.commands.length >= MAX_COMMANDS) return;
    this.commands.push(line);
    this.pump();
  }

  lengthOf(lane: LineLane): number {
    return this.queue.lengthOf(lane);
  }

  get unconfirmed(): number {
    return this.connection?.receipts.length ?? 0;
  }

  /** Nothing that was begun waits for anything. */
  get isIdle(): boolean {
    return this.taking === null && this.unconfirmed === 0;
  }

  /** When tick() wants to be called. */
  get deadline(): number {
    if (this.connection === null) return Number.POSITIVE_INFINITY;
    const { receipts, bucket } = this.connection;
    const now = this.options.clock.now();
    if (this.commands.length > 0 || this.isPingDue(receipts))
      return Math.min(receipts.deadline, bucket.readyAt(now));
    const line = this.canTake(receipts) ? this.next() : undefined;
    if (line === undefined) return receipts.deadline;
    return Math.min(receipts.deadline, bucket.readyAt(now, this.sparedBy(line)));
  }

  connected(write: (line: string) => void): void {
    const { clock, burst, perS } = this.options;
    const now = clock.now();
    const receipts = new Receipts(write, (line, outcome) => this.settle(line, outcome), now);
    this.connection = { write, receipts, bucket: new TokenBucket(burst, perS, now) };
    this.pump();
  }

  disconnected(): void {
    const receipts = this.connection?.receipts;
    this.connection = null;
    this.noteThrottle();
    this.commands = [];
    receipts?.lose();
  }

  heard(): void {
    this.connection?.receipts.heard(this.options.clock.now());
  }

  pong(token: string): void {
    this.connection?.receipts.pong(token);
    this.pump();
  }

  refused(isMeant: (target: string) => boolean): void {
    this.connection?.receipts.refused(isMeant);
  }

  /** -> whether the server is gone. */
  tick(): boolean {
    const isDead = this.connection?.receipts.tick(this.options.clock.now()) ?? false;
    if (!isDead) this.pump();
    return isDead;
  }

  /** Nothing more is begun. */
  close(): void {
    this.isClosing = true;
    for (const line of this.queue.takeAll()) this.settle(line, "lost");
  }

  /** What may leave now leaves. Called also when a target can be spoken to again. */
  pump(): void {
    if (this.connection === null) return;
    this.writeCommands(this.connection);
    this.takeNext(this.connection);
    if (this.connection !== null) this.writePing(this.connection);
    this.noteThrottle();
  }

  private noteThrottle(): void {
    const now = this.options.clock.now();
    const isThrottled = this.connection !== null && this.waitsForBucket(this.connection, now);
    if (isThrottled) this.throttledSince ??= now;
    else if (this.throttledSince !== null) {
      this.counts.throttledMs += now - this.throttledSince;
      this.throttledSince = null;
    }
  }

  private waitsForBucket({ bucket, receipts }: NonNullable<typeof this.connection>, now: number): boolean {
    if (this.commands.length > 0) return true; // all that the bucket had tokens for have left
    const line = this.canTake(receipts) ? this.next() : undefined;
    return line !== undefined && bucket.readyAt(now, this.sparedBy(line)) > now;
  }

  private writeCommands({ bucket, write }: NonNullable<typeof this.connection>): void {
    const now = this.options.clock.now();
    while (this.commands.length > 0 && bucket.take(now)) write(this.commands.shift()!);
  }

  private takeNext({ bucket, receipts }: NonNullable<typeof this.connection>): void {
    if (!this.canTake(receipts) || this.commands.length > 0) return;
    const line = this.next();
    const now = this.options.clock.now();
    if (line === undefined || bucket.readyAt(now, this.sparedBy(line)) > now) return;
    this.queue.remove(line);
    if (line.maxBytes > this.options.budget(line.target)) {
      this.settle(line, "outgrown");
      this.pump();
      return;
    }
    void this.take(line);
  }

  private sparedBy({ lane }: OutLine): number {
    return lane === LineLane.CONTROL ? 0 : Math.min(MAX_SPARED, Math.floor((this.options.burst - 1) / 2));
  }

  private canTake(receipts: Receipts): boolean {
    const hasRoom = receipts.length < MAX_UNCONFIRMED && receipts.unasked < MAX_UNASKED;
    return this.taking === null && hasRoom;
  }

  /** One PING behind all that leaves at once. */
  private isPingDue({ unasked }: Receipts): boolean {
    if (this.taking !== null || unasked === 0) return false;
    return unasked >= MAX_UNASKED || this.next() === undefined;
  }

  private writePing({ bucket, receipts }: NonNullable<typeof this.connection>): void {
    const now = this.options.clock.now();
    // Who stops does not wait for a token.
    if (this.isPingDue(receipts) && (this.isClosing || bucket.take(now))) {
      receipts.flush(now);
      this.takeNext({ bucket, receipts, write: this.connection!.write });
    }
  }

  private next(): OutLine | undefined {
    return this.queue.first((line) => this.options.isReady(line.target));
  }

  private async take(line: OutLine): Promise<void> {
    const asked = this.connection;
    this.taking = line;
    let outcome: LineOutcome | null = "lost";
    try {
      const text = await line.take();
      outcome = text === null ? "withdrawn" : asked === this.connection ? this.write(line, text) : "lost";
    } catch (error) {
      this.options.log.warn(
        { target: line.target, err: error },
        "a line was not sent: its text could not be had",
      );
    }
    this.taking = null;
    if (outcome !== null) this.settle(line, outcome);
    this.pump();
    this.options.onChange();
  }

  /** -> what became of it when it was not written. */
  private write(line: OutLine, text: string): LineOutcome | null {
    const size = Buffer.byteLength(text);
    if (!isOneLine(text) || text === "" || size > line.maxBytes) {
      const seen = `${size} bytes; one line of 1 to ${line.maxBytes} bytes is allowed`;
      this.options.log.error({ target: line.target, size }, `a line was not sent: ${seen}`);
      return "withdrawn";
    }
    if (size > this.options.budget(line.target)) return "outgrown";
    const { write, receipts, bucket } = this.connection!;
    bucket.spend(this.options.clock.now());
    receipts.wrote(line);
    write(`PRIVMSG ${line.target} :${text}`);
    return null;
  }

  private settle(line: OutLine, outcome: LineOutcome): void {
    this.counts[outcome]++;
    try {
      line.onOutcome(outcome);
    } catch (error) {
      this.options.log.error(
        { target: line.target, err: error },
        `hearing that a line was ${outcome} ended in an error`,
      );
    }
  }
}
