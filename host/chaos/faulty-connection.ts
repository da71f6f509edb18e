/**
 * Two sockets joined by a bad line: what comes in at one goes out at the other, late, cut differently, and only until
 * the connection's fate strikes.
 */
import type { Socket } from "node:net";
import { FaultyLine } from "../transports/faulty.ts";
import type { Ending, Fate } from "./fault-plan.ts";

/** ms an end that was told nothing stays open: longer than a heartbeat is waited for, in a run of ours. */
const LINGER_MS = 5000;

export interface FaultyConnectionOptions {
  /** Who called, and whom it called. */
  near: Socket;
  far: Socket;
  fate: Fate;
  /** Asked when the fate is about to strike: false, and the connection goes on unharmed. */
  mayCut(): boolean;
  onCut(ending: Ending): void;
  onBytes(count: number): void;
  /** Both sockets have gone. */
  onOver(): void;
}

interface Lane {
  from: Socket;
  to: Socket;
  line: FaultyLine;
  way: "up" | "down";
  /** The sender has said that nothing more comes. */
  isEnding: boolean;
}

export class FaultyConnection {
  private readonly lanes: readonly [Lane, Lane];
  private timer: NodeJS.Timeout | undefined;
  private lingering: NodeJS.Timeout | undefined;
  private carried = 0;
  private isCut = false;
  private open = 2;

  constructor(private readonly options: FaultyConnectionOptions) {
    const { near, far, fate } = options;
    this.lanes = [
      { from: near, to: far, line: new FaultyLine(fate.up), way: "up", isEnding: false },
      { from: far, to: near, line: new FaultyLine(fate.down), way: "down", isEnding: false },
    ];
  }

  start(): void {
    for (const lane of this.lanes) {
      const { from } = lane;
      from.setNoDelay(true);
      from.on("data", (chunk) => this.receive(lane, chunk));
      from.on("end", () => {
        lane.isEnding = true;
        this.carry();
      });
      from.on("drain", () => this.other(lane).from.resume());
      // 'close' follows, and says that there was one.
      from.on("error", () => {});
      from.on("close", (hadError) => this.lose(lane, hadError));
    }
  }

  /** Breaks it now, whatever its fate. */
  cut(ending: Ending): void {
    if (this.isCut) return;
    this.isCut = true;
    clearTimeout(this.timer);
    this.options.onCut(ending);
    const { near, far } = this.options;
    if (ending === "close") for (const socket of [near, far]) socket.destroy();
    if (ending === "reset" || ending === "near") near.resetAndDestroy();
    if (ending === "reset" || ending === "far") far.resetAndDestroy();
    if (this.open > 0) this.lingering = setTimeout(() => this.stop(), LINGER_MS);
    // What an end that was told nothing still says is read, and lost.
    for (const socket of [near, far]) socket.resume();
  }

  stop(): void {
    this.isCut = true;
    clearTimeout(this.timer);
    for (const { from } of this.lanes) from.destroy();
  }

  private receive(lane: Lane, chunk: Uint8Array): void {
    if (this.isCut) return;
    const { fate, mayCut, onBytes } = this.options;
    this.carried += chunk.length;
    onBytes(chunk.length);
    const beyond = this.carried - fate.bytes;
    const strikes = beyond >= 0 && (fate.way === "any" || fate.way === lane.way) && mayCut();
    if (!strikes) {
      lane.line.push(chunk, performance.now());
      return this.carry();
    }
    const passed = fate.way === "any" ? chunk.length - beyond : Math.floor(fate.position * chunk.length);
    lane.line.push(chunk.subarray(0, Math.max(0, passed)), performance.now());
    this.flush(lane);
    this.cut(fate.ending);
  }

  /** Hands on what has arrived; what is still travelling waits for its time. */
  private carry(): void {
    if (this.isCut) return;
    const now = performance.now();
    for (const lane of this.lanes) {
      for (const piece of lane.line.take(now)) this.write(lane, piece);
      if (lane.isEnding && lane.line.deadlineMs === Number.POSITIVE_INFINITY) lane.to.end();
    }
    clearTimeout(this.timer);
    const deadline = Math.min(this.lanes[0].line.deadlineMs, this.lanes[1].line.deadlineMs);
    if (deadline !== Number.POSITIVE_INFINITY)
      this.timer = setTimeout(() => this.carry(), Math.max(0, deadline - now));
  }

  private flush(lane: Lane): void {
    for (const piece of lane.line.take(Number.POSITIVE_INFINITY)) this.write(lane, piece);
  }

  private write(lane: Lane, piece: Uint8Array): void {
    if (!lane.to.writable) return;
    if (!lane.to.write(piece)) lane.from.pause();
  }

  /** One end has gone by itself: the other is told in the same words. */
  private lose(lane: Lane, hadError: boolean): void {
    this.open--;
    if (this.open === 0) {
      clearTimeout(this.timer);
      clearTimeout(this.lingering);
      this.options.onOver();
    } else if (!this.isCut) {
      if (hadError) lane.to.resetAndDestroy();
      else {
        this.flush(lane);
        lane.to.end();
      }
    }
  }

  private other(lane: Lane): Lane {
    return lane === this.lanes[0] ? this.lanes[1] : this.lanes[0];
  }
}
