/** A stream of a real nats-server that messages are handed on to, killed and started again; at the end it is read. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { connect as connectTcp } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { freePort } from "../../host/testing/free-port.ts";

const COMMAND = "/usr/sbin/nats-server";
const LOOK_MS = 20;

export interface Taken {
  device: string;
  i: number;
}

export class Stream {
  static readonly isAvailable = spawnSync(COMMAND, ["--version"]).error === undefined;
  private child: ChildProcess | null = null;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
  ) {}

  static async in(folder: string): Promise<Stream> {
    return new Stream(join(folder, "nats"), await freePort());
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  async open(): Promise<void> {
    const args = ["-js", "-sd", this.folder, "-a", "127.0.0.1", "-p", String(this.port)];
    this.child = spawn(COMMAND, args, { stdio: "ignore" });
    while (!(await isOpen(this.port))) await setTimeout(LOOK_MS);
  }

  /** As kill -9 does. */
  async close(): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  /** All that stands in it, in its order. */
  async taken(): Promise<Taken[]> {
    const { connect } = await import("@nats-io/transport-node");
    const { jetstream, jetstreamManager } = await import("@nats-io/jetstream");
    const connection = await connect({ servers: this.url });
    const manager = await jetstreamManager(connection);
    const { messages } = (await manager.streams.info("bowline")).state;
    const consumer = await jetstream(connection).consumers.get("bowline", { deliver_policy: "all" });
    const found: Taken[] = [];
    for await (const message of await consumer.consume()) {
      const { device, message: said } = message.json<{ device: string; message: { i: number } }>();
      found.push({ device, i: said.i });
      if (found.length === messages) break;
    }
    await connection.close();
    return found;
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
