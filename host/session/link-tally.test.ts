/** What is counted of a serial link, beside a naive twin that has every chunk of it. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Break } from "../../shared/link/frame.ts";
import { sendReset } from "../../shared/link/send-frame.ts";
import { systemClock } from "../platform/clock.ts";
import { silentLog } from "../platform/log.ts";
import { BoardClient } from "../testing/board-client.ts";
import { MemoryPair } from "../transports/memory-pair.ts";
import type { Transport } from "../transports/transport.ts";
import { Connection } from "./connection.ts";
import { gatewayLink } from "./gateway-link.ts";
import { LinkTally } from "./link-tally.ts";
import { nobody } from "./session-owner.ts";
import { SessionServer } from "./session-server.ts";

const session = { syncIntervalMinMs: 20, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 65_536 };
const cable = { baud: 115_200, interByteTimeoutMs: 300, syncIntervalMaxMs: 5000 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A board on a cable, and all that passed on it. */
function plug(tally: LinkTally) {
  const chunks = { board: [] as Uint8Array[], gateway: [] as Uint8Array[] };
  const pair = new MemoryPair({ delivery: "microtask" });
  const server = new SessionServer(session, systemClock, (one) => {
    one.confirm(65_536);
    return { ...nobody, onPacket: (_bytes, _start, _end, index) => one.accept(index + 1) };
  });
  const connection = new Connection(
    ...([pair.b, server, systemClock, silentLog, cable, () => {}, undefined, tally] as const),
  );
  connection.setTap({
    onChunk: (from, chunk) => void chunks[from].push(Uint8Array.from(chunk)),
    onSecret: () => {},
    onOver: () => {},
  });
  connection.start();
  const board = new BoardClient({ id: "b", hasLink: true });
  board.attach(pair.a);
  return { pair, board, connection, chunks, noise: (bytes: number[]) => write(pair.a, bytes) };
}

const write = (transport: Transport, bytes: number[]) => void transport.write(Uint8Array.from(bytes));
const total = (chunks: readonly Uint8Array[]) => chunks.reduce((sum, { length }) => sum + length, 0);
/** SLIP: what is between two ENDs is a frame, unless it is nothing. */
const frames = (chunks: readonly Uint8Array[]) =>
  Buffer.concat(chunks)
    .toString("latin1")
    .split("\xc0")
    .filter((text) => text !== "").length;

test("bytes and frames of both directions are those that passed, over two openings of the port", async () => {
  const tally = new LinkTally();
  const plugged = [];
  for (let opening = 0; opening < 2; opening++) {
    const one = plug(tally);
    await pass(1000);
    for (let i = 0; i < 50; i++) one.board.send(Uint8Array.from({ length: 40 }, (_, at) => 0xc0 + (at & 31)));
    await pass(1000);
    expect([tally.isOpen, tally.standing]).toEqual([true, 1]);
    plugged.push(one);
    one.board.detach();
    one.pair.cut();
    await pass(0);
  }
  const board = plugged.flatMap(({ chunks }) => chunks.board);
  const gateway = plugged.flatMap(({ chunks }) => chunks.gateway);
  expect([tally.rxBytes, tally.txBytes]).toEqual([total(board), total(gateway)]);
  expect([tally.heard.frames, tally.txFrames]).toEqual([frames(board), frames(gateway)]);
  expect([tally.isOpen, tally.standing, tally.connections]).toEqual([false, 0, 2]);
  expect([tally.crcErrors, tally.overruns, tally.heard.noise]).toEqual([0, 0, 0]);
});

test("foreign bytes are garbage, a spoiled frame of ours is a checksum error, and a board tells what its port lost", async () => {
  const tally = new LinkTally();
  const { connection, noise } = plug(tally);
  await pass(1000);
  noise([...Buffer.from("hello, this is a boot text"), 0xc0]);
  await pass(10);
  expect([tally.heard.noise, tally.crcErrors]).toEqual([26, 0]);
  noise([0x44, connection.link!.id, 0, 1, 2, 3, 4, 5, 6, 0xc0]); // D, our link, and what is no CRC
  await pass(0);
  expect([tally.crcErrors, tally.overruns]).toEqual([1, 0]);
  await pass(2000); // the board opens again
  const said: number[] = [];
  const onWrite = (bytes: Uint8Array, start: number, end: number) => said.push(...bytes.slice(start, end));
  const teller = gatewayLink(cable, { onWrite, onOpened() {}, onBroken() {}, onData() {} });
  sendReset(teller, connection.link!.id, Break.OVERFLOW, 0);
  noise(said);
  await pass(10);
  expect([tally.crcErrors, tally.overruns]).toEqual([1, 1]);
});
