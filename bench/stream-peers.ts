/** The peers over TCP: bytes alone, and MQTT.js to aedes; each in the way that is fastest for it, in two processes. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { FarEnd } from "./far-end.ts";
import { FarProcess } from "./far-end.ts";
import { WindowedPublisher } from "./windowed-publisher.ts";
import type { Workload } from "./workload.ts";

type Messages = readonly Buffer[];

/** Six characters: the least a useful topic takes. */
const TOPIC = "lab/t1";
/** Bytes of a write: larger ones are not faster. */
const SLAB_BYTES = 65536;
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

/** QoS 1 publishes; a cycle ends with its last PUBACK, a run with the last message. */
export function mqttStream(messages: Messages, farEnd: string): Workload {
  const far = new FarProcess(farEnd);
  let publisher: WindowedPublisher;
  return {
    messages: messages.length,
    async start() {
      await far.start();
      const { connectAsync } = await import("mqtt");
      const client = await connectAsync(`mqtt://127.0.0.1:${far.port}`);
      (client.stream as Socket).setNoDelay(true);
      publisher = new WindowedPublisher(messages, far, (message, done) => {
        client.publish(TOPIC, message, { qos: 1 }, done);
      });
    },
    tune: () => publisher.findWindow(),
    cycle: () => publisher.publish(messages.length),
    finish: () => publisher.finish(),
    delivered: () => far.delivered(),
    farCpuNs: () => far.cpuNs(),
  };
}
