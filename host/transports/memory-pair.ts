/**
 * Two transports joined in memory, for tests and examples.
 *
 * Bytes wait in a lane until deliver() or, with `delivery: "microtask"`, until the caller's code has run. Each chunk that is
 * delivered is a copy that is overwritten afterwards: who keeps it, against the contract of Transport, sees 0xEE.
 */
import type { FaultyLine } from "./faulty.ts";
import type { Transport, TransportHandler } from "./transport.ts";

const HIGH_WATER_BYTES = 16_384; // what a socket has
// Two ends that answer each other for ever would keep deliver() for ever.
const MAX_ROUNDS = 10_000;
const SCRIBBLE = 0xee;
const CLOSED_HERE = "closed here";

export interface MemoryPairOptions {
  delivery?: "manual" | "microtask";
  /** write() says false from so many waiting bytes on. */
  highWaterBytes?: number;
  /** Bad lines between the ends. A delay needs manual delivery with a time. */
  toA?: FaultyLine;
  toB?: FaultyLine;
}

export class MemoryPair {
  readonly a: Transport;
  readonly b: Transport;
  private readonly endA: MemoryEnd;
  private readonly endB: MemoryEnd;
  private isScheduled = false;

  constructor(private readonly options: MemoryPairOptions = {}) {
    const highWaterBytes = options.highWaterBytes ?? HIGH_WATER_BYTES;
    const touched = () => this.schedule();
    this.a = this.endA = new MemoryEnd("memory a", highWaterBytes, touched, options.toA);
    this.b = this.endB = new MemoryEnd("memory b", highWaterBytes, touched, options.toB);
    this.endA.other = this.endB;
    this.endB.other = this.endA;
  }

  /** Delivers until nothing more has arrived by `nowMs`, replies included; the number of chunks. */
  deliver(nowMs = 0): number {
    let chunks = 0;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const moved = this.endA.receiveAll(nowMs) + this.endB.receiveAll(nowMs);
      if (this.options.toA?.isCut || this.options.toB?.isCut) this.cut("the faulty line was cut");
      if (moved === 0) return chunks;
      chunks += moved;
    }
    throw new RangeError(`deliver: the ends still talk after ${MAX_ROUNDS} rounds`);
  }

  /** From now on bytes arrive in chunks of `bytes`, joined across writes; Infinity: all that waits as one. */
  rechunk(bytes: number): void {
    if (!(bytes >= 1)) throw new RangeError(`rechunk: ${bytes} bytes a chunk, allowed are 1 and more`);
    this.endA.chunkBytes = this.endB.chunkBytes = bytes;
  }

  /** The cable is pulled: what was under way is lost, both ends are told at once. */
  cut(reason = "cut"): void {
    this.endA.end(reason);
    this.endB.end(reason);
  }

  private schedule(): void {
    if (this.options.delivery !== "microtask" || this.isScheduled) return;
    this.isScheduled = true;
    queueMicrotask(() => {
      this.isScheduled = false;
      this.deliver();
    });
  }
}

/** One end, with the lane that leads to it. */
class MemoryEnd implements Transport {
  readonly remoteAddress = "";
  other!: MemoryEnd;
  chunkBytes = 0; // 0: as they were written
  private handler: TransportHandler | undefined;
  private lane: Uint8Array[] = [];
  private waitingBytes = 0;
  private closeReason = "";
  private isOver = false;
  private isRefusing = false;

  constructor(
    readonly name: string,
    private readonly highWaterBytes: number,
    private readonly touched: () => void,
    private readonly line: FaultyLine | undefined,
  ) {}

  start(handler: TransportHandler): void {
    if (this.handler !== undefined) throw new TypeError(`start: ${this.name} was started already`);
    this.handler = handler;
    this.touched();
  }

  write(chunk: Uint8Array): boolean {
    if (this.isOver || this.closeReason !== "") return false;
    return this.other.accept(chunk);
  }

  /** What was written before arrives; what is still on its way here does not. */
  close(): void {
    if (this.closeReason !== "") return;
    this.lane = [];
    this.waitingBytes = 0;
    this.closeReason = CLOSED_HERE;
    if (this.other.closeReason === "") this.other.closeReason = "closed by the other end";
    this.touched();
  }

  accept(chunk: Uint8Array): boolean {
    this.lane.push(chunk);
    this.waitingBytes += chunk.length;
    this.isRefusing ||= this.waitingBytes >= this.highWaterBytes;
    this.touched();
    return !this.isRefusing;
  }

  /** Hands over what has arrived, then the close; the number of chunks. */
  receiveAll(nowMs: number): number {
    if (this.handler === undefined || this.isOver) return 0;
    const chunks = this.takeArrived(nowMs);
    for (const chunk of chunks) this.receive(chunk);
    this.releaseWriter();
    if (this.closeReason !== "" && this.isLaneEmpty) this.end(this.closeReason);
    return chunks.length;
  }

  end(reason: string): void {
    if (this.isOver) return;
    this.lane = [];
    this.closeReason ||= reason;
    if (this.handler === undefined) return; // told when it starts
    this.isOver = true;
    this.handler.onClose(this.closeReason);
  }

  private get isLaneEmpty(): boolean {
    if (this.closeReason === CLOSED_HERE) return true;
    return (
      this.lane.length === 0 && (this.line === undefined || this.line.deadlineMs === Number.POSITIVE_INFINITY)
    );
  }

  private takeArrived(nowMs: number): Uint8Array[] {
    const written = this.chunkBytes === 0 ? this.lane : cutInto(this.lane, this.chunkBytes);
    this.lane = [];
    this.waitingBytes = 0;
    if (this.line === undefined) return written.map((chunk) => chunk.slice());
    for (const chunk of written) this.line.push(chunk, nowMs);
    return this.line.take(nowMs);
  }

  private receive(chunk: Uint8Array): void {
    if (this.isOver || this.closeReason === CLOSED_HERE) return;
    this.handler?.onChunk(chunk);
    chunk.fill(SCRIBBLE);
  }

  private releaseWriter(): void {
    if (!this.isRefusing) return;
    this.isRefusing = false;
    if (this.other.closeReason === "") this.other.handler?.onDrain();
  }
}

function cutInto(lane: Uint8Array[], bytes: number): Uint8Array[] {
  const joined = Buffer.concat(lane);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < joined.length; at += bytes)
    chunks.push(new Uint8Array(joined.subarray(at, at + bytes)));
  return chunks;
}
