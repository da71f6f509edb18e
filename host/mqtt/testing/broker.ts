/** mosquitto of the Debian package, which tests kill, start again and ask what it has. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync, type IClientOptions, type IPublishPacket, type MqttClient } from "mqtt";
import { until } from "../../platform/testing/until.ts";
import { freePort } from "../../testing/free-port.ts";

export const mosquittoNeeded = "needs mosquitto: sudo apt-get install mosquitto";

const COMMAND = "/usr/sbin/mosquitto";

export const isMosquittoThere = spawnSync(COMMAND, ["-h"]).error === undefined;

export class Broker {
  private readonly folder = mkdtempSync(join(tmpdir(), "bowline-mosquitto-"));
  private child: ChildProcess | null = null;
  private readonly clients: MqttClient[] = [];

  private constructor(
    readonly port: number,
    private readonly scheme: string,
  ) {}

  /** `lines`: more of its configuration; "allow_anonymous true" unless they say otherwise. Not yet started. */
  static async make(lines: readonly string[] = [], scheme = "mqtt"): Promise<Broker> {
    const broker = new Broker(await freePort(), scheme);
    broker.configure(lines);
    return broker;
  }

  configure(lines: readonly string[]): void {
    const all = [
      `listener ${this.port} 127.0.0.1`,
      ...(lines.some((line) => line.startsWith("allow_anonymous")) ? [] : ["allow_anonymous true"]),
      "user root", // only then does it read what root lets nobody else read, when it is started by root
      "persistence false",
      "set_tcp_nodelay true",
      "log_dest none",
      ...lines,
    ];
    writeFileSync(join(this.folder, "mosquitto.conf"), `${all.join("\n")}\n`);
  }

  get url(): string {
    return `${this.scheme}://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const child = spawn(COMMAND, ["-c", join(this.folder, "mosquitto.conf")], { stdio: "ignore" });
    this.child = child;
    await until(() => isListening(this.port));
  }

  /** As kill -9 does. */
  async kill(): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGCONT");
    child.kill("SIGKILL");
    await gone;
  }

  /** It reads its rules and passwords again; who is connected stays so. */
  reload(): void {
    this.child?.kill("SIGHUP");
  }

  /** It stands still, and its connections stay. */
  freeze(): void {
    this.child?.kill("SIGSTOP");
  }

  thaw(): void {
    this.child?.kill("SIGCONT");
  }

  /** Somebody who hears what is published under `filter`, until the broker ends. */
  async listen(filter: string, options: IClientOptions = {}): Promise<Listener> {
    const client = await connectAsync(this.url, { protocolVersion: 5, reconnectPeriod: 0, ...options });
    this.clients.push(client);
    const heard: Heard[] = [];
    client.on("message", (topic, payload, packet) => heard.push({ topic, text: payload.toString(), packet }));
    client.on("error", () => {});
    await client.subscribeAsync(filter, { qos: 1, rap: true });
    return { client, heard };
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.end(true);
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Heard {
  topic: string;
  text: string;
  packet: IPublishPacket;
}

export interface Listener {
  client: MqttClient;
  heard: Heard[];
}

/** What is kept under each topic, by what was heard of it. */
export function keptOf({ heard }: Listener): Record<string, string> {
  const kept = new Map<string, string>();
  for (const { topic, text, packet } of heard)
    if (packet.retain && text !== "") kept.set(topic, text);
    else if (packet.retain) kept.delete(topic);
  return Object.fromEntries(kept);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, "127.0.0.1");
    const end = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once("connect", () => end(true)).once("error", () => end(false));
  });
}
