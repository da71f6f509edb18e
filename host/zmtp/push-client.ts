/** Sends messages to a server that pulls, and keeps what it could not hand to the socket for the next connection. */
import { type ClientOptions, ZmtpClient } from "./client.ts";
import { encodeMessage } from "./encoder.ts";

export class PushClient {
  private readonly client: ZmtpClient;

  constructor(options: ClientOptions) {
    this.client = new ZmtpClient("PUSH", ["PULL"], options, {});
  }

  get isConnected(): boolean {
    return this.client.isConnected;
  }

  /** Messages that wait for the socket. */
  get waiting(): number {
    return this.client.backlog.length;
  }

  start(): void {
    this.client.start();
  }

  /** What waits has so long to leave; resolves with how many messages did not. */
  stop(lingerMs: number): Promise<number> {
    return this.client.stop(lingerMs);
  }

  /** Copies it. False: more waits than may; it was not taken. */
  send(parts: readonly Uint8Array[]): boolean {
    return this.client.send(encodeMessage(parts));
  }

  /** Resolves when nothing waits for the socket any more, and when it stops. */
  whenSent(): Promise<void> {
    return this.client.whenSent();
  }
}
