/** P4's measurements: one way at 500 messages a second, resuming, and the replay of what was queued. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { MqttClient } from "mqtt";
import { appendPacket, createSendBuffer } from "../shared/session/send-buffer.ts";
import type { FarEnd } from "./far-end.ts";
import { FarProcess } from "./far-end.ts";
import type { Effort } from "./runner.ts";
import { SessionSender } from "./session-sender.ts";
import { Sink, startSessions, WINDOW_BYTES } from "./session-sink.ts";
import { percentile } from "./statistics.ts";

const MESSAGE_BYTES = 100;
/** Both contenders send in turn, a message every 2 ms each. */
const TURN_MS = 1;
const WARM_MESSAGES = 200;
/** Between a cut and the next connection, so that the other end is done with the old one. */
const PAUSE_MS = 5;

const QUEUED = 5000;
const QUEUE_BYTES = QUEUED * (MESSAGE_BYTES + 1);
const TOPIC = "lab/t1";

/** ns, the same for all processes of the machine; a double holds it exactly for 104 days. */
const nowNs = () => Number(process.hrtime.bigint());

/** Notes how old each message is that comes. */
class AgeSink extends Sink {
  constructor(
    session: ConstructorParameters<typeof Sink>[0],
    private readonly ages: number[],
  ) {
    super(session);
  }

  override onPacket(bytes: Uint8Array, start: number, end: number, index: number): void {
    this.ages.push(nowNs() - Buffer.from(bytes.buffer, bytes.byteOffset + start, 8).readDoubleLE());
    super.onPacket(bytes, start, end, index);
  }
}

/** Sessions and, at the next answer of `figures`, bare connections: [port], then ages of both, ns. */
export async function startAgeSinks(): Promise<FarEnd> {
  const ofSession: number[] = [];
  const ofBytes: number[] = [];
  const port = await startSessions((session) => new AgeSink(session, ofSession));
  const server = createServer((socket) => {
    let rest = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      const now = nowNs();
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (; rest.length >= MESSAGE_BYTES; rest = rest.subarray(MESSAGE_BYTES))
        ofBytes.push(now - rest.readDoubleLE());
    });
  });
  const bytesPort = await listenOn(server);
  return {
    port,
    delivered: () => bytesPort,
    figures: () => [ofSession.splice(0), ofBytes.splice(0)],
  };
}

/** Ages at the other end, ns, a list a round. */
export interface Latencies {
  session: { p50: number; p99: number }[];
  bytes: { p50: number; p99: number }[];
}

export async function probeLatency(effort: Effort): Promise<Latencies> {
  const far = new FarProcess("P4 ages");
  await far.start();
  const session = new SessionSender(WINDOW_BYTES);
  await session.start(far.port);
  const socket = connect(await far.delivered(), "127.0.0.1").setNoDelay(true);
  await once(socket, "connect");
  const message = Buffer.alloc(MESSAGE_BYTES, "x");
  const send = [
    () => {
      message.writeDoubleLE(nowNs());
      session.send(message);
      session.settle();
    },
    () => {
      const own = Buffer.from(message);
      own.writeDoubleLE(nowNs());
      socket.write(own);
    },
  ];
  const sendFor = async (messages: number) => {
    for (let i = 0; i < 2 * messages; i++) {
      send[i & 1]();
      await sleep(TURN_MS);
    }
    await sleep(PAUSE_MS);
    return far.figures();
  };
  const out: Latencies = { session: [], bytes: [] };
  const count = Math.max(10, effort.roundMs * 5);
  if (effort.warmUpMs > 0) await sendFor(WARM_MESSAGES);
  for (let round = 0; round < effort.rounds; round++) {
    const [ofSession, ofBytes] = await sendFor(count);
    if (ofSession.length !== count || ofBytes.length !== count)
      throw new Error(`latency: ${ofSession.length} and ${ofBytes.length} messages came of ${count} each`);
    out.session.push({ p50: percentile(ofSession, 0.5), p99: percentile(ofSession, 0.99) });
    out.bytes.push({ p50: percentile(ofBytes, 0.5), p99: percentile(ofBytes, 0.99) });
  }
  return out;
}

/** Bytes come back as they are. */
export async function startEcho(): Promise<FarEnd> {
  const server = createServer((socket) => socket.setNoDelay(true).pipe(socket));
  return { port: await listenOn(server), delivered: () => 0 };
}

/** µs, medians of a round each. */
export interface Resumes {
  roundTrip: number[];
  resume: number[];
  /** A new connection and one round trip over it. */
  connect: number[];
}

