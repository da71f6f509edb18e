/**
 * Who the sessions of one client belong to, on the server: sends numbered packets, checks those it gets, and takes them
 * for durable later than it received them, as a store does (session D17).
 *
 * It stands in for the peer: the client's first packet takes the place of the hello.
 */
import type { ServerSession } from "../host/session/server-session.ts";
import type { SessionOwner } from "../host/session/session-owner.ts";
import type { Code } from "../shared/session/codes.ts";
import { createSendBuffer, type SendBuffer } from "../shared/session/send-buffer.ts";
import { Limit } from "../shared/session/state.ts";
import { appendNumbered, checkNumbered } from "./numbered-packets.ts";
import { hold } from "./proof.ts";

export class ServerEnd {
  /** The confirmed session. */
  session: ServerSession | null = null;
  readonly buffer: SendBuffer;
  appended = 0;
  delivered = 0;
  durable = 0;
  acknowledged = 0;
  /** Why its confirmed session ended; 0 while it did not. */
  closed: Code | 0 = 0;

  constructor(
    bufferBytes: number,
    private readonly clientHas: () => number,
    /** Tells a session how many of its packets are durable. */
    private readonly accept: (session: ServerSession, count: number) => void,
  ) {
    this.buffer = createSendBuffer(new Uint8Array(2 * bufferBytes), bufferBytes);
  }

  /** The greeter of a SessionServer. */
  readonly greet = (session: ServerSession): SessionOwner => ({
    onWritable() {},
    onPacket: (bytes, start, end, index) => {
      checkNumbered(bytes, start, end, index, this.delivered);
      this.delivered++;
      if (this.session === null) {
        this.session = session;
        session.confirm(Limit.NONE);
        session.rx = Limit.NONE; // without hellos no window was announced that the client could keep to
        session.bind(this.buffer);
      }
    },
    onAcknowledged: (count) => {
      this.acknowledged += count;
      hold(
        this.acknowledged <= this.clientHas(),
        () => `the server was told of ${this.acknowledged} packets, the client has ${this.clientHas()}`,
      );
    },
    onConnected() {},
    onDisconnected() {},
    onClosed: (code) => {
      if (session === this.session) this.closed = code;
    },
  });

  fill(total: number): void {
    while (this.appended < total && appendNumbered(this.buffer, this.appended)) this.appended++;
    this.session?.pump();
  }

  /** All it received is durable from now on, and counted. */
  commit(): void {
    if (this.durable === this.delivered) return;
    this.durable = this.delivered;
    if (this.session !== null) this.accept(this.session, this.durable);
  }
}
