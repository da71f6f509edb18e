/** What a connection holds while nothing happens: a bare socket, a session, a board; and the latter two without one. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { BoardClient } from "../host/testing/board-client.ts";
import type { FarEnd } from "./far-end.ts";
import { FarProcess } from "./far-end.ts";
import { boardOn } from "./gateway-work.ts";
import type { Effort } from "./runner.ts";
import { SessionSender } from "./session-sender.ts";
import { Sink, startSessions } from "./session-sink.ts";

const CONNECTIONS = 1000;
/** Until what was opened, or closed, has been dealt with. */
const QUIET_MS = 500;
const WINDOW_BYTES = 512;
/** Processes, one after the other, that are measured of each. */
const LAUNCHES = 3;

/** Bare sockets, listened to. */
export async function startSockets(): Promise<FarEnd> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("data", () => {});
    socket.on("error", () => {});
    socket.on("close", () => open.delete(socket));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { port: (server.address() as AddressInfo).port, delivered: () => open.size };
}

/** Sessions of no peer. */
export async function startIdleSessions(): Promise<FarEnd> {
  const sinks: Sink[] = [];
  const port = await startSessions((session) => {
    const sink = new Sink(session);
    sinks.push(sink);
    return sink;
  });
  return { port, delivered: () => sinks.length };
}

/** Bytes a connection, a value a launch: of a bare socket, of a session with one, of a session without. */
export interface Idle {
  socket: number[];
  session: number[];
  detached: number[];
  /** A board known by its hello, with its session and socket; and without a socket. */
  board: number[];
  absentBoard: number[];
}

export async function probeIdle(effort: Effort): Promise<Idle> {
  const found: Idle = { socket: [], session: [], detached: [], board: [], absentBoard: [] };
  const count = effort.roundMs > 0 ? CONNECTIONS : 20;
  for (let i = 0; i < Math.min(LAUNCHES, effort.rounds); i++) {
    const [socket] = await heldBy("P8 sockets", openSocket, count);
    const [session, detached] = await heldBy("P8 sessions", openSession, count);
    const [board, absentBoard] = await heldBy("P8 gateway", openBoard, count);
    const one = { socket, session, detached, board, absentBoard };
    for (const [what, bytes] of Object.entries(one)) found[what as keyof Idle].push(bytes);
  }
  return found;
}

/** Opens one more; the returned function closes it. */
type Open = (port: number, number: number) => Promise<() => void>;

const openSocket: Open = async (port) => {
  const client = connect(port, "127.0.0.1");
  await once(client, "connect");
  return () => client.destroy();
};

const openSession: Open = async (port) => {
  const client = new SessionSender(WINDOW_BYTES);
  await client.start(port);
  return () => client.cut();
};

const openBoard: Open = async (port, number) => {
  const options = { id: `idle-${number}`, hasLink: false, bufferBytes: WINDOW_BYTES };
  const client = await boardOn(port, new BoardClient(options));
  return () => client.detach();
};

/** Bytes of one of `count` while they are open, and once they are closed. */
async function heldBy(farEnd: string, open: Open, count: number): Promise<number[]> {
  const far = new FarProcess(farEnd);
  await far.start();
  let opened = 0;
  const openMany = async () => {
    const closers: (() => void)[] = [];
    for (let i = 0; i < count; i++) closers.push(await open(far.port, opened++));
    await sleep(QUIET_MS);
    return closers;
  };
  const closeAll = async (closers: (() => void)[]) => {
    for (const close of closers) close();
    await sleep(2 * QUIET_MS);
  };
  // What is loaded, compiled and grown with the first of them, and with their end, is not theirs.
  await closeAll(await openMany());
  const before = await far.bytesHeld();
  const closers = await openMany();
  const held = await far.bytesHeld();
  await closeAll(closers);
  const after = await far.bytesHeld();
  far.stop();
  // With few of them the process may have less than before, which counts as next to nothing.
  return [held, after].map((bytes) => Math.max(1, bytes - before) / count);
}
