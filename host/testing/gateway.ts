/** A real gateway for tests: on free ports, with every message it delivered written down. */
import { loadConfig } from "../config/load.ts";
import { Gateway } from "../gateway.ts";
import type { Outcome } from "../peers/request-book.ts";
import type { Log } from "../platform/log.ts";
import { silentLog } from "../platform/log.ts";
import { PATIENCE_MS } from "../platform/testing/patience.ts";
import type { DeliveredMessage } from "../store/store.ts";

export interface TestGateway {
  gateway: Gateway;
  tcpPort: number;
  messages: DeliveredMessage[];
  request(
    device: string,
    message: { ot: string; [field: string]: unknown },
    timeoutMs?: number,
  ): Promise<Outcome>;
  /** Resolves when `isTrue` holds, looked at after each message and change. */
  until(what: string, isTrue: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

export async function startGateway(set: string[] = [], log: Log = silentLog): Promise<TestGateway> {
  const base = ["tcp.port=0", "http.enabled=false", "gateway.id=gw-test", "data=memory"];
  const { config } = loadConfig({ set: [...base, ...set], env: {}, cwd: "/", home: "/" });
  const gateway = new Gateway(config, log);
  const messages: DeliveredMessage[] = [];
  const watchers = new Set<() => void>();
  const look = () => {
    for (const watcher of watchers) watcher();
  };
  gateway.router.messages.subscribe((message) => {
    messages.push(message);
    look();
  });
  gateway.router.changes.subscribe(look);
  await gateway.open();
  await gateway.start();
  return {
    gateway,
    tcpPort: gateway.tcpAddress?.port ?? 0,
    messages,
    request: (device, message, timeoutMs = PATIENCE_MS) => gateway.router.request(device, message, timeoutMs),
    until: (what, isTrue) =>
      new Promise((resolve, reject) => {
        const end = (error?: Error) => {
          clearTimeout(timer);
          watchers.delete(watcher);
          if (error) reject(error);
          else resolve();
        };
        const watcher = () => isTrue() && end();
        const timer = setTimeout(() => end(new Error(`${what}: not within ${PATIENCE_MS} ms`)), PATIENCE_MS);
        watchers.add(watcher);
        watcher();
      }),
    stop: async () => {
      await gateway.stop();
      await gateway.close();
    },
  };
}
