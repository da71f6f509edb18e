/** Takes messages from whoever connects to push them. */
import type { ZmtpPeer } from "./peer.ts";
import { type ServerOptions, ZmtpServer } from "./server.ts";
import { SocketServer } from "./socket-server.ts";
import { TurnReader } from "./turn-reader.ts";

export interface PullServerOptions extends ServerOptions {
  /** The list and its parts are valid during the call only. */
  onMessage(peer: ZmtpPeer, parts: readonly Uint8Array[]): void;
}

export class PullServer extends SocketServer {
  protected readonly server: ZmtpServer;
  private readonly reader = new TurnReader();
  private isPaused = false;

  constructor(options: PullServerOptions) {
    super();
    this.server = new ZmtpServer("PULL", ["PUSH"], options, {
      reader: this.reader,
      onReady: (connection) => {
        if (this.isPaused) connection.pause();
      },
      onMessage: (connection, parts) => options.onMessage(connection, parts),
    });
  }

  /** Nobody is read until resume(), so producers have to wait; what a chunk that is being read still holds is delivered. */
  pause(): void {
    this.isPaused = true;
    this.reader.pause();
    for (const connection of this.server.peers()) connection.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.reader.resume();
    for (const connection of this.server.peers()) connection.resume();
  }
}
