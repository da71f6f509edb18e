/** Why a port could not be listened on: the port, who holds it, and the setting to change. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { findHolders, formatHolders, type Holder } from "./holders.ts";

const LISTENING = "0A"; // TCP_LISTEN in /proc/net/tcp
const FIRST_FREE_PORT = 1024; // those below need a privilege
const UNPRIVILEGED_OFFSET = 8000; // 80 → 8080, 443 → 8443

export interface ListenPlace {
  host: string;
  port: number;
  /** The configuration key of the port: `tcp.port`; its host is taken to be `tcp.host`. */
  setting: string;
}

/** The error for a person: PORT_BUSY, PORT_PERMISSION, PORT_ADDRESS, or PORT_LISTEN_FAILED for anything else. */
export async function listenError(error: Error, { host, port, setting }: ListenPlace): Promise<BowlineError> {
  const attempt = `listen on ${host}:${port} (${setting})`;
  const instead = (free: number) => `bowline up --set ${setting}=${free}`;
  switch ((error as NodeJS.ErrnoException).code) {
    case "EADDRINUSE": {
      const text = `${attempt}: the port is held by ${(await describeHolder(port)) || "a process of another user"}`;
      return new BowlineError("PORT_BUSY", text, ExitCode.busy, instead(port + (port < 65_535 ? 1 : -1)));
    }
    case "EACCES": {
      const text = `${attempt}: permission denied; ports below ${FIRST_FREE_PORT} need a privilege`;
      return new BowlineError(
        "PORT_PERMISSION",
        text,
        ExitCode.permission,
        instead(port + UNPRIVILEGED_OFFSET),
      );
    }
    case "EADDRNOTAVAIL":
    case "ENOTFOUND": {
      const text = `${attempt}: ${host} is no address of this machine`;
      const mend = `bowline up --set ${setting.replace(/port$/, "host")}=127.0.0.1`;
      return new BowlineError("PORT_ADDRESS", text, ExitCode.usage, mend);
    }
    default:
      return new BowlineError(
        "PORT_LISTEN_FAILED",
        `${attempt}: ${error.message}`,
        ExitCode.failure,
        instead(0),
      );
  }
}

/** Who listens on a TCP port of this machine: `pid 812 (mosquitto)`, "" if nobody can be seen. */
export async function describeHolder(port: number, root = "/"): Promise<string> {
  return formatHolders((await findListeners(port, root)) ?? []);
}

/**
 * The processes that listen on a TCP port of this machine; none are seen of another user's. undefined when nobody does.
 * `root` is where `proc` lies.
 */
export async function findListeners(port: number, root = "/"): Promise<Holder[] | undefined> {
  const tables = await Promise.all(["tcp", "tcp6"].map((name) => readTable(join(root, "proc/net", name))));
  const sockets = new Set(
    tables
      .flat()
      .filter((row) => isListener(row, port))
      .map((row) => `socket:[${row.inode}]`),
  );
  if (sockets.size === 0) return undefined;
  const holders = [...(await findHolders((link) => sockets.has(link), root)).values()].flat();
  return holders.filter((one, at) => holders.findIndex(({ pid }) => pid === one.pid) === at);
}

interface SocketRow {
  localAddress: string;
  state: string;
  inode: string;
}

// sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …
async function readTable(path: string): Promise<SocketRow[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length >= 10)
    .map((fields) => ({ localAddress: fields[1], state: fields[3], inode: fields[9] }));
}

const isListener = ({ localAddress, state }: SocketRow, port: number) =>
  state === LISTENING && Number.parseInt(localAddress.split(":")[1], 16) === port;
