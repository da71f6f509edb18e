/** What is done alike with a server of any sort of socket. */
import type { Transport } from "../transports/transport.ts";
import type { ZmtpPeer } from "./peer.ts";
import type { ServerCounts, ZmtpServer } from "./server.ts";

export abstract class SocketServer {
  protected abstract readonly server: ZmtpServer;

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
}
