/** P6 at work: a session and bare bytes over pseudo-terminals; the gateway's side opens the port, ours is the board's. */
import { setTimeout as sleep } from "node:timers/promises";
import type { SerialPort } from "serialport";
import { systemClock } from "../host/platform/clock.ts";
import { silentLog } from "../host/platform/log.ts";
import { Connection } from "../host/session/connection.ts";
import { SessionServer } from "../host/session/session-server.ts";
import { openPty, type Pty } from "../host/transports/pty.ts";
import { openSerial } from "../host/transports/serial-transport.ts";
import type { Transport, TransportHandler } from "../host/transports/transport.ts";
import { appendPacket, createSendBuffer } from "../shared/session/send-buffer.ts";
import { jsonMessage } from "./chunks.ts";
import type { FarEnd } from "./far-end.ts";
import { FarProcess } from "./far-end.ts";
import type { Effort } from "./runner.ts";
import { SessionSender } from "./session-sender.ts";
import { Sink, sessionSettings } from "./session-sink.ts";
import { percentile } from "./statistics.ts";
import { streamOf } from "./stream-work.ts";
import type { Workload } from "./workload.ts";

export const MESSAGE_BYTES = 100;
/** A batch: half of the 64 packets that a session has unacknowledged on a cable. */
const BATCH_MESSAGES = 32;
const BATCH_BYTES = BATCH_MESSAGES * MESSAGE_BYTES;
const WINDOW_BYTES = 16_384;
/** serialport's default: what it reads at once. */
const RAW_READ_BYTES = 65_536;
/** A pseudo-terminal knows no speed; the setting bounds only what the gateway sends. */
const BAUD = 921_600;
const HEARTBEAT_MS = 2000;
/** What a driver holds in front of the line. */
const LINE_QUEUE_BYTES = 4096;
const LINE_TICK_MS = 2;
const BITS_A_BYTE = 10;
/** Until slow start is over. */
const SETTLE_MS = 500;

/** The gateway's side of a cable: every packet counted, or sent back. */
async function serve(path: string, sinkOf: (session: ConstructorParameters<typeof Sink>[0]) => Sink) {
  const sinks: Sink[] = [];
  const sessions = new SessionServer(sessionSettings, systemClock, (session) => {
    const sink = sinkOf(session);
    sinks.push(sink);
    return sink;
  });
  sessions.start();
  const transport = await openSerial({ path, baud: BAUD, resetOnOpen: "never" });
  const link = { baud: BAUD, interByteTimeoutMs: 300, syncIntervalMaxMs: HEARTBEAT_MS };
  new Connection(transport, sessions, systemClock, silentLog, link, () => {}).start();
  return { port: 0, delivered: () => sinks.reduce((sum, { packets }) => sum + packets, 0) };
}

export const startCableSink = (path: string): Promise<FarEnd> => serve(path, (session) => new Sink(session));

export const startCableEcho = (path: string): Promise<FarEnd> =>
  serve(path, (session) => {
    const sink = new Sink(session);
    const buffer = createSendBuffer(new Uint8Array(2 * WINDOW_BYTES), WINDOW_BYTES);
    sink.onPacket = (bytes, start, end, index) => {
      session.accept(index + 1);
      if (session.session.main === null) session.bind(buffer);
      appendPacket(buffer, bytes, start, end);
      session.pump();
    };
    return sink;
  });

/** npm serialport, with its own read size; counts bytes and answers each batch with two, as a sync packet has. */
export async function startRawPort(path: string): Promise<FarEnd> {
  const port = await openRaw(path);
  let bytes = 0;
  port.on("data", (chunk: Buffer) => {
    const batches = Math.floor(bytes / BATCH_BYTES);
    bytes += chunk.length;
    const more = Math.floor(bytes / BATCH_BYTES) - batches;
    if (more > 0) port.write(Buffer.alloc(2 * more));
  });
  return { port: 0, delivered: () => Math.floor(bytes / MESSAGE_BYTES) };
}

export async function startRawEcho(path: string): Promise<FarEnd> {
  const port = await openRaw(path);
  port.on("data", (chunk: Buffer) => port.write(chunk));
  return { port: 0, delivered: () => 0 };
}

async function openRaw(path: string): Promise<SerialPort> {
  const { SerialPort } = await import("serialport");
  const port = new SerialPort({ path, baudRate: BAUD, highWaterMark: RAW_READ_BYTES, autoOpen: false });
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  return port;
}

/** The board's end of a pty as a transport; at most `bytesPerMs` leave, where that is said. */
function cableOf(pty: Pty, bytesPerMs = Number.POSITIVE_INFINITY): Transport {
  let handler: TransportHandler;
  const queue: Uint8Array[] = [];
  let queued = 0;
  let budget = 0;
  let lastAt = performance.now();
  const tick = () => {
    const now = performance.now();
    budget = queued > 0 ? budget + (now - lastAt) * bytesPerMs : 0;
    lastAt = now;
    const wasFull = queued >= LINE_QUEUE_BYTES;
    while (queue.length > 0 && budget >= 1) {
      const take = Math.min(queue[0].length, Math.floor(budget));
      pty.write(queue[0].slice(0, take));
      budget -= take;
      queued -= take;
      if (take === queue[0].length) queue.shift();
      else queue[0] = queue[0].subarray(take);
    }
    if (wasFull && queued < LINE_QUEUE_BYTES) handler.onDrain();
  };
  if (bytesPerMs < Number.POSITIVE_INFINITY) setInterval(tick, LINE_TICK_MS);
  return {
    name: "pty",
    remoteAddress: "",
    start(given) {
      handler = given;
      pty.onData((chunk) => given.onChunk(chunk));
    },
    write(chunk) {
      if (bytesPerMs === Number.POSITIVE_INFINITY) {
        pty.write(chunk);
        return true;
      }
      if (queued === 0) lastAt = performance.now();
      queue.push(chunk);
      queued += chunk.length;
      return queued < LINE_QUEUE_BYTES;
    },
    close() {},
  };
}

