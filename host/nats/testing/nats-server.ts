/** A real nats-server with JetStream for tests: started, killed, started again on its port and its folder. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { connect as connectTcp } from "node:net";
import type { StreamConfig } from "@nats-io/jetstream";
import { expect } from "vitest";
import { until } from "../../platform/testing/until.ts";
import { freePort } from "../../testing/free-port.ts";

/** Published before the server is waited for. */
const FLUSHED_AT_ONCE = 1000;

const COMMAND = "/usr/sbin/nats-server";

export const natsMissing = "nats-server is not installed: sudo apt-get install nats-server";
export const isNatsInstalled = spawnSync(COMMAND, ["--version"]).error === undefined;

/** A message as it stands in a stream. */
export interface Stored {
  seq: number;
  subject: string;
  id: string;
  body: Record<string, unknown>;
}

export class NatsServer {
  private child: ChildProcess | null = null;

  private constructor(
    readonly port: number,
    private readonly args: string[],
  ) {}

  /** `folder`: of its streams; `args`: beside those that it cannot do without. */
  static async on(folder: string, args: string[] = []): Promise<NatsServer> {
    const port = await freePort();
    return new NatsServer(port, ["-js", "-sd", folder, "-a", "127.0.0.1", "-p", String(port), ...args]);
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    this.child = spawn(COMMAND, this.args, { stdio: "ignore" });
    await until(() => isOpen(this.port));
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child === null) return;
    this.child = null;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }
}

/** Whether somebody listens there. */
function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

/** Somebody else at the server, who makes streams and reads them. */
export async function observer(url: string | string[], options: { user?: string; pass?: string } = {}) {
  const { connect, headers } = await import("@nats-io/transport-node");
  const { jetstream, jetstreamManager } = await import("@nats-io/jetstream");
  const connection = await connect({
    servers: url,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
    ...options,
  });
  const manager = await jetstreamManager(connection, { checkAPI: false });
  return {
    manager,
    make: (settings: Partial<StreamConfig> = {}) =>
      manager.streams.add({
        ...{ name: "bowline", subjects: ["bowline.>"], discard: "new", storage: "file" },
        ...settings,
      }),
    /** Publishes under one and the same id, which then does not stand there. -> whether the stream still knew it. */
    async probe(stream = "bowline"): Promise<boolean> {
      const ack = await jetstream(connection).publish("bowline.probe.x.y", "", { msgID: "probe" });
      if (!ack.duplicate) await manager.streams.deleteMessage(stream, ack.seq);
      return ack.duplicate;
    },
    /** Publishes so many at once, each with its subject and id. */
    async fill(count: number, of: (i: number) => [subject: string, id: string], stream = "bowline") {
      const { messages: before } = (await manager.streams.info(stream)).state;
      for (let i = 1; i <= count; i++) {
        const [subject, id] = of(i);
        const named = headers();
        named.set("Nats-Msg-Id", id);
        connection.publish(subject, "{}", { headers: named });
        if (i % FLUSHED_AT_ONCE === 0) await connection.flush();
      }
      await until(async () =>
        expect((await manager.streams.info(stream)).state.messages).toBe(before + count),
      );
    },
    /** All that stands in the stream. */
    async stored(stream = "bowline"): Promise<Stored[]> {
      let messages = 0;
      // Its own connection may have to come again first.
      await until(async () => {
        messages = (await manager.streams.info(stream)).state.messages;
      });
      if (messages === 0) return [];
      const consumer = await jetstream(connection).consumers.get(stream, { deliver_policy: "all" });
      const found: Stored[] = [];
      for await (const message of await consumer.consume()) {
        const { seq, subject, headers } = message;
        const body = headers === undefined ? {} : message.json<Record<string, unknown>>();
        found.push({ seq, subject, id: headers?.get("Nats-Msg-Id") ?? "", body });
        if (found.length === messages) break;
      }
      await consumer.delete();
      return found;
    },
    close: () => connection.close(),
  };
}
export type Observer = Awaited<ReturnType<typeof observer>>;
