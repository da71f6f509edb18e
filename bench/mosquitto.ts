/** mosquitto of the Debian package as a far end. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../host/testing/free-port.ts";
import type { FarEnd } from "./far-end.ts";
import { cpuNsOf, listening } from "./server-process.ts";

export const mosquittoMissing = "mosquitto is not installed: sudo apt-get install mosquitto";

const COMMAND = "/usr/sbin/mosquitto";
const TOPIC = "lab/t1";

/** "mosquitto 2.0.18"; undefined where it is not installed. */
export function mosquittoVersion(): string | undefined {
  const { stdout, error } = spawnSync(COMMAND, ["-h"], { encoding: "utf8" });
  return error ? undefined : /^mosquitto version (\S+)/.exec(stdout)?.[1].replace(/^/, "mosquitto ");
}

/** Its windows are opened: by default it drops what is queued beyond 1000. `lines`: more of its configuration. */
export async function startMosquitto(lines: readonly string[] = ["persistence false"]): Promise<FarEnd> {
  const folder = mkdtempSync(join(tmpdir(), "bench-mosquitto-"));
  const port = await freePort();
  const config = [
    `listener ${port} 127.0.0.1`,
    "allow_anonymous true",
    "user root", // only then does it write where root lets it, when it is started by root
    "set_tcp_nodelay true",
    "max_queued_messages 0",
    "max_inflight_messages 0",
    `persistence_location ${folder}/`,
    "log_type error",
    ...lines,
  ];
  writeFileSync(join(folder, "mosquitto.conf"), `${config.join("\n")}\n`);
  const child = spawn(COMMAND, ["-c", join(folder, "mosquitto.conf")], { stdio: "inherit" });
  await listening(port);
  return {
    port,
    delivered: () => 0,
    cpuNs: () => cpuNsOf(child.pid!),
    stop() {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** With a subscriber that keeps its session, parses what comes, and counts it. */
export async function startMosquittoConsumer(lines?: readonly string[]): Promise<FarEnd> {
  const broker = await startMosquitto(lines);
  const { connectAsync } = await import("mqtt");
  const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, {
    clientId: "consumer",
    clean: false,
  });
  (client.stream as Socket).setNoDelay(true);
  let delivered = 0;
  client.on("message", (_topic, payload) => {
    if (typeof JSON.parse(payload.toString()) === "object") delivered++;
  });
  await client.subscribeAsync(TOPIC, { qos: 1 });
  return { ...broker, delivered: () => delivered };
}
