/** P12 at work: what comes in on one port goes out on another to whoever asked for it. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Pull, Push } from "zeromq";
import { Hub } from "../host/hub/hub.ts";
import { systemClock } from "../host/platform/clock.ts";
import { silentLog } from "../host/platform/log.ts";
import { openTestStore } from "../host/testing/stores.ts";
import { encodeMessage, encodeReady } from "../host/zmtp/encoder.ts";
import { greeting } from "../host/zmtp/greeting.ts";
import { defaultLimits } from "../host/zmtp/limits.ts";
import { bytesHeld, FarProcess } from "./far-end.ts";
import { connected, portOf, TOLD_EVERY } from "./forward-ends.ts";
import type { Probe } from "./probe.ts";
import type { Workload } from "./workload.ts";

export type Sort = "data" | "config";

const MESSAGES = 32 * TOLD_EVERY;
/** So often it is looked whether the reader is heard of. */
const PROBE_MS = 20;
/** What has not come by then is lost. */
const LATE_MS = 60_000;
/** What a subscriber that stands still is not sent: several times what is kept for it. */
const STANDING_MESSAGES = 3 * defaultLimits.pendingMessages;

interface Ports {
  into: number;
  out: number;
}

/** Ours, as a gateway runs it, with its store in memory. */
export async function startHub(): Promise<Ports> {
  const hub = new Hub({
    settings: {
      ...{ creator: "bench", host: "127.0.0.1", com: { in: 0, out: 0 }, tech: { in: 0, out: 0 }, tls: null },
      ...{ allow: [], controller: [], maxMessageBytes: 1 << 20, frequenciesMs: {} },
    },
    ...{ store: await openTestStore(), clock: systemClock, log: silentLog },
  });
  await hub.open();
  await hub.start();
  const { com } = hub.addresses!;
  return { into: com.in, out: com.out };
}

/** The least a hub can do: it looks into nothing, and drops nothing. */
export async function startForwarding(): Promise<Ports> {
  const { Publisher, Pull } = await import("zeromq");
  const pull = new Pull();
  const pub = new Publisher({ sendHighWaterMark: 0 });
  await Promise.all([pull.bind("tcp://127.0.0.1:*"), pub.bind("tcp://127.0.0.1:*")]);
  void (async () => {
    for (;;) await pub.send(await pull.receive());
  })();
  return { into: portOf(pull.lastEndpoint), out: portOf(pub.lastEndpoint) };
}

/** A producer and a reader in their processes, on both sides of what forwards in this one. */
class Ends {
  private reader!: FarProcess;
  private orders!: Push;
  private done!: Pull;

  async start({ into, out }: Ports): Promise<void> {
    const zmq = await import("zeromq");
    this.done = new zmq.Pull({ receiveTimeout: LATE_MS });
    await this.done.bind("tcp://127.0.0.1:*");
    const producer = new FarProcess("P12 producer", `${into},${portOf(this.done.lastEndpoint)}`);
    await producer.start();
    this.orders = connected(new zmq.Push(), producer.port);
    this.reader = new FarProcess("P12 reader", `${out},${producer.port}`);
    await this.reader.start();
    // What is published before a subscription has arrived is lost, and nothing tells when it has.
    const isThere = this.done.receive();
    for (let isHeard = false; !isHeard; ) {
      await this.orders.send("probe");
      isHeard = await Promise.race([isThere.then(() => true), sleep(PROBE_MS, false)]);
    }
  }

  /** Resolves when the reader has heard them all. */
  async send(sort: Sort, count: number): Promise<void> {
    await this.orders.send(`${sort} ${count}`);
    await this.done.receive();
  }

  heard(): Promise<number> {
    return this.reader.delivered();
  }
}

/** CPU time is that of this process alone: of what forwards. */
export function forwarding(start: () => Promise<Ports>, sort: Sort): Workload {
  const ends = new Ends();
  return {
    messages: MESSAGES,
    start: async () => ends.start(await start()),
    cycle: () => ends.send(sort, MESSAGES),
    delivered: () => ends.heard(),
  };
}

/** Bytes of this process: at first, then twice after as many messages more. */
export interface Standing {
  held: number[];
  messages: number;
}

/** A hub with a subscriber to everything that reads nothing, and one that reads. */
export const probeStanding: Probe<Standing> = async ({ warmUpMs }) => {
  const messages = warmUpMs === 0 ? MESSAGES : Math.ceil(STANDING_MESSAGES / MESSAGES) * MESSAGES;
  const ports = await startHub();
  const ends = new Ends();
  await ends.start(ports);
  await ends.send("data", MESSAGES);
  const held = [bytesHeld()];
  const standing = await standStill(ports.out);
  for (let i = 0; i < 2; i++) {
    await ends.send("data", messages);
    held.push(bytesHeld());
  }
  standing.destroy();
  return { held, messages };
};

async function standStill(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(Buffer.concat([greeting, encodeReady("SUB"), encodeMessage([Buffer.of(1)])]));
  await once(socket, "data");
  return socket.pause();
}
