/** Hands messages to those who connect to take them, to each what is meant for it. */
import type { ZmtpConnection } from "./connection.ts";
import { encodeMessage } from "./encoder.ts";
import type { ZmtpPeer } from "./peer.ts";
import { type ServerOptions, ZmtpServer } from "./server.ts";
import { SocketServer } from "./socket-server.ts";

export class PushServer extends SocketServer {
  protected readonly server: ZmtpServer;
  private readonly byKey = new Map<number, ZmtpConnection>();

  constructor(options: ServerOptions) {
    super();
    this.server = new ZmtpServer("PUSH", ["PULL"], options, {
      onReady: (connection) => void this.byKey.set(connection.key, connection),
      onClosed: (connection) => void this.byKey.delete(connection.key),
    });
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
