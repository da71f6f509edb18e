/** A Transport over a TCP or TLS socket. */
import type { Socket } from "node:net";
import { isLoopback } from "../platform/loopback.ts";
import {
  type StreamIdentity,
  type StreamSort,
  type StreamTransport,
  streamTransport,
} from "./stream-transport.ts";

const sockets: StreamSort<Socket> = {
  afterFlush() {}, // end() has sent our FIN; the socket closes by itself on the other's
  abort: (socket) => socket.destroy(),
  // Time for the other side to read what was written last and to end its half; a dead one never does.
  graceMs: 1000,
};

/** Takes over a connected socket, with small writes sent at once. */
export function tcpTransport(
  socket: Socket,
  names?: readonly string[],
  onGone?: StreamIdentity["onGone"],
): StreamTransport {
  socket.setNoDelay(true);
  const address = plainAddress(socket);
  const host = address.includes(":") ? `[${address}]` : address;
  const name = `tcp ${host}:${socket.remotePort ?? 0}`;
  return streamTransport(socket, sockets, { name, remoteAddress: countedAddress(socket), names, onGone });
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
