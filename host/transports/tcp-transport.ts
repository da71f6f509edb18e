/** A Transport over a TCP or TLS socket. */
import type { Socket } from "node:net";
import { isLoopback } from "../platform/loopback.ts";
import { type StreamTransport, streamTransport } from "./stream-transport.ts";

// Time for the other side to read what was written last and to end its half; a dead one never does.
const CLOSE_GRACE_MS = 1000;

/** Takes over a connected socket, with small writes sent at once. */
export function tcpTransport(socket: Socket, names?: readonly string[]): StreamTransport {
  socket.setNoDelay(true);
  const address = plainAddress(socket);
  const host = address.includes(":") ? `[${address}]` : address;
  return streamTransport(socket, {
    name: `tcp ${host}:${socket.remotePort ?? 0}`,
    remoteAddress: countedAddress(socket),
    ...(names !== undefined && { names }),
    afterFlush() {}, // end() has sent our FIN; the socket closes by itself on the other's
    abort: () => socket.destroy(),
    graceMs: CLOSE_GRACE_MS,
  });
}

/** The remote address as admission counts it: "" for loopback. */
export function countedAddress(socket: Socket): string {
  const address = plainAddress(socket);
  return isLoopback(address) ? "" : address;
}

/** An IPv4 address as IPv4, also on a socket that listens on both. */
function plainAddress({ remoteAddress: address = "" }: Socket): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice("::ffff:".length) : address;
}
