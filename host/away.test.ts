/** Of a board that is away is known when it was heard last and where it was connected, whatever became of the gateway. */
import { cpSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BoardClient } from "./testing/board-client.ts";
import { folderForEach } from "./testing/folders.ts";
import { startGateway, type TestGateway } from "./testing/gateway.ts";
import { tcpTransport } from "./transports/tcp-transport.ts";

const data = folderForEach("away");
let gw: TestGateway;
let board: BoardClient;

beforeEach(async () => {
  gw = await startGateway([`data=${data()}/first`]);
  board = new BoardClient({ id: "b-1", hasLink: false });
  board.attach(tcpTransport(await gw.dial()));
  for (let i = 1; i <= 3; i++) board.send(JSON.stringify({ ot: "l:n", i }));
  await gw.until("3 messages", () => gw.messages.length === 3);
});
afterEach(async () => {
  board.detach();
  await gw.stop();
});

const told = () => gw.gateway.devicesView().map(({ id, via, lastAt }) => ({ id, via, lastAt }));

test("one that was stopped is told of it as the one before", async () => {
  board.detach();
  await gw.until("disconnected", () => gw.gateway.devicesView().every(({ connected }) => !connected));
  const [before] = told();
  expect([before.via, before.lastAt > 0]).toEqual([expect.stringMatching(/^tcp /), true]);
  await gw.stop();
  gw = await startGateway([`data=${data()}/first`]);
  expect(told()).toEqual([before]);
});

test("one that was killed knows it to a minute", async () => {
  const [before] = told();
  // What is on the disk of a gateway that had no time to write more, once no database is being opened.
  await gw.until("a history", () => gw.gateway.history.view().state === "ok");
  cpSync(`${data()}/first`, `${data()}/killed`, { recursive: true });
  await gw.stop();
  gw = await startGateway([`data=${data()}/killed`]);
  const [after] = told();
  expect(after).toMatchObject({ id: "b-1", via: before.via });
  expect(before.lastAt - after.lastAt).toBeLessThan(60_000);
});
