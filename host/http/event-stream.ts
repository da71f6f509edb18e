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
 *   event: component  an instance of a component as it is now
 *   event: task       a task as it is now
 *   event: irc        a line of IRC, either way; one that a slow client missed is not told, as its numbers show
 *   event: happening  something that happened, as it does
 *   event: problems   all that is wrong now
 *   event: tasks      so many are other than before that the list is to be asked for anew
 *   :                 a heartbeat
 */
import type { Writable } from "node:stream";
import type { DeliveredMessage, GapEvent, GatewayEvent, TasksEvent } from "./api.ts";
import type { MessageReader } from "./gateway-api.ts";

/** Read from the store at a time. */
const BATCH = 100;
/** Heartbeats a client may take nothing at all; what it has not seen it asks for when it comes again. */
const MAX_STALLED = 2;
/** What a browser waits before it comes again. */
const RETRY_MS = 2000;

/** Tasks that changed and are told of one by one; a hub may have thousands a second. */
const MAX_TASKS = 500;

/** Lines of IRC that wait for one client: as many as are kept. */
export const MAX_LINES = 500;

export const changeKinds = ["device", "component", "task", "irc", "happening", "problems"] as const;
export type ChangeKind = (typeof changeKinds)[number];

export type ViewsOf = (kind: ChangeKind, names: ReadonlySet<string>) => { name: string; view: object }[];

export type Greeting = Omit<GatewayEvent, "next" | "oldest">;

export class EventStream {
  /** The next message to write. */
  private next = 0;
  private isFull = false;
  /** The store is being read. */
  private isReading = false;
  private stalled = 0;
  /** What changed since it was last written, by its name. */
  private readonly changed: Record<ChangeKind, Set<string>> = {
    device: new Set(),
    component: new Set(),
    task: new Set(),
    irc: new Set(),
    happening: new Set(),
    problems: new Set(),
  };
  /** Of tasks, those that are not written one by one. */
  private skipped = 0;

  constructor(
    private readonly out: Writable,
    private readonly store: MessageReader,
    /** These as they are now, those of one name in a row. */
    private readonly viewsOf: ViewsOf,
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

  noteChange(kind: ChangeKind, name: string): void {
    const names = this.changed[kind];
    if (kind === "task" && names.size >= MAX_TASKS && !names.has(name)) this.skipped++;
    else names.add(name);
    if (kind === "irc" && names.size > MAX_LINES) names.delete(names.values().next().value!);
  }

  /** Writes what changed; what did so twice meanwhile is written once. */
  flush(): void {
    for (const kind of changeKinds) this.flushKind(kind);
    if (this.skipped === 0 || !this.mayWrite) return;
    this.write("tasks", { skipped: this.skipped } satisfies TasksEvent);
    this.skipped = 0;
  }

  private flushKind(kind: ChangeKind): void {
    const names = this.changed[kind];
    if (!this.mayWrite || names.size === 0) return;
    const views = this.viewsOf(kind, names);
    for (const [i, { name, view }] of views.entries()) {
      this.write(kind, view);
      // Not before the last of its name: had the client no room for that, all of them are written again.
      if (views[i + 1]?.name !== name) names.delete(name);
      if (this.isFull) return;
    }
    names.clear();
  }

  /** Between two messages: one that is being read comes first. */
  private get mayWrite(): boolean {
    return !this.isFull && !this.isReading && !this.isOver;
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
