/** P8 at work: whole gateways under the same clients, and how much of the machine one takes that has just begun. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { MqttClient } from "mqtt";
import { BoardClient } from "../host/testing/board-client.ts";
import { tcpTransport } from "../host/transports/tcp-transport.ts";
import type { FarEnd } from "./far-end.ts";
import { FarProcess } from "./far-end.ts";
import { root } from "./root.ts";
import type { Effort } from "./runner.ts";
import { percentile } from "./statistics.ts";
import { startGateway } from "./store-work.ts";

const CLIENTS = 200;
const MESSAGES_PER_S = 10;
const TICK_MS = 5;
/** Until all is compiled, faster than measured: a gateway runs for days. */
const WARM_MESSAGES = 60_000;
const WARM_MESSAGES_PER_S = 40;
/** The gateway of aedes keeps as many messages for those who ask later; ours has them all on disk. */
const KEPT_MESSAGES = 1000;
/** A quarter of the time that a process has to come to rest after its first line. */
const QUIET_MS = 500;

const nowNs = () => Number(process.hrtime.bigint());

/** What a consumer notes of messages that carry when they were made. */
class Ages {
  count = 0;
  private ages: number[] = [];

  note(message: Record<string, unknown>): void {
    this.count++;
    this.ages.push(nowNs() - (message.ns as number));
  }

  take(): number[] {
    return this.ages.splice(0);
  }
}

/** The gateway of this project, whole but for HTTP. */
export async function startOurGateway(): Promise<FarEnd> {
  const data = mkdtempSync(join(tmpdir(), "bench-gateway-"));
  const ages = new Ages();
  const gateway = await startGateway(data, [], ({ message }) => ages.note(message));
  return {
    port: gateway.tcpAddress!.port,
    delivered: () => ages.count,
    figures: () => [ages.take()],
    stop: () => rmSync(data, { recursive: true, force: true }),
  };
}

/** What people build on aedes: the message is parsed, numbered and kept, and handed to a consumer. */
export async function startAedesGateway(): Promise<FarEnd> {
  const { Aedes } = await import("aedes");
  const broker = await Aedes.createBroker();
  let kept: object[] = [];
  const ages = new Ages();
  let seq = 0;
  await new Promise<void>((resolve) =>
    broker.subscribe(
      "lab/+",
      (packet, done) => {
        const payload = packet.payload as Buffer;
        const message = JSON.parse(payload.toString()) as Record<string, unknown>;
        const device = packet.topic.slice("lab/".length);
        kept.push({ n: ++seq, device, at: Date.now(), message });
        if (kept.length >= 2 * KEPT_MESSAGES) kept = kept.slice(-KEPT_MESSAGES);
        ages.note(message);
        done();
      },
      resolve,
    ),
  );
  const server = createServer((socket) => broker.handle(socket.setNoDelay(true)));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return { port, delivered: () => ages.count, figures: () => [ages.take()] };
}

const messageOf = (i: number) =>
  `{"ot":"l:telemetry","ns":${nowNs()},"temp":${20 + (i % 10)}.5,"free":1830,"uptime":${i},"state":"running"}`;

/** One gateway and its 200 clients. */
interface Side {
  far: FarProcess;
  /** Bytes it held before the first of them came. */
  emptyBytes: number;
  send(client: number, message: string): void;
}

async function ourSide(): Promise<Side> {
  const far = new FarProcess("P8 gateway");
  await far.start();
  const emptyBytes = await far.bytesHeld();
  return { far, emptyBytes, send: await boards(far.port, CLIENTS) };
}

export async function boards(port: number, count: number): Promise<Side["send"]> {
  const clients: BoardClient[] = [];
  for (let i = 0; i < count; i++)
    clients.push(await boardOn(port, new BoardClient({ id: `board-${i}`, hasLink: false })));
  return (client, message) => clients[client].send(message);
}

/** Resolves once it is welcome: the gateway holds only so many that are not. */
export async function boardOn(port: number, client: BoardClient): Promise<BoardClient> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  client.attach(tcpTransport(socket));
  while (client.epoch === "") await sleep(1);
  return client;
}

