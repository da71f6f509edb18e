/**
 * One client that listens to a link (Server-Sent Events). Chunks that pass faster than it reads are counted and told;
 * then it begins anew where the link is.
 *
 *   event: watching   who answers, and how many connections are followed now
 *   event: link       a connection, and how far both directions of it are
 *   event: chunk      bytes of it (base64), and who sent them
 *   event: missed     chunks that there was no room for, or that gave a board its key; the connection follows as a new
 *                     `link`, unless it is over
 *   event: over       a connection is no longer followed
 *   :                 a heartbeat
 */
import type { Writable } from "node:stream";
import type { LinkListener, LinkWatch } from "../router/link-listener.ts";
import type { ChunkEvent, MissedEvent, OverEvent, WatchingEvent } from "./api.ts";

/** Bytes that wait for a client: some seconds of a fast socket. */
const MAX_WAITING_BYTES = 1_048_576;
/** Heartbeats a client may take nothing at all. */
const MAX_STALLED = 2;

export class ChunkStream {
  private watch: LinkWatch | null = null;
  private isPaused = false;
  private stalled = 0;

  constructor(private readonly out: Writable) {}

  start(greeting: Omit<WatchingEvent, "links">, subscribe: (listener: LinkListener) => LinkWatch): void {
    // Connections that are there already are told of while subscribing: they go out behind the greeting.
    const first: [string, object][] = [];
    let write = (event: string, data: object): void => void first.push([event, data]);
    const watch = subscribe({
      onLink: (begin) => write("link", begin),
      onChunk: (connection, t, from, chunk) => {
        const data = Buffer.from(chunk).toString("base64");
        write("chunk", { connection, t, from, data } satisfies ChunkEvent);
      },
      onMissed: (connection, t, missed) =>
        write("missed", { connection, t, ...missed } satisfies MissedEvent),
      onOver: (connection, t, reason) => write("over", { connection, t, reason } satisfies OverEvent),
    });
    this.watch = watch;
    write = (event, data) => this.write(event, data);
    this.out.on("drain", () => this.resume());
    this.write("watching", { ...greeting, links: watch.followed } satisfies WatchingEvent);
    for (const [event, data] of first) this.write(event, data);
  }

  /** Says that we are still there, and ends a client that is not. */
  beat(): void {
    if (!this.out.writableNeedDrain) this.out.write(":\n\n");
    else if (++this.stalled > MAX_STALLED) this.out.destroy();
  }

  stop(): void {
    this.release();
    this.out.end();
  }

  /** The client has gone. */
  release(): void {
    this.watch?.stop();
    this.watch = null;
  }

  private resume(): void {
    this.stalled = 0;
    if (!this.isPaused) return;
    this.isPaused = false;
    this.watch?.resume();
  }

  private write(event: string, data: object): void {
    this.out.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    if (this.isPaused || this.out.writableLength <= MAX_WAITING_BYTES) return;
    this.isPaused = true;
    this.watch?.pause();
  }
}
