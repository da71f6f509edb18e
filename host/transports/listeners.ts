/** Who listens on a TCP port of this machine, found in /proc. */
import { readFile } from "node:fs/promises";
import { isIPv4 } from "node:net";
import { join } from "node:path";
import { findHolders, formatHolders, type Holder } from "./holders.ts";

const LISTENING = "0A"; // TCP_LISTEN in /proc/net/tcp
const EVERY_ADDRESS = "0.0.0.0";
const LOOPBACK_6 = "00000000000000000000000001000000";
/** An IPv4 address as a socket for IPv6 has it. */
const MAPPED = "0000000000000000FFFF0000";

/** `pid 812 (mosquitto)`, "" if nobody can be seen. */
export async function describeHolder(port: number, root = "/"): Promise<string> {
  return formatHolders((await findListeners(port, root)) ?? []);
}

/**
 * The processes that listen on a TCP port of this machine, so that nobody else can on `host`; none are seen of another
 * user's. undefined when nobody does. `root` is where `proc` lies.
 */
export async function findListeners(
  port: number,
  root = "/",
  host: string = EVERY_ADDRESS,
): Promise<Holder[] | undefined> {
  const tables = await Promise.all(["tcp", "tcp6"].map((name) => readTable(join(root, "proc/net", name))));
  const sockets = new Set(
    tables
      .flat()
      .filter((row) => isListener(row, port) && isInTheWay(row, host))
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

/** Two listeners on one port are in each other's way unless each has an address of its own. */
function isInTheWay({ localAddress }: SocketRow, host: string): boolean {
  const [taken] = localAddress.split(":");
  if (/^0+$/.test(taken)) return true;
  // A name, and what is IPv6 beyond loopback, may be any address.
  const wanted = isIPv4(host) ? hexOf(host) : host === "::1" ? LOOPBACK_6 : "";
  return /^0*$/.test(wanted) || taken === wanted || taken === MAPPED + wanted;
}

// The bytes of each word stand in the machine's order: 127.0.0.1 is 0100007F.
const hexOf = (host: string) =>
  host
    .split(".")
    .reverse()
    .map((byte) => Number(byte).toString(16).padStart(2, "0"))
    .join("")
    .toUpperCase();