async function aedesSide(): Promise<Side> {
  const { connectAsync } = await import("mqtt");
  const far = new FarProcess("P8 aedes");
  await far.start();
  const emptyBytes = await far.bytesHeld();
  const clients: MqttClient[] = [];
  for (let i = 0; i < CLIENTS; i++) {
    const client = await connectAsync(`mqtt://127.0.0.1:${far.port}`, { clientId: `board-${i}` });
    (client.stream as Socket).setNoDelay(true);
    clients.push(client);
  }
  const send = (i: number, message: string) => clients[i].publish(`lab/board-${i}`, message, { qos: 1 });
  return { far, emptyBytes, send };
}

/** A value a round: µs of CPU a message, and the age of 99 of 100 messages, ms; bytes held at the end, and before it all. */
export interface Load {
  cpuUs: number[];
  p99Ms: number[];
  bytes: number;
  emptyBytes: number;
}

export async function probeLoad(effort: Effort): Promise<{ ours: Load; aedes: Load }> {
  const sides: Side[] = [];
  const loads: Load[] = [];
  for (const start of [ourSide, aedesSide]) {
    const side = await start();
    sides.push(side);
    loads.push({ cpuUs: [], p99Ms: [], bytes: 0, emptyBytes: side.emptyBytes });
  }
  const perRound = effort.roundMs > 0 ? 15 * MESSAGES_PER_S * CLIENTS * (effort.roundMs / 1000) : CLIENTS;
  if (effort.warmUpMs > 0) for (const side of sides) await loadOnce(side, WARM_MESSAGES, WARM_MESSAGES_PER_S);
  for (let round = 0; round < effort.rounds; round++)
    for (const [i, side] of sides.entries()) {
      const { cpuUs, ages } = await loadOnce(side, Math.round(perRound / CLIENTS) * CLIENTS, MESSAGES_PER_S);
      loads[i].cpuUs.push(cpuUs);
      loads[i].p99Ms.push(percentile(ages, 0.99) / 1e6);
    }
  for (const [i, { far }] of sides.entries()) loads[i].bytes = await far.bytesHeld();
  const [ours, aedes] = loads;
  return { ours, aedes };
}

/** `rate`: messages a second of each client. */
async function loadOnce(
  { far, send }: Side,
  messages: number,
  rate: number,
): Promise<{ cpuUs: number; ages: number[] }> {
  await far.figures();
  const before = await far.delivered();
  const cpu = await far.cpuNs();
  const begin = performance.now();
  for (let sent = 0; sent < messages; await sleep(TICK_MS)) {
    // A machine that is too slow falls behind: what it missed is not sent at once, or the heartbeats would starve.
    const due = Math.min(messages, sent + CLIENTS, ((performance.now() - begin) / 1000) * rate * CLIENTS);
    for (; sent < due; sent++) send(sent % CLIENTS, messageOf(sent));
  }
  await far.received(before + messages);
  const cpuUs = ((await far.cpuNs()) - cpu) / messages / 1000;
  const [ages] = await far.figures();
  return { cpuUs, ages };
}

/** Resident KiB of the program as it is installed, and of Node that does nothing. */
export interface Resident {
  gateway: number;
  node: number;
}

export async function probeResident(): Promise<Resident> {
  const data = mkdtempSync(join(tmpdir(), "bench-up-"));
  const hub = ["com.in", "com.out", "tech.in", "tech.out"].map((port) => `monique.hub.${port}=0`);
  const set = ["tcp.port=0", "http.port=0", ...hub, `data=${data}`].flatMap((one) => ["--set", one]);
  try {
    return {
      gateway: await residentKiB([join(root, "dist/bowline.mjs"), "up", "--quiet", ...set], data),
      node: await residentKiB(["-e", 'setInterval(() => {}, 1e6); console.log("here")'], data),
    };
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

/** Of a Node process, a moment after its first line. */
async function residentKiB(args: string[], cwd: string): Promise<number> {
  const child = spawn(process.execPath, args, { cwd, stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(child.stdout, "data");
    await sleep(4 * QUIET_MS);
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, "latin1"))?.[1]);
  } finally {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
}