async function cable(farEnd: string): Promise<{ pty: Pty; far: FarProcess }> {
  const pty = await openPty();
  const far = new FarProcess(farEnd, pty.path);
  await far.start();
  return { pty, far };
}

/** As fast as the session lets. */
export function cableSession(messages: readonly Uint8Array[], farEnd: string): Workload {
  const sender = new SessionSender(WINDOW_BYTES, true);
  return streamOf(messages, BATCH_BYTES, sender, async () => {
    const { pty, far } = await cable(farEnd);
    await sender.attach(cableOf(pty));
    return far;
  });
}

/** Bare bytes: two batches under way, as the session has. */
export function cableBytes(messages: readonly Uint8Array[], farEnd: string): Workload {
  const bytes = Buffer.concat(messages);
  let wire: { pty: Pty; far: FarProcess };
  let batchesOut = 0;
  let bytesBack = 0;
  let onBack = () => {};
  const until = (isTrue: () => boolean) =>
    new Promise<void>((resolve) => {
      onBack = () => isTrue() && resolve();
      onBack();
    });
  return {
    messages: messages.length,
    async start() {
      wire = await cable(farEnd);
      wire.pty.onData((chunk) => {
        bytesBack += chunk.length;
        onBack();
      });
    },
    async cycle() {
      for (let at = 0; at < bytes.length; at += BATCH_BYTES) {
        if (batchesOut - bytesBack / 2 >= 2) await until(() => batchesOut - bytesBack / 2 < 2);
        wire.pty.write(bytes.subarray(at, at + BATCH_BYTES));
        batchesOut++;
      }
    },
    finish: () => until(() => batchesOut === bytesBack / 2),
    delivered: () => wire.far.delivered(),
    farCpuNs: () => wire.far.cpuNs(),
  };
}

/** µs, medians of a round each. */
export interface RoundTrips {
  session: number[];
  bytes: number[];
}

export async function probeRoundTrip(effort: Effort): Promise<RoundTrips> {
  const session = new SessionSender(WINDOW_BYTES, true);
  const ours = await cable("P6 echo");
  await session.attach(cableOf(ours.pty));
  const raw = await cable("P6 raw echo");
  let bytesBack = 0;
  let onBack = () => {};
  raw.pty.onData((chunk) => {
    bytesBack += chunk.length;
    onBack();
  });
  const message = jsonMessage(1000, MESSAGE_BYTES);
  let sent = 0;
  const trips = [
    () =>
      new Promise<void>((resolve) => {
        sent++;
        session.onReceived = () => session.received === sent && resolve();
        session.send(message);
        session.settle();
      }),
    () =>
      new Promise<void>((resolve) => {
        const wanted = bytesBack + message.length;
        onBack = () => bytesBack === wanted && resolve();
        raw.pty.write(message);
      }),
  ];
  const out: RoundTrips = { session: [], bytes: [] };
  const repeats = effort.roundMs > 0 ? 200 : 3;
  for (let round = effort.warmUpMs > 0 ? -1 : 0; round < effort.rounds; round++) {
    const us: number[][] = [[], []];
    for (let i = 0; i < 2 * repeats; i++) {
      const begin = performance.now();
      await trips[i & 1]();
      us[i & 1].push((performance.now() - begin) * 1000);
    }
    if (round < 0) continue;
    out.session.push(percentile(us[0], 0.5));
    out.bytes.push(percentile(us[1], 0.5));
  }
  await Promise.all([ours.pty.close(), raw.pty.close()]);
  return out;
}

/** What share of a line's bytes is payload, a value a round. */
export async function probePaced(effort: Effort, baud: number): Promise<number[]> {
  const { pty, far } = await cable("P6 sink");
  const session = new SessionSender(WINDOW_BYTES, true);
  const bytesPerMs = baud / BITS_A_BYTE / 1000;
  await session.attach(cableOf(pty, bytesPerMs));
  let number = 1000;
  const fill = () => {
    while (session.send(jsonMessage(number++, MESSAGE_BYTES)));
  };
  session.onRoom = fill;
  fill();
  session.settle();
  await sleep(effort.warmUpMs > 0 ? SETTLE_MS : LINE_TICK_MS);
  const shares: number[] = [];
  for (let round = 0; round < effort.rounds; round++) {
    const before = await far.delivered();
    const begin = performance.now();
    await sleep(Math.max(300, effort.roundMs * 10));
    const payload = ((await far.delivered()) - before) * MESSAGE_BYTES;
    shares.push(payload / ((performance.now() - begin) * bytesPerMs));
  }
  await pty.close();
  return shares;
}
