/** P9 at work: messages that come in turn over as many sessions as are live, through the gateway's own code. */
import { Admission } from "../host/admission/admission.ts";
import { openKeys } from "../host/admission/key-store.ts";
import { Pairing } from "../host/admission/pairing.ts";
import { loadConfig } from "../host/config/load.ts";
import { DeviceTable } from "../host/peers/device-table.ts";
import { RequestBook } from "../host/peers/request-book.ts";
import { systemClock } from "../host/platform/clock.ts";
import { silentLog } from "../host/platform/log.ts";
import { Connection } from "../host/session/connection.ts";
import { SessionServer } from "../host/session/session-server.ts";
import { memoryStore } from "../host/store/open-store.ts";
import type { Transport, TransportHandler } from "../host/transports/transport.ts";
import { jsonMessage } from "./chunks.ts";
import { Sink, sessionSettings } from "./session-sink.ts";
import { packetStream } from "./session-work.ts";
import type { Workload } from "./workload.ts";

const MESSAGES = 10_000;
const MESSAGE_BYTES = 100;
/** Messages that come in one turn of the event loop, and are one commit. */
const TURN = 1;
/** Boards that say hello in one turn: so many at once may be without (D9). */
const HELLOS = 4;
/** version 1, no session id: a new session; then startPacketIndex 0. */
const REQUEST = new Uint8Array([1, 0, 0]);
/**
 * A board that says something ten times a second has each message acknowledged by itself, for its last sync packet is longer
 * ago than syncIntervalMin. Here they come without a pause, so the interval is 0. Nobody's silence is looked at: a process
 * stands still while the others have their round.
 */
const settings = { ...sessionSettings, syncIntervalMinMs: 0, syncIntervalMaxMs: 1_000_000 };

/** The wire of one board: what is written to it is counted. */
class BoardWire implements Transport {
  readonly name = "memory";
  readonly remoteAddress = "";
  readonly unsent = 0;
  handler!: TransportHandler;
  writes = 0;

  constructor(sessions: SessionServer) {
    new Connection(this, sessions, systemClock, silentLog, null, () => {}).start();
  }

  start(handler: TransportHandler): void {
    this.handler = handler;
  }

  write(): boolean {
    this.writes++;
    return true;
  }

  close(): void {}
}

/** The next message over the wire whose turn it is. */
class Round {
  private next = 0;

  constructor(
    private readonly wires: readonly BoardWire[],
    private readonly chunk: Uint8Array,
  ) {}

  hear(messages: number): void {
    for (let i = 0; i < messages; i++) {
      this.wires[this.next].handler.onChunk(this.chunk);
      if (++this.next === this.wires.length) this.next = 0;
    }
  }
}

/** The sessions alone, whose packets are counted: each is a chunk of its own and acknowledged at once. */
export function packetsOverSessions(count: number): Workload {
  const wires: BoardWire[] = [];
  const sinks: Sink[] = [];
  let round: Round;
  return {
    messages: MESSAGES,
    async start() {
      const sessions = new SessionServer(settings, systemClock, (session) => {
        const sink = new Sink(session);
        sinks.push(sink);
        return sink;
      });
      sessions.start();
      for (let i = 0; i < count; i++) wires.push(new BoardWire(sessions));
      for (const { handler } of wires) handler.onChunk(REQUEST);
      round = new Round(wires, packetStream([Buffer.alloc(MESSAGE_BYTES, "a message ")]));
    },
    cycle: () => round.hear(MESSAGES),
    delivered() {
      const written = wires.reduce((sum, { writes }) => sum + writes, 0);
      const packets = sinks.reduce((sum, one) => sum + one.packets, 0);
      if (written < packets) throw new Error(`sessions: ${written} writes acknowledge ${packets} packets`);
      return packets;
    },
  };
}

/** The whole way: boards that said hello, their JSON, the store in memory, a consumer. */
export function messagesOfBoards(count: number): Workload {
  let delivered = 0;
  let round: Round;
  return {
    messages: MESSAGES,
    async start() {
      const table = await startTable(() => delivered++);
      const sessions = new SessionServer(settings, systemClock, (session) => table.greet(session));
      sessions.start();
      const wires: BoardWire[] = [];
      while (wires.length < count) {
        const fresh = Array.from(
          { length: Math.min(HELLOS, count - wires.length) },
          () => new BoardWire(sessions),
        );
        for (const [i, { handler }] of fresh.entries()) handler.onChunk(greeting(wires.length + i));
        wires.push(...fresh);
        await new Promise(setImmediate);
      }
      if (table.counts.connected !== count)
        throw new Error(`boards: ${table.counts.connected} of ${count} are connected`);
      round = new Round(wires, packetStream([jsonMessage(1000, MESSAGE_BYTES)]));
    },
    async cycle() {
      for (let i = 0; i < MESSAGES; i += TURN) {
        round.hear(TURN);
        await new Promise(setImmediate);
      }
    },
    async finish() {
      await new Promise((resolve) => setTimeout(resolve, 1));
    },
    delivered: () => delivered,
  };
}

async function startTable(onMessage: () => void): Promise<DeviceTable> {
  const { config } = loadConfig({ set: ["data=memory"], env: {}, cwd: "/", home: "/" });
  const { store, open } = memoryStore(config.store, systemClock);
  await open();
  const keys = openKeys("memory");
  const trust = { isInsecure: true, isLoopback: false };
  const admission = new Admission(keys, new Pairing(keys, systemClock), trust);
  const book = new RequestBook(store, systemClock);
  const context = { id: "bench", store, book, clock: systemClock, log: silentLog, onMessage, onChange() {} };
  const table = new DeviceTable(context, admission);
  await table.load();
  return table;
}

function greeting(board: number): Uint8Array {
  const window = { rx: 16_384, max: 16_384, lost: 0 };
  const about = { id: `board-${board}`, epoch: "", seq: 1, fw: "bench", board: "NODE", caps: [] };
  return Buffer.concat([
    REQUEST,
    packetStream([Buffer.from(JSON.stringify({ hello: { ...about, ...window } }))]),
  ]);
}
