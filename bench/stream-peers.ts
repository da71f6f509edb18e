/** The peers over TCP: bytes alone, and MQTT.js to aedes; each in the way that is fastest for it, in two processes. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { MqttClient } from "mqtt";
import type { FarEnd } from "./far-end.ts";
import { FarProcess } from "./far-end.ts";
import type { Workload } from "./workload.ts";

type Messages = readonly Buffer[];

/** Six characters: the least a useful topic takes. */
const TOPIC = "lab/t1";
/** Bytes of a write: larger ones are not faster. */
const SLAB_BYTES = 65536;
/** Publishes without an answer: the fastest is kept. MQTT ends at 65 535. */
const WINDOWS = [100, 1000, 5000];
const TRY_MESSAGES = 10_000;

/** Counts the bytes of its connections, and answers with a byte when a whole cycle's have come. */
export async function startByteSink(cycleBytes: number, messageBytes: number): Promise<FarEnd> {
  let bytes = 0;
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on("data", (chunk) => {
      const cycles = Math.floor(bytes / cycleBytes);
      bytes += chunk.length;
      const more = Math.floor(bytes / cycleBytes) - cycles;
      if (more > 0) socket.write(new Uint8Array(more));
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { port: (server.address() as AddressInfo).port, delivered: () => Math.floor(bytes / messageBytes) };
}

/** The limit: slabs that are made already, with as many in front of the reader as the socket lets. */
export function rawStream(messages: Messages, farEnd: string): Workload {
  const far = new FarProcess(farEnd);
  const whole = Buffer.concat(messages);
  const slabs: Buffer[] = [];
  for (let at = 0; at < whole.length; at += SLAB_BYTES) slabs.push(whole.subarray(at, at + SLAB_BYTES));
  let socket: Socket;
  let cyclesOut = 0;
  let cyclesBack = 0;
  let onBack = () => {};
  return {
    messages: messages.length,
    async start() {
      await far.start();
      socket = connect(far.port, "127.0.0.1");
      await once(socket.setNoDelay(true), "connect");
      socket.on("data", (chunk) => {
        cyclesBack += chunk.length;
        onBack();
      });
    },
    async cycle() {
      cyclesOut++;
      for (const slab of slabs) if (!socket.write(slab)) await once(socket, "drain");
    },
    finish: () =>
      new Promise((resolve) => {
        onBack = () => cyclesBack === cyclesOut && resolve();
        onBack();
      }),
    delivered: () => far.delivered(),
    farCpuNs: () => far.cpuNs(),
  };
}

/** aedes with its store in memory, and a subscriber in its process. */
export async function startAedes(): Promise<FarEnd> {
  const { Aedes } = await import("aedes"); // lazily: it takes longer to load than most work here
  const broker = await Aedes.createBroker();
  let delivered = 0;
  await new Promise<void>((resolve) =>
    broker.subscribe(
      TOPIC,
      (_packet, done) => {
        delivered++;
        done();
      },
      resolve,
    ),
  );
  const server = createServer((socket) => broker.handle(socket.setNoDelay(true)));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { port: (server.address() as AddressInfo).port, delivered: () => delivered };
}

/** QoS 1 publishes; a cycle ends with its last PUBACK, a run with the last message: aedes answers before it delivers. */
export function mqttStream(messages: Messages, farEnd: string): Workload {
  const far = new FarProcess(farEnd);
  let client: MqttClient;
  let window = WINDOWS[0];
  let published = 0;
  const publishAll = (count: number) =>
    new Promise<void>((resolve, reject) => {
      let sent = 0;
      let done = 0;
      published += count;
      const onAnswer = (error?: Error | null) => {
        if (error) reject(error);
        else if (++done === count) resolve();
        else fill();
      };
      const fill = () => {
        while (sent < count && sent - done < window)
          client.publish(TOPIC, messages[sent++ % messages.length], { qos: 1 }, onAnswer);
      };
      fill();
    });
  return {
    messages: messages.length,
    async start() {
      await far.start();
      const { connectAsync } = await import("mqtt");
      client = await connectAsync(`mqtt://127.0.0.1:${far.port}`);
      (client.stream as Socket).setNoDelay(true);
      await publishAll(TRY_MESSAGES); // warm
      await far.received(published);
      const took = new Map<number, number>();
      for (window of WINDOWS) {
        const begin = performance.now();
        await publishAll(TRY_MESSAGES);
        await far.received(published);
        took.set(window, performance.now() - begin);
      }
      window = WINDOWS.reduce((best, one) => (took.get(one)! < took.get(best)! ? one : best));
    },
    cycle: () => publishAll(messages.length),
    finish: () => far.received(published),
    delivered: () => far.delivered(),
    farCpuNs: () => far.cpuNs(),
  };
}
