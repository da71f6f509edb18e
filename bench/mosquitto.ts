/** mosquitto of the Debian package as a far end. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FarEnd } from "./far-end.ts";

export const mosquittoMissing = "mosquitto is not installed: sudo apt-get install mosquitto";

const PORT_POLL_MS = 20;
const START_TIMEOUT_MS = 10_000;
/** A tick of /proc, ns: USER_HZ is 100 on every Linux that Node runs on. */
const TICK_NS = 1e7;

/** "mosquitto 2.0.18"; undefined where it is not installed. */
export function mosquittoVersion(): string | undefined {
  const { stdout, error } = spawnSync("/usr/sbin/mosquitto", ["-h"], { encoding: "utf8" });
  return error ? undefined : /^mosquitto version (\S+)/.exec(stdout)?.[1].replace(/^/, "mosquitto ");
}

/** Its windows are opened: by default it drops what is queued beyond 1000. `lines`: more of its configuration. */
export async function startMosquitto(lines: readonly string[] = ["persistence false"]): Promise<FarEnd> {
  const folder = mkdtempSync(join(tmpdir(), "bench-mosquitto-"));
  const port = await freePort();
  const config = [
    `listener ${port} 127.0.0.1`,
    "allow_anonymous true",
    "set_tcp_nodelay true",
    "max_queued_messages 0",
    "max_inflight_messages 0",
    `persistence_location ${folder}/`,
    "log_type error",
    ...lines,
  ];
  writeFileSync(join(folder, "mosquitto.conf"), `${config.join("\n")}\n`);
  const child = spawn("/usr/sbin/mosquitto", ["-c", join(folder, "mosquitto.conf")], { stdio: "inherit" });
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

/** User and system time of a process, ns. */
function cpuNsOf(pid: number): number {
  const [utime, stime] = readFileSync(`/proc/${pid}/stat`, "latin1")
    .replace(/^.*\) /, "")
    .split(" ")
    .slice(11, 13);
  return (Number(utime) + Number(stime)) * TICK_NS;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves once something accepts connections there. */
async function listening(port: number): Promise<void> {
  for (let waited = 0; waited < START_TIMEOUT_MS; waited += PORT_POLL_MS) {
    const socket = connect(port, "127.0.0.1");
    const isThere = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, PORT_POLL_MS));
  }
  throw new Error(`port ${port}: nothing listens after ${START_TIMEOUT_MS} ms`);
}
