/** A real IRC server for tests: ngircd in the foreground, on free ports of 127.0.0.1, in a folder of its own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../testing/free-port.ts";

/** For the names of tests that are skipped without it. */
export const ngircdNeeded = "needs ngircd: sudo apt-get install ngircd";

const COMMAND = "ngircd";
// Debian keeps it where not everyone's PATH leads.
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };

export const isNgircdAvailable = spawnSync(COMMAND, ["--version"], { env }).status === 0;

export interface NgircdOptions {
  /** Of the server, with a dot in it. */
  name?: string;
  /** Paths; with them there is a port for TLS. `ca`: whose client certificates it believes. */
  tls?: { cert: string; key: string; ca?: string };
  /** Every client must know it. */
  password?: string;
  /** Lets clients that send fast wait, as the server does unless told otherwise. */
  hasPenalties?: boolean;
  /** The name and the password with which anybody may become operator. */
  operator?: { name: string; password: string };
  /** Another server. With `port` it can be told to connect there, every 5 s at most: `CONNECT name port`. */
  peer?: { name: string; port?: number };
  /** How long a client may take to register, and to answer a PING; 20 s where nothing is said. */
  patienceS?: number;
  /** Most characters of a nick; 30 where nothing is said. */
  nickLength?: number;
}

export interface Ngircd {
  readonly host: string;
  readonly port: number;
  readonly tlsPort: number | undefined;
  readonly name: string;
  /** Ends it without a word to anybody, or with SIGTERM so that it says goodbye; start() brings it back at the same ports. */
  kill(signal?: "SIGKILL" | "SIGTERM"): Promise<void>;
  start(): Promise<void>;
  /** kill() and start(). */
  restart(signal?: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** kill(), and its folder is removed. */
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";

export async function startNgircd(options: NgircdOptions = {}): Promise<Ngircd> {
  const folder = mkdtempSync(join(tmpdir(), "bowline-ngircd-"));
  chmodSync(folder, 0o755); // started by root it becomes nobody
  const port = await freePort();
  const tlsPort = options.tls === undefined ? undefined : await freePort();
  const name = options.name ?? "irc.test";
  const file = join(folder, "ngircd.conf");
  writeFileSync(file, configuration(options, name, port, tlsPort), { mode: 0o644 });
  let running: ChildProcess | undefined;

  const server: Ngircd = {
    host: HOST,
    port,
    tlsPort,
    name,
    async kill(signal = "SIGKILL") {
      const child = running;
      running = undefined;
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, "exit");
      child.kill(signal);
      await exit;
    },
    async start() {
      const child = spawn(COMMAND, ["--nodaemon", "--config", file], {
        env,
        stdio: ["ignore", "pipe", "pipe"],
      });
      running = child;
      await listening(child, tlsPort === undefined ? 1 : 2);
    },
    async restart(signal) {
      await server.kill(signal);
      await server.start();
    },
    async stop() {
      await server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

/** Resolves once it says that it listens on all its ports; rejects with what it said when it ends before. */
function listening(child: ChildProcess, ports: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const read = (chunk: Buffer) => {
      said += chunk;
      if (said.split("Now listening on").length > ports) resolve();
    };
    child.stdout!.on("data", read);
    child.stderr!.on("data", read);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`ngircd ended with ${code}:\n${said}`)));
  });
}

function configuration(
  options: NgircdOptions,
  name: string,
  port: number,
  tlsPort: number | undefined,
): string {
  const { tls, operator, peer } = options;
  const lines = [
    "[Global]",
    `Name = ${name}`,
    "Info = test",
    `Listen = ${HOST}`,
    `Ports = ${port}`,
    "MotdPhrase = test",
    "AdminInfo1 = test",
    ...(options.password === undefined ? [] : [`Password = ${options.password}`]),
    "[Limits]",
    "MaxConnectionsIP = 0",
    "MaxJoins = 0",
    "ConnectRetry = 5",
    `MaxNickLength = ${options.nickLength ?? 30}`,
    ...(options.patienceS === undefined ? [] : [`PongTimeout = ${options.patienceS}`]),
    ...(options.hasPenalties ? [] : ["MaxPenaltyTime = 0"]),
    "[Options]",
    "DNS = no",
    "Ident = no",
    "PAM = no",
  ];
  if (tls !== undefined) {
    lines.push("[SSL]", `CertFile = ${tls.cert}`, `KeyFile = ${tls.key}`, `Ports = ${tlsPort}`);
    if (tls.ca !== undefined) lines.push(`CAFile = ${tls.ca}`);
  }
  if (operator !== undefined)
    lines.push("[Operator]", `Name = ${operator.name}`, `Password = ${operator.password}`);
  if (peer !== undefined) {
    lines.push(
      "[Server]",
      `Name = ${peer.name}`,
      `Host = ${HOST}`,
      "MyPassword = link",
      "PeerPassword = link",
    );
    if (peer.port !== undefined) lines.push(`Port = ${peer.port}`, "Passive = yes");
  }
  return `${lines.join("\n")}\n`;
}
