/** Hears what a publisher says under the topics it asked for, on every connection anew. */
import { type ClientOptions, HEARTBEAT_MS, ZmtpClient } from "./client.ts";
import { encodeMessage } from "./encoder.ts";

export interface SubClientOptions extends ClientOptions {
  /** The parts are valid during the call only. */
  onMessage(parts: readonly Uint8Array[]): void;
  /** The server is heard so often. */
  heartbeatMs?: number;
}

/** How a subscription begins as a message, which every version of ZMTP 3 takes. */
const [CANCEL, SUBSCRIBE] = [0, 1];

export class SubClient {
  private readonly client: ZmtpClient;
  /** Topics, and how often each was asked for. */
  private readonly topics = new Map<string, number>();

  constructor(options: SubClientOptions) {
    this.client = new ZmtpClient("SUB", ["PUB", "XPUB"], options, {
      heartbeatMs: options.heartbeatMs ?? HEARTBEAT_MS,
      onReady: (connection) => {
        for (const topic of this.topics.keys()) connection.send(subscription(SUBSCRIBE, topic));
      },
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

  /** Asking twice takes giving up twice. What is published before the server has read it is not heard. */
  subscribe(topic: string): void {
    const count = this.topics.get(topic) ?? 0;
    this.topics.set(topic, count + 1);
    if (count === 0) this.client.sendNow(subscription(SUBSCRIBE, topic));
  }

  unsubscribe(topic: string): void {
    const count = this.topics.get(topic) ?? 0;
    if (count > 1) return void this.topics.set(topic, count - 1);
    if (this.topics.delete(topic)) this.client.sendNow(subscription(CANCEL, topic));
  }
}

function subscription(sort: number, topic: string): Uint8Array {
  return encodeMessage([Buffer.concat([Buffer.of(sort), Buffer.from(topic, "utf8")])]);
}
