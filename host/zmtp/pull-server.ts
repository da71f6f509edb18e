/** Takes messages from whoever connects to push them. */

import type { Transport } from "../transports/transport.ts";
import type { ZmtpPeer } from "./peer.ts";
import { type ServerCounts, type ServerOptions, ZmtpServer } from "./server.ts";
import { TurnReader } from "./turn-reader.ts";

export interface PullServerOptions extends ServerOptions {
  /** The list and its parts are valid during the call only. */
  onMessage(peer: ZmtpPeer, parts: readonly Uint8Array[]): void;
}

export class PullServer {
  private readonly server: ZmtpServer;
  private readonly reader = new TurnReader();
  private isPaused = false;

  constructor(options: PullServerOptions) {
    this.server = new ZmtpServer("PULL", ["PUSH"], options, {
      reader: this.reader,
      onReady: (connection) => {
        if (this.isPaused) connection.pause();
      },
      onMessage: (connection, parts) => options.onMessage(connection, parts),
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