export async function probeResume(effort: Effort): Promise<Resumes> {
  const echo = new FarProcess("P4 echo");
  const far = new FarProcess("P2 session sink");
  await echo.start();
  await far.start();
  const session = new SessionSender(WINDOW_BYTES);
  await session.start(far.port);
  const lasting = connect(echo.port, "127.0.0.1").setNoDelay(true);
  await once(lasting, "connect");
  const out: Resumes = { roundTrip: [], resume: [], connect: [] };
  const repeats = effort.roundMs > 0 ? 50 : 3;
  for (let round = effort.warmUpMs > 0 ? -1 : 0; round < effort.rounds; round++) {
    const us = { roundTrip: [] as number[], resume: [] as number[], connect: [] as number[] };
    for (let i = 0; i < repeats; i++) {
      us.roundTrip.push(await timeOf(() => roundTrip(lasting)));
      await sleep(PAUSE_MS);
      us.connect.push(await timeOf(() => connectAndEcho(echo.port)));
      session.cut();
      await sleep(PAUSE_MS);
      us.resume.push(await timeOf(() => session.start(far.port)));
      await sleep(PAUSE_MS);
    }
    if (round < 0) continue;
    for (const what of ["roundTrip", "resume", "connect"] as const)
      out[what].push(percentile(us[what], 0.5) / 1000);
  }
  return out;
}

/** With every connection that is lost, 5000 packets are queued for the next. */
export async function startQueue(): Promise<FarEnd> {
  const message = Buffer.alloc(MESSAGE_BYTES, "x");
  const port = await startSessions((session) => {
    const sink = new Sink(session);
    const buffer = createSendBuffer(new Uint8Array(2 * QUEUE_BYTES), QUEUE_BYTES);
    sink.onDisconnected = () => {
      while (appendPacket(buffer, message, 0, message.length) > 0);
      if (session.session.main === null) session.bind(buffer);
    };
    return sink;
  });
  return { port, delivered: () => 0 };
}

/** A slab of as many bytes for every connection. */
export async function startSlab(): Promise<FarEnd> {
  const slab = Buffer.alloc(QUEUE_BYTES, "x");
  const server = createServer((socket) => {
    socket.setNoDelay(true).write(slab);
    socket.on("error", () => {});
  });
  return { port: await listenOn(server), delivered: () => 0 };
}

/** ms from the call of connect() to the last of 5000 messages, a value a round. */
export interface Replays {
  session: number[];
  floor: number[];
  mosquitto: number[];
}

export async function probeReplay(effort: Effort): Promise<Replays> {
  const ours = new FarProcess("P4 queue");
  const floor = new FarProcess("P4 slab");
  const broker = new FarProcess("P4 mosquitto");
  for (const far of [ours, floor, broker]) await far.start();
  const session = new SessionSender(QUEUE_BYTES);
  await session.start(ours.port);
  const { connectAsync } = await import("mqtt");
  const publisher = await connectAsync(`mqtt://127.0.0.1:${broker.port}`);
  const out: Replays = { session: [], floor: [], mosquitto: [] };
  let wanted = 0;
  for (let round = effort.warmUpMs > 0 ? -3 : 0; round < effort.rounds; round++) {
    session.cut();
    await sleep(PAUSE_MS);
    wanted += QUEUED;
    const ofSession = await timeOf(async () => {
      const all = new Promise<void>((resolve) => {
        session.onReceived = () => session.received === wanted && resolve();
      });
      await session.start(ours.port);
      await all;
    });
    const ofFloor = await timeOf(() => readBytes(floor.port, QUEUE_BYTES));
    const ofMosquitto = await replayMqtt(broker.port, publisher);
    if (round < 0) continue;
    out.session.push(ofSession / 1e6);
    out.floor.push(ofFloor / 1e6);
    out.mosquitto.push(ofMosquitto / 1e6);
  }
  return out;
}

async function replayMqtt(port: number, publisher: MqttClient): Promise<number> {
  const { connect: connectMqtt, connectAsync } = await import("mqtt");
  const subscriber = { clientId: "bench-subscriber", clean: false, protocolVersion: 4 } as const;
  const first = await connectAsync(`mqtt://127.0.0.1:${port}`, subscriber);
  await first.subscribeAsync(TOPIC, { qos: 1 });
  await first.endAsync();
  const payload = Buffer.alloc(MESSAGE_BYTES, "x");
  await Promise.all(Array.from({ length: QUEUED }, () => publisher.publishAsync(TOPIC, payload, { qos: 1 })));
  let client!: MqttClient;
  const took = await timeOf(
    () =>
      new Promise<void>((resolve) => {
        let came = 0;
        client = connectMqtt(`mqtt://127.0.0.1:${port}`, subscriber);
        client.on("message", () => ++came === QUEUED && resolve());
      }),
  );
  await client.endAsync();
  return took;
}

async function readBytes(port: number, wanted: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  let bytes = 0;
  await new Promise<void>((resolve) => {
    socket.on("data", (chunk) => {
      bytes += chunk.length;
      if (bytes === wanted) resolve();
    });
  });
  socket.destroy();
}

async function roundTrip(socket: Socket): Promise<void> {
  const back = once(socket, "data");
  socket.write("x");
  await back;
}

async function connectAndEcho(port: number): Promise<void> {
  const socket = connect(port, "127.0.0.1").setNoDelay(true);
  await once(socket, "connect");
  await roundTrip(socket);
  socket.destroy();
}

async function timeOf(action: () => Promise<void>): Promise<number> {
  const begin = nowNs();
  await action();
  return nowNs() - begin;
}

async function listenOn(server: ReturnType<typeof createServer>): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}
