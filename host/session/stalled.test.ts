/** A board that does not read (users L4), in time that passes only when the test says so. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createSendBuffer } from "../../shared/session/send-buffer.ts";
import { systemClock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { BoardClient } from "../testing/board-client.ts";
import type { Transport, TransportHandler } from "../transports/transport.ts";
import { Connection } from "./connection.ts";
import type { LinkSettings } from "./gateway-link.ts";
import type { ServerSession } from "./server-session.ts";
import { nobody } from "./session-owner.ts";
import { SessionServer } from "./session-server.ts";

const cable: LinkSettings = { baud: 115_200, interByteTimeoutMs: 300, syncIntervalMaxMs: 2000 };
const settings = { syncIntervalMinMs: 20, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 65_536 };
/** As a serial port has it. */
const HIGH_WATER_BYTES = 4096;
/** Besides what a port holds by itself: acknowledgements of 4 s, every 20 ms, 20 bytes each. */
const MOST_WAITING_BYTES = HIGH_WATER_BYTES + 4096;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Two ends joined; the board's may stop reading, and then the gateway's fills up. */
class Wire {
  isReading = true;
  waiting: Uint8Array[] = [];
  mostWaiting = 0;
  isClosed = false;
  private gatewayHandler: TransportHandler | null = null;
  private boardHandler: TransportHandler | null = null;
  private isRefusing = false;

  readonly gateway: Transport = {
    name: "serial test",
    remoteAddress: "",
    start: (handler) => {
      this.gatewayHandler = handler;
    },
    write: (chunk) => {
      if (this.isClosed) return false;
      this.waiting.push(chunk);
      this.mostWaiting = Math.max(this.mostWaiting, this.waitingBytes);
      this.isRefusing ||= this.waitingBytes >= HIGH_WATER_BYTES;
      queueMicrotask(() => this.carry());
      return !this.isRefusing;
    },
    close: () => {
      if (this.isClosed) return;
      this.isClosed = true;
      queueMicrotask(() => {
        this.gatewayHandler?.onClose("closed here");
        this.boardHandler?.onClose("closed there");
      });
    },
  };

  readonly board: Transport = {
    name: "board",
    remoteAddress: "",
    start: (handler) => {
      this.boardHandler = handler;
    },
    write: (chunk) => {
      if (!this.isClosed) queueMicrotask(() => this.gatewayHandler?.onChunk(chunk));
      return true;
    },
    close() {},
  };

  get waitingBytes(): number {
    return this.waiting.reduce((sum, { length }) => sum + length, 0);
  }

  carry(): void {
    if (!this.isReading || this.isClosed) return;
    for (const chunk of this.waiting.splice(0)) this.boardHandler?.onChunk(chunk);
    if (this.isRefusing) this.gatewayHandler?.onDrain();
    this.isRefusing = false;
  }
}

/** A gateway without peers: takes every packet, and has as much to send as goes out. */
function house() {
  const lines: string[] = [];
  const tell = (_fields: object, text: string) => void lines.push(text);
  const log: Log = { debug: tell, info: tell, warn: tell, error: tell };
  const received = new Map<string, number>();
  const server = new SessionServer(settings, systemClock, greet);
  function greet(session: ServerSession) {
    return {
      ...nobody,
      onPacket: (bytes: Uint8Array, start: number) => welcome(session, bytes.slice(start)),
    };
  }
  function welcome(session: ServerSession, hello: Uint8Array) {
    const id = /"id":"(\w+)"/.exec(Buffer.from(hello).toString())?.[1] ?? "";
    session.confirm(65_536);
    const count = (_bytes: Uint8Array, _start: number, _end: number, index: number) => {
      received.set(id, (received.get(id) ?? 0) + 1);
      session.accept(index + 1);
    };
    session.setOwner({ ...nobody, onPacket: count });
    session.greet(Buffer.from(JSON.stringify({ hello: { epoch: "e", seq: 1, yourEpoch: "b" } })));
    session.bind(createSendBuffer(new Uint8Array(2048), 1024));
    session.accept(1);
  }
  function plug(id: string) {
    const wire = new Wire();
    const over = vi.fn();
    const connection = new Connection(wire.gateway, server, systemClock, log, cable, over);
    connection.start();
    const board = new BoardClient({ id, hasLink: true });
    board.attach(wire.board);
    return { wire, connection, board, over, received: () => received.get(id) ?? 0 };
  }
  return { lines, plug };
}

/** The board goes on sending, a packet every 10 ms. */
async function chatter(board: BoardClient, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 10) {
    board.send("x".repeat(40));
    await pass(10);
  }
}

/** One that talks but does not read, with its port full, as far as `ms`. */
async function stall(plugged: ReturnType<ReturnType<typeof house>["plug"]>, ms: number): Promise<void> {
  const { wire, board } = plugged;
  wire.isReading = false;
  wire.gateway.write(new Uint8Array(HIGH_WATER_BYTES)); // what the port takes before it refuses
  await chatter(board, ms);
}

test("is stalled after a second, and given up after two heartbeats; what waits for it stays bounded", async () => {
  const { plug, lines } = house();
  const plugged = plug("deaf");
  const { connection, wire, over } = plugged;
  await chatter(plugged.board, 500);
  expect(plugged.received()).toBeGreaterThan(0);
  await stall(plugged, 900);
  expect([connection.isStalled, wire.isClosed]).toEqual([false, false]);
  await chatter(plugged.board, 200);
  expect([connection.isStalled, wire.isClosed]).toEqual([true, false]);
  await chatter(plugged.board, 3500);
  expect(over).toHaveBeenCalledOnce();
  expect(lines.filter((line) => line.startsWith("stalled"))).toEqual([
    "stalled: no byte was taken for 4 s, the connection is closed",
  ]);
  await chatter(plugged.board, 60_000);
  expect(wire.mostWaiting).toBeGreaterThan(HIGH_WATER_BYTES);
  expect(wire.mostWaiting).toBeLessThan(MOST_WAITING_BYTES);
});

test("a board that reads again in time goes on, and nothing is lost", async () => {
  const { plug } = house();
  const plugged = plug("slow");
  const { connection, wire, board } = plugged;
  await chatter(board, 500);
  await stall(plugged, 2500);
  expect(connection.isStalled).toBe(true);
  wire.waiting.shift(); // the filling is no part of the link
  wire.isReading = true;
  wire.carry();
  expect(connection.isStalled).toBe(false);
  await pass(10_000);
  expect(wire.isClosed).toBe(false);
  expect(plugged.received()).toBe(300);
  expect(board.linksOpened).toBe(1);
});

test("makes no other cable slower: the other board's packets arrive at the very same moments", async () => {
  async function arrivals(isOtherDeaf: boolean): Promise<number[]> {
    const { plug } = house();
    const other = plug("other");
    const well = plug("well");
    await chatter(other.board, 500);
    if (isOtherDeaf) await stall(other, 0);
    const counts: number[] = [];
    for (let at = 0; at < 60_000; at += 100) {
      other.board.send("x".repeat(40));
      well.board.send("x".repeat(40));
      await pass(100);
      counts.push(well.received());
    }
    return counts;
  }
  const alone = await arrivals(false);
  expect(alone.at(-1)).toBe(600);
  expect(await arrivals(true)).toEqual(alone);
});
