/** A board that is forgotten is out of sight, and comes back as if it had not been. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "./platform/testing/until.ts";
import { BoardClient } from "./testing/board-client.ts";
import { folderForEach } from "./testing/folders.ts";
import { startGateway, type TestGateway } from "./testing/gateway.ts";
import { tcpTransport } from "./transports/tcp-transport.ts";

const data = folderForEach("forget");
let gw: TestGateway;
const boards: BoardClient[] = [];

beforeEach(async () => {
  gw = await startGateway([`data=${data()}`]);
});
afterEach(async () => {
  for (const board of boards.splice(0)) board.detach();
  await gw.stop();
});

const shown = () => gw.gateway.devicesView().map(({ id }) => id);
const isConnected = () => gw.gateway.devicesView().some(({ connected }) => connected);

async function dial(board: BoardClient): Promise<void> {
  board.attach(tcpTransport(await gw.dial()));
}

async function plug(board: BoardClient): Promise<void> {
  await dial(board);
  await gw.until("connected", isConnected);
}

async function unplug(board: BoardClient): Promise<void> {
  board.detach();
  await gw.until("disconnected", () => !isConnected());
}

async function restart(): Promise<void> {
  await gw.stop();
  gw = await startGateway([`data=${data()}`]);
}

function newBoard(): BoardClient {
  const board = new BoardClient({ id: "b-1", hasLink: false });
  boards.push(board);
  return board;
}

/** So many requests, each of which comes to the board and is answered. */
async function ask(board: BoardClient, count: number): Promise<void> {
  const before = board.packets.length;
  const outcomes = Array.from({ length: count }, () => gw.request("b-1", { ot: "l:info" }));
  await until(() => expect(board.packets).toHaveLength(before + count));
  for (const packet of board.packets.slice(before)) board.send(JSON.stringify({ re: JSON.parse(packet).rq }));
  for (const { outcome } of await Promise.all(outcomes)) expect(outcome).toBe("delivered");
}

test("it is refused while the board is connected, and while requests wait for it", async () => {
  const board = newBoard();
  await plug(board);
  await expect(gw.gateway.forgetDevice("b-1")).rejects.toMatchObject({ code: "DEVICE_BUSY", exitCode: 5 });
  await unplug(board);
  const controller = new AbortController();
  const asked = await gw.gateway.router.submit("b-1", { ot: "l:info" }, 60_000, {
    signal: controller.signal,
  });
  await expect(gw.gateway.forgetDevice("b-1")).rejects.toThrow("forgetting b-1: 1 request waits for it");
  expect(shown()).toEqual(["b-1"]);
  controller.abort();
  await asked.outcome;
  expect(await gw.gateway.forgetDevice("b-1")).toBe(true);
  expect(shown()).toEqual([]);
  expect(await gw.gateway.forgetDevice("b-1")).toBe(false);
  await expect(gw.request("b-1", { ot: "l:info" })).rejects.toMatchObject({ code: "DEVICE_UNKNOWN" });
});

test("a request that has left keeps it in sight, and can be withdrawn; that the board is yet to hear of this does not", async () => {
  const board = newBoard();
  await plug(board);
  const asked = await gw.gateway.router.submit("b-1", { ot: "l:info" }, 60_000);
  await until(() => expect(board.packets).toHaveLength(1));
  await unplug(board);
  await expect(gw.gateway.forgetDevice("b-1")).rejects.toThrow("forgetting b-1: 1 request waits for it");
  expect(gw.gateway.router.cancel(asked.rq)).toBe(true);
  expect(await asked.outcome).toEqual({ outcome: "cancelled" });
  expect(await gw.gateway.forgetDevice("b-1")).toBe(true);
  expect(shown()).toEqual([]);
});

test.each([
  ["resumes its session", false],
  ["finds a gateway that was started anew", true],
])("a board that %s goes on with its numbers, both ways: once and in order", async (_, isRestarted) => {
  const board = newBoard();
  await plug(board);
  for (let i = 1; i <= 3; i++) board.send(JSON.stringify({ ot: "l:n", i }));
  await gw.until("3 messages", () => gw.messages.length === 3);
  await ask(board, 2);
  await unplug(board);
  for (let i = 4; i <= 6; i++) board.send(JSON.stringify({ ot: "l:n", i }));

  expect(await gw.gateway.forgetDevice("b-1")).toBe(true);
  if (isRestarted) await restart();
  expect(shown()).toEqual([]);
  if (isRestarted) {
    // Its session is none of this gateway's.
    await dial(board);
    await until(() => expect(board.ends).toHaveLength(1));
  }
  await plug(board);
  await gw.until("the rest, behind two answers", () => gw.gateway.store.next === 9);
  const stored = await gw.gateway.store.read(0, 10);
  const told = stored.map(({ seq, message }) => [seq, message.i ?? "answer"]);
  expect(told.map(([seq]) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(told.map(([, what]) => what)).toEqual([1, 2, 3, "answer", "answer", 4, 5, 6]);
  // A gateway that had begun its numbers anew would speak to deaf ears.
  await ask(board, 2);
  expect(shown()).toEqual(["b-1"]);

  // And it is known again for good.
  await unplug(board);
  await restart();
  expect(shown()).toEqual(["b-1"]);
});
