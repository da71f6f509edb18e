/**
 * A client and a server joined by a wire in simulated time that delays, re-chunks and is cut at any byte. Nothing here
 * waits: time jumps from one event to the next.
 */
import type { Acceptor } from "../session/acceptor.ts";
import { acceptBytes, createAcceptor } from "../session/acceptor.ts";
import {
  attachSession,
  connectSession,
  detachSession,
  sessionDeadline,
  tickSession,
} from "../session/lifecycle.ts";
import { Phase } from "../session/state.ts";
import type { Side } from "./side.ts";
import { hexOf } from "./side.ts";

interface Flight {
  at: number;
  bytes: Uint8Array;
}

export interface WireOptions {
  random: () => number;
  /** Longest delay of a chunk, ms. */
  delay?: number;
  /** Largest chunk; smaller ones are drawn. */
  chunk?: number;
  /** Bytes (both directions together) after which the wire is cut; drawn anew for each connection. */
  cutAfter: () => number;
}

export class Wire {
  now = 0;
  cuts = 0;
  bytes = 0;
  private connected = false;
  private left = 0;
  private acceptor: Acceptor | null = null;
  private readonly up: Flight[] = [];
  private readonly down: Flight[] = [];

  constructor(
    private readonly client: Side,
    private readonly server: Side,
    private readonly options: WireOptions,
  ) {}

  get isConnected(): boolean {
    return this.connected;
  }

  connect(): void {
    this.connected = true;
    this.left = this.options.cutAfter();
    this.up.length = 0;
    this.down.length = 0;
    this.acceptor = createAcceptor(
      {
        onOutput: (bytes, start, end) => this.put(this.down, bytes.slice(start, end)),
        onRequest: (bytes, start, end) => this.request(hexOf(bytes.slice(start, end))),
        onRefused: () => 500,
        onDisconnect: () => this.cut(),
      },
      this.now,
    );
    connectSession(this.client.session, this.now);
    this.collect();
  }

  /** The line is gone on both sides at once, with all that was on its way. */
  cut(): void {
    this.connected = false;
    this.cuts++;
    this.up.length = 0;
    this.down.length = 0;
    this.client.take();
    this.server.take();
    detachSession(this.client.session, this.now);
    detachSession(this.server.session, this.now);
  }

  /** Lets time run to the next event; false when nothing is to come. */
  step(): boolean {
    this.collect();
    const at = Math.min(
      this.up[0]?.at ?? Infinity,
      this.down[0]?.at ?? Infinity,
      sessionDeadline(this.client.session),
      sessionDeadline(this.server.session),
    );
    if (at === Infinity) return false;
    this.now = Math.max(this.now, at);
    this.client.now = this.now;
    this.server.now = this.now;
    tickSession(this.client.session, this.now);
    tickSession(this.server.session, this.now);
    if (this.connected && this.client.session.phase === Phase.DETACHED) this.cut();
    this.collect();
    while (this.connected && this.up.length > 0 && this.up[0].at <= this.now) this.deliver(this.up, true);
    while (this.connected && this.down.length > 0 && this.down[0].at <= this.now)
      this.deliver(this.down, false);
    this.collect();
    return true;
  }

  private request(id: string): boolean {
    if (id !== "" && id !== hexOf(this.server.session.id)) return false;
    attachSession(this.server.session, id === "", this.now);
    return true;
  }

  private deliver(line: Flight[], isUp: boolean): void {
    let { bytes } = line.shift()!;
    const cut = bytes.length >= this.left;
    if (cut) bytes = bytes.subarray(0, this.left);
    this.left -= bytes.length;
    this.bytes += bytes.length;
    if (!isUp) this.client.hear(bytes, this.now);
    else {
      const a = this.acceptor!;
      const rest = a.taken ? bytes : bytes.subarray(acceptBytes(a, bytes, 0, bytes.length, this.now));
      if (a.taken && rest.length > 0) this.server.hear(rest, this.now);
    }
    if (cut && this.connected) this.cut();
  }

  private collect(): void {
    if (!this.connected) return;
    this.put(this.up, this.client.take());
    this.put(this.down, this.server.take());
  }

  private put(line: Flight[], bytes: Uint8Array): void {
    const { random, delay = 0, chunk = 65536 } = this.options;
    let at = Math.max(this.now, line[line.length - 1]?.at ?? 0) + Math.floor(random() * (delay + 1));
    for (let from = 0; from < bytes.length; ) {
      const size = 1 + Math.floor(random() * Math.min(chunk, bytes.length - from));
      line.push({ at, bytes: bytes.subarray(from, from + size) });
      from += size;
      at += Math.floor(random() * (delay + 1));
    }
  }
}
