/** Hands messages to those who connect to take them, to each what is meant for it. */

import type { Transport } from "../transports/transport.ts";
import type { ZmtpConnection } from "./connection.ts";
import { encodeMessage } from "./encoder.ts";
import type { ZmtpPeer } from "./peer.ts";
import { type ServerCounts, type ServerOptions, ZmtpServer } from "./server.ts";

export class PushServer {
  private readonly server: ZmtpServer;
  private readonly byKey = new Map<number, ZmtpConnection>();

  constructor(options: ServerOptions) {
    this.server = new ZmtpServer("PUSH", ["PULL"], options, {
      onReady: (connection) => void this.byKey.set(connection.key, connection),
      onClosed: (connection) => void this.byKey.delete(connection.key),
    });
  }

  get counts(): Readonly<ServerCounts> {
    return this.server.counts;
  }

  start(): Promise<{ host: string; port: number }> {
    return this.server.start();
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  /** Takes over a connection that came another way than through the port. */
  accept(transport: Transport): void {
    this.server.accept(transport);
  }

  peers(): ZmtpPeer[] {
    return this.server.peers();
  }

  /** False: it is gone, or more waits for it than may; it was not taken. */
  send(peer: Pick<ZmtpPeer, "key">, parts: readonly Uint8Array[]): boolean {
    const { counts } = this.server;
    const isTaken = this.byKey.get(peer.key)?.send(encodeMessage(parts)) === true;
    if (isTaken) counts.messagesOut++;
    else counts.dropped++;
    return isTaken;
  }
}
