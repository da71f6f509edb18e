/**
 * One connection between a client and the gateway's session server, in simulated time. Each end may find it gone before
 * the other does: until then it goes on talking to it (session D11).
 */

import type { Carrier } from "../host/session/carrier.ts";
import { ServerExchange } from "../host/session/server-exchange.ts";
import type { SessionServer } from "../host/session/session-server.ts";
import { nowhere } from "../host/session/wire.ts";
import type { Code } from "../shared/session/codes.ts";
import { Lane } from "./lane.ts";

export class Line implements Carrier {
  readonly up = new Lane();
  readonly down = new Lane();
  readonly wire = nowhere;
  readonly gathered = 0;
  /** Why the server dropped it; 0 while it has not. */
  dropped: Code | 0 = 0;
  private readonly exchange: ServerExchange;
  private isOver = false;

  constructor(
    server: SessionServer,
    readonly name: string,
    readonly remoteAddress: string,
    private readonly now: () => number,
  ) {
    this.exchange = new ServerExchange(this, server, {}, null, now());
  }

  /** The next bytes of the client, at most `most`, reach the server. */
  deliverUp(most: number): void {
    if (this.isOver) this.up.clear();
    else this.up.deliver(most, this.hear);
  }

  tick(): void {
    if (this.now() >= this.deadline) this.exchange.tick(this.now());
  }

  /** Its timer fires, whether anything is due or not. */
  fire(): void {
    this.exchange.tick(this.now());
  }

  /** The server still takes it for a line: something may be due on it. */
  get isHeld(): boolean {
    return this.dropped === 0 && !this.isOver;
  }

  get deadline(): number {
    return this.isHeld ? this.exchange.deadline : Infinity;
  }

  /** The server learns that the line is gone: it neither hears nor says more on it. */
  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.up.clear();
    this.exchange.end();
  }

  block(): void {
    this.exchange.block();
  }

  unblock(): void {
    this.exchange.unblock();
  }

  output(bytes: Uint8Array, start: number, end: number): void {
    if (this.isHeld) this.down.put(bytes, start, end);
  }

  settle(): void {}
  settleNow(): void {}

  /** As host/session/connection.ts does: what was said last still leaves, and what comes is no longer heard. */
  drop(code: Code): void {
    this.exchange.session = null;
    this.dropped = code;
  }

  private readonly hear = (bytes: Uint8Array, start: number, end: number): void => {
    this.exchange.hear(bytes, start, end, this.now());
  };
}
