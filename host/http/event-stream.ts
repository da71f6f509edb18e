/**
 * One client of the live events (Server-Sent Events). It is fed from the store, from the number it asked for, no faster
 * than it reads: old messages and new ones come by the same way, so there is neither a gap nor a repeat between them, and
 * a slow client costs no memory.
 *
 *   event: gateway    who answers, and where its numbers stand      id: the message before the first
 *   event: message    a delivered message                           id: its n
 *   event: gap        messages the store gave up unread             id: the last of them
 *   event: fault      what the store could not read, and why; the stream ends
 *   event: device     a board as it is now
 *   :                 a heartbeat
 */
import type { Writable } from "node:stream";
import type { DeliveredMessage, GapEvent, GatewayEvent, MessageReader } from "./api.ts";

/** Read from the store at a time. */
const BATCH = 100;
/** Heartbeats a client may take nothing at all; what it has not seen it asks for when it comes again. */
const MAX_STALLED = 2;
/** What a browser waits before it comes again. */
const RETRY_MS = 2000;

export type Greeting = Omit<GatewayEvent, "next" | "oldest">;

export class EventStream {
  /** The next message to write. */
  private next = 0;
  private isFull = false;
  /** The store is being read. */
  private isReading = false;
  private stalled = 0;
  /** Boards that changed since they were last written. */
  private readonly changed = new Set<string>();

  constructor(
    private readonly out: Writable,
    private readonly store: MessageReader,
    /** These boards as they are now. */
    private readonly viewsOf: (ids: ReadonlySet<string>) => { id: string }[],
  ) {}

  /** Begins with message `from`; undefined: with the next that is delivered. */
  start(greeting: Greeting, from: number | undefined): void {
    const { next, fill } = this.store;
    this.next = Math.max(1, from ?? next);
    // A number that was never given is of another life of the store: nothing of this one was seen.
    if (this.next > next) this.next = fill.oldest;
    this.out.on("drain", () => this.resume());
    this.out.write(`retry: ${RETRY_MS}\n`);
    this.write("gateway", { ...greeting, next, oldest: fill.oldest } satisfies GatewayEvent, this.next - 1);
    this.pump();
  }

  /** Writes what the store has and the client takes. */
  pump(): void {
    if (this.isReading || this.isFull || this.next >= this.store.next) return;
    this.isReading = true;
    this.readOn().then(
      () => {
        this.isReading = false;
        this.flush();
      },
      (error) => this.fail(error),
    );
  }

  private async readOn(): Promise<void> {
    while (!this.isFull && this.next < this.store.next && !this.isOver) {
      this.skipTo(this.store.fill.oldest);
      const batch = await this.store.read(this.next, BATCH);
      if (batch.length === 0 && this.next >= this.store.fill.oldest) return;
      for (const message of batch) {
        if (this.isFull || this.isOver) return;
        // It may have been given up while the store was read.
        this.skipTo(message.n);
        this.writeMessage(message);
      }
    }
  }

  /** What the client does not get is not passed over: it is told, and may ask again. */
  private fail(error: unknown): void {
    const { code = "INTERNAL", message } = error as { code?: string; message: string };
    if (this.isOver) return;
    this.write("fault", { code, message });
    this.out.end();
  }

  noteChange(id: string): void {
    this.changed.add(id);
  }

  /** Writes the boards that changed; one that changed twice meanwhile is written once. */
  flush(): void {
    // Between two messages: one that is being read comes first.
    if (this.isFull || this.isReading || this.isOver || this.changed.size === 0) return;
    for (const view of this.viewsOf(this.changed)) {
      this.changed.delete(view.id);
      this.write("device", view);
      if (this.isFull) return;
    }
    this.changed.clear();
  }

  /** Says that we are still there, and ends a client that is not. */
  beat(): void {
    if (!this.isFull && !this.isOver) this.out.write(":\n\n");
    else if (++this.stalled > MAX_STALLED) this.out.destroy();
  }

  stop(): void {
    this.out.end();
  }

  private resume(): void {
    if (this.isOver) return;
    this.isFull = false;
    this.stalled = 0;
    this.pump();
    this.flush();
  }

  /** Nothing more may be written. */
  private get isOver(): boolean {
    return this.out.writableEnded || this.out.destroyed;
  }

  /** Messages before number `n` that were not written are there no more. */
  private skipTo(n: number): void {
    if (this.next >= n) return;
    this.write("gap", { from: this.next, to: n - 1 } satisfies GapEvent, n - 1);
    this.next = n;
  }

  private writeMessage(message: DeliveredMessage): void {
    this.next = message.n + 1;
    this.write("message", message, message.n);
  }

  private write(event: string, data: object, id?: number): void {
    const name = id === undefined ? "" : `id: ${id}\n`;
    this.isFull = !this.out.write(`event: ${event}\n${name}data: ${JSON.stringify(data)}\n\n`);
  }
}
