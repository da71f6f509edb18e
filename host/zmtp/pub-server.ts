/** Publishes messages: each goes to those who asked for what its first part begins with. */
import type { ZmtpConnection } from "./connection.ts";
import { encodeMessage } from "./encoder.ts";
import type { ZmtpPeer } from "./peer.ts";
import { type ServerOptions, ZmtpServer } from "./server.ts";
import { SocketServer } from "./socket-server.ts";
import { type Subscriber, Subscriptions, topicsOf } from "./subscriptions.ts";

export interface PubServerOptions extends ServerOptions {
  /** `isFirst`: it had not asked for this topic before. */
  onSubscribe?(peer: ZmtpPeer, topic: string, isFirst: boolean): void;
}

/** How a subscription begins that comes as a message (ZMTP 3.0). */
const [CANCEL, SUBSCRIBE] = [0, 1];

interface Reader extends Subscriber {
  readonly connection: ZmtpConnection;
}

export class PubServer extends SocketServer {
  protected readonly server: ZmtpServer;
  private readonly readers = new Map<number, Reader>();
  private readonly subscriptions: Subscriptions<Reader>;
  private readonly found: Reader[] = [];

  constructor(private readonly options: PubServerOptions) {
    super();
    this.server = new ZmtpServer("PUB", ["SUB", "XSUB"], options, {
      onReady: (connection) => {
        this.readers.set(connection.key, { connection, topics: new Map(), foundBy: 0 });
      },
      onMessage: (connection, parts) => this.takeMessage(connection, parts),
      onCommand: (connection, name, body) => this.takeCommand(connection, name, body),
      onClosed: (connection) => this.forget(connection),
    });
    this.subscriptions = new Subscriptions(this.server.limits);
  }

  /** Whether anybody is connected who might have asked for something. */
  get hasReaders(): boolean {
    return this.readers.size > 0;
  }

  /** To how many it went; it is copied, once for all of them. */
  publish(parts: readonly Uint8Array[]): number {
    const found = this.find(parts[0]);
    if (found.length === 0) return 0;
    const message = encodeMessage(parts);
    let [taken, dropped] = [0, 0];
    for (let i = 0; i < found.length; i++) {
      const { connection } = found[i];
      if (connection.send(message)) taken++;
      else if (connection.isOpen) dropped++;
    }
    const { counts } = this.server;
    counts.messagesOut += taken;
    counts.dropped += dropped;
    return taken;
  }

  /** Who would get a message that begins with this part. */
  subscribers(firstPart: Uint8Array): ZmtpPeer[] {
    const connections = this.find(firstPart).map(({ connection }) => connection);
    return connections.filter(({ isOpen }) => isOpen);
  }

  topics(peer: ZmtpPeer): string[] {
    const reader = this.readers.get(peer.key);
    return reader === undefined ? [] : topicsOf(reader);
  }

  private find(first: Uint8Array): Reader[] {
    this.found.length = 0;
    this.subscriptions.find(first, this.found);
    return this.found;
  }

  private takeMessage(connection: ZmtpConnection, parts: readonly Uint8Array[]): void {
    const [first] = parts;
    if (parts.length === 1 && first[0] === SUBSCRIBE) return this.subscribe(connection, first.subarray(1));
    if (parts.length === 1 && first[0] === CANCEL) return this.cancel(connection, first.subarray(1));
    const text = `reading a subscription: ${parts.length} parts that begin with ${first[0]}; allowed is one, 0 or 1`;
    connection.fail({ code: "UNEXPECTED_MESSAGE", text });
  }

  private takeCommand(connection: ZmtpConnection, name: string, body: Uint8Array): void {
    if (name === "SUBSCRIBE") this.subscribe(connection, body);
    else if (name === "CANCEL") this.cancel(connection, body);
    else connection.unknownCommands++;
  }

  private subscribe(connection: ZmtpConnection, topic: Uint8Array): void {
    const times = this.subscriptions.add(this.readers.get(connection.key)!, topic);
    if (typeof times !== "number") return connection.fail(times);
    this.options.onSubscribe?.(connection, Buffer.from(topic).toString("utf8"), times === 1);
  }

  private cancel(connection: ZmtpConnection, topic: Uint8Array): void {
    this.subscriptions.remove(this.readers.get(connection.key)!, topic);
  }

  private forget(connection: ZmtpConnection): void {
    const reader = this.readers.get(connection.key);
    if (reader === undefined) return;
    this.subscriptions.removeAll(reader);
    this.readers.delete(connection.key);
  }
}
