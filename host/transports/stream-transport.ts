/** A Transport over a Node stream: what a serial port and a socket have in common. */
import type { Duplex } from "node:stream";
import type { Transport, TransportHandler } from "./transport.ts";

/** What all streams of one sort have in common. */
export interface StreamSort<S extends Duplex> {
  /** close(): all that was written has left the stream. */
  afterFlush(stream: S): void;
  /** End the stream now, whatever is still to be written. */
  abort(stream: S): void;
  /** How long close() waits for the flush, and again for the stream to say 'close': some never do. */
  graceMs: number;
}

export interface StreamIdentity {
  name: string;
  remoteAddress: string;
  names?: readonly string[] | undefined;
  /** It is gone, started or not, after onClose. */
  onGone?: ((transport: StreamTransport) => void) | undefined;
}

/** Begins to listen to `stream` at once; chunks stay in it until start(). */
export function streamTransport<S extends Duplex>(
  stream: S,
  sort: StreamSort<S>,
  identity: StreamIdentity,
): StreamTransport {
  const transport = new StreamTransport(stream, sort, identity);
  transport.listen();
  return transport;
}

export class StreamTransport implements Transport {
  readonly name: string;
  readonly remoteAddress: string;
  readonly names: readonly string[] | undefined;
  /** A stream makes each chunk anew. */
  readonly givesChunksAway = true;
  private readonly onGone: StreamIdentity["onGone"];
  private handler: TransportHandler | undefined;
  private isReading = false;
  private isPaused = false;
  private isClosing = false;
  private isOver = false;
  private reason = "";
  private graceTimer: NodeJS.Timeout | undefined;
  private waiting: ((reason: string) => void)[] | undefined;

  constructor(
    private readonly stream: Duplex,
    private readonly sort: StreamSort<Duplex>,
    { name, remoteAddress, names, onGone }: StreamIdentity,
  ) {
    this.name = name;
    this.remoteAddress = remoteAddress;
    this.names = names;
    this.onGone = onGone;
  }

  /** Resolves with the reason once the transport is gone, started or not, after onClose. */
  get closed(): Promise<string> {
    if (this.isOver) return Promise.resolve(this.reason);
    return new Promise((resolve) => {
      this.waiting ??= [];
      this.waiting.push(resolve);
    });
  }

  /** Called once, by streamTransport(). */
  listen(): void {
    this.stream.on("error", (error) => this.fail(error.message));
    // A SerialPort closes with the error that unplugged it, a socket with a boolean. It may come twice (node-serialport#2043).
    this.stream.on("close", (cause: unknown) => {
      if (cause instanceof Error) this.reason ||= `unplugged: ${cause.message}`;
      this.finish();
    });
    this.stream.on("drain", () => {
      if (!this.isClosing) this.handler?.onDrain();
    });
  }

  start(handler: TransportHandler): void {
    if (this.handler !== undefined) throw new TypeError(`start: ${this.name} was started already`);
    this.handler = handler;
    queueMicrotask(() => this.read(handler));
  }

  get unsent(): number {
    return this.stream.writableLength;
  }

  /** After close() and after the end bytes are refused: false, and no onDrain follows. */
  write(chunk: Uint8Array): boolean {
    if (this.isClosing || this.isOver) return false;
    return this.stream.write(chunk);
  }

  pause(): void {
    this.isPaused = true;
    if (this.isReading) this.stream.pause();
  }

  resume(): void {
    this.isPaused = false;
    if (this.isReading && !this.isClosing) this.stream.resume();
  }

  close(reason = "closed here"): void {
    if (this.isClosing || this.isOver) return;
    this.isClosing = true;
    this.reason ||= reason;
    if (!this.isReading || this.isPaused) this.stream.resume(); // an unread stream would never see the other side's end
    this.stream.end(() => this.sort.afterFlush(this.stream));
    this.graceTimer = setTimeout(() => this.abort(), this.sort.graceMs);
  }

  /** What waited in the stream goes first, then what arrives, then the close. */
  private read(handler: TransportHandler): void {
    this.isReading = true;
    // A stream that was paused in so many words does not flow because somebody listens.
    if (this.isPaused && !this.isClosing) this.stream.pause();
    for (let chunk = this.next(); chunk !== null; chunk = this.next()) this.deliver(handler, chunk);
    if (this.isOver) handler.onClose(this.reason);
    else this.stream.on("data", (chunk: Uint8Array) => this.deliver(handler, chunk));
  }

  private next(): Uint8Array | null {
    return this.isPaused ? null : this.stream.read();
  }

  private deliver(handler: TransportHandler, chunk: Uint8Array): void {
    if (!this.isClosing) handler.onChunk(chunk);
  }

  private fail(message: string): void {
    this.reason ||= message;
    if (this.isOver) return;
    this.isClosing = true;
    this.abort();
  }

  private abort(): void {
    clearTimeout(this.graceTimer);
    this.graceTimer = setTimeout(() => this.finish(), this.sort.graceMs);
    this.sort.abort(this.stream);
  }

  private finish(): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.graceTimer);
    this.reason ||= "closed by the other side";
    if (this.isReading) this.handler?.onClose(this.reason);
    this.onGone?.(this);
    for (const resolve of this.waiting ?? []) resolve(this.reason);
  }
}
