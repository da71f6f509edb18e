/** A real gateway for tests: on free ports, with every message it delivered written down. */
import { connect, type Socket } from "node:net";
import { loadConfig } from "../config/load.ts";
import { Gateway } from "../gateway.ts";
import type { Outcome } from "../peers/request-book.ts";
import type { Log } from "../platform/log.ts";
import { silentLog } from "../platform/log.ts";
import { PATIENCE_MS } from "../platform/testing/patience.ts";
import { Watchers } from "../platform/testing/watchers.ts";
import type { DeliveredMessage } from "../store/store.ts";
import { tcpTransport } from "../transports/tcp-transport.ts";
import { BoardClient, type BoardClientOptions } from "./board-client.ts";

export interface TestGateway {
  gateway: Gateway;
  tcpPort: number;
  messages: DeliveredMessage[];
  request(
    device: string,
    message: { ot: string; [field: string]: unknown },
    timeoutMs?: number,
  ): Promise<Outcome>;
  /** A connection to its TCP port, and a board that speaks over one; both are gone when it stops. */
  dial(): Promise<Socket>;
  board(options: Omit<BoardClientOptions, "hasLink">): Promise<BoardClient>;
  /** Resolves when `isTrue` holds. */
  until(what: string, isTrue: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

export async function startGateway(set: string[] = [], log: Log = silentLog): Promise<TestGateway> {
  const base = [
    ...["tcp.port=0", "http.enabled=false", "monique.enabled=false"],
    ...["gateway.id=gw-test", "data=memory"],
  ];
  const { config } = loadConfig({ set: [...base, ...set], env: {}, cwd: "/", home: "/" });
  const gateway = new Gateway(config, log);
  const messages: DeliveredMessage[] = [];
  const watchers = new Watchers();
  gateway.router.messages.subscribe((message) => {
    messages.push(message);
    watchers.look();
  });
  gateway.router.changes.subscribe(() => watchers.look());
  await gateway.open();
  await gateway.start().catch(async (error) => {
    await gateway.stop();
    await gateway.close();
    throw error;
  });
  const tcpPort = gateway.tcpAddress?.port ?? 0;
  const ends: (() => void)[] = [];
  const dial = async () => {
    const socket = connect(tcpPort, "127.0.0.1");
    ends.push(() => socket.destroy());
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return socket;
  };
  return {
    gateway,
    tcpPort,
    messages,
    dial,
    async board(options) {
      const client = new BoardClient({ ...options, hasLink: false });
      client.attach(tcpTransport(await dial()));
      ends.push(() => client.detach());
      return client;
    },
    request: (device, message, timeoutMs = PATIENCE_MS) => gateway.router.request(device, message, timeoutMs),
    until: (what, isTrue) => watchers.until(what, isTrue),
    stop: async () => {
      for (const end of ends.splice(0).reverse()) end();
      await gateway.stop();
      await gateway.close();
    },
  };
}
