/** Takes messages from a server that pushes them: a worker at its controller. */
import { type ClientOptions, HEARTBEAT_MS, ZmtpClient } from "./client.ts";

export interface PullClientOptions extends ClientOptions {
  /** The parts are valid during the call only. */
  onMessage(parts: readonly Uint8Array[]): void;
  /** The server is heard so often. */
  heartbeatMs?: number;
}

export class PullClient {
  private readonly client: ZmtpClient;

  constructor(options: PullClientOptions) {
    this.client = new ZmtpClient("PULL", ["PUSH"], options, {
      heartbeatMs: options.heartbeatMs ?? HEARTBEAT_MS,
      onMessage: (parts) => options.onMessage(parts),
    });
  }

  get isConnected(): boolean {
    return this.client.isConnected;
  }

  start(): void {
    this.client.start();
  }

  async stop(): Promise<void> {
    await this.client.stop(0);
  }

  /** Nothing more is read until resume(); what a chunk that is being read still holds is delivered. */
  pause(): void {
    this.client.pause();
  }

  resume(): void {
    this.client.resume();
  }
}
