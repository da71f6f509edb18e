/** A gateway is backed up while it works, and another one made of it goes on where it stood (users.md D6). */
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { openKeys, openPeerKeys } from "./admission/key-store.ts";
import { keepBackup } from "./backup/backup-file.ts";
import { restoreBackup } from "./backup/restore.ts";
import { Command, Reqtype } from "./iotgw/commands.ts";
import { until } from "./platform/testing/until.ts";
import { Lane } from "./queue/packet.ts";
import { BoardClient } from "./testing/board-client.ts";
import { folderForEach } from "./testing/folders.ts";
import { startGateway, type TestGateway } from "./testing/gateway.ts";
import { tcpTransport } from "./transports/tcp-transport.ts";

const folder = folderForEach("backup");
const gateways: TestGateway[] = [];
const boards: BoardClient[] = [];
afterEach(async () => {
  for (const board of boards.splice(0)) board.detach();
  for (const gw of gateways.splice(0)) await gw.stop();
});

/** attic, whose shed, host id 8, is never there. */
async function start(data: string): Promise<TestGateway> {
  const gw = await startGateway([
    ...[`data=${data}`, "gateway.id=attic", "peers.listen.port=0"],
    ...["peers.connect.0.id=8", "peers.connect.0.name=shed"],
  ]);
  gateways.push(gw);
  return gw;
}

async function stop(gw: TestGateway): Promise<void> {
  gateways.splice(gateways.indexOf(gw), 1);
  await gw.stop();
}

const say = (board: BoardClient, from: number, to: number) => {
  for (let i = from; i <= to; i++) board.send(JSON.stringify({ ot: "l:n", i }));
};

const sum = (all: readonly { waiting: { packets: number } }[]) =>
  all.reduce((total, { waiting }) => total + waiting.packets, 0);

/** What `bowline queue`, `devices`, `peers` and `key list` count. */
async function countsOf({ gateway }: TestGateway, data: string) {
  const { store, boards: waiting, peers } = gateway.queueView();
  return {
    messages: [store.messages, gateway.store.next, store.dropped],
    waiting: waiting.filter(({ open }) => open > 0).map(({ device, open, queued }) => [device, open, queued]),
    peers: peers
      .filter(({ kind }) => kind === "gateway")
      .map(({ name, packets, bytes }) => [name, packets, bytes]),
    frames: sum(gateway.peersView().peers),
    hostId: gateway.peersView().gateway.id,
    known: gateway.peersView().peers.map(({ id, name }) => [id, name]),
    devices: gateway.devicesView().map(({ id, delivered }) => [id, delivered]),
    watermarks: ["b-1", "b-2"].map((id) => gateway.store.watermarks(id)),
    requests: gateway.requests.views().map(({ rq, device, state }) => [rq, device, state]),
    keys: openKeys(data).list(),
    peerKeys: openPeerKeys(data).list(),
    told: (await gateway.store.read(0, 100_000)).map(({ n, device, epoch, seq }) => [n, device, epoch, seq]),
  };
}

test("a backup taken under load is of one commit; what is made of it loses and repeats nothing of it", async () => {
  const [first, second] = [join(folder(), "first"), join(folder(), "second")];
  const old = await start(first);
  openPeerKeys(first).draw("8");
  for (const id of ["b-1", "b-2"]) {
    const board = new BoardClient({ id, hasLink: false, key: openKeys(first).draw(id) });
    boards.push(board);
    board.attach(tcpTransport(await old.dial()));
  }
  const [one, two] = boards;
  say(two, 1, 10);
  await old.until("b-2 is known", () => old.messages.length === 10);
  // Away, and asked for something; and frames for the shed.
  two.detach();
  await old.until("b-2 is away", () => old.gateway.devicesView().some(({ connected }) => !connected));
  for (let i = 1; i <= 3; i++) void old.request("b-2", { ot: "l:led", i }, 600_000).catch(() => {});
  const frame = {
    ...{ dst: 8n, cmd: Command.EVENT, reqtype: Reqtype.ASYNC, lane: Lane.BULK, ttlMs: Infinity },
    content: Buffer.alloc(100),
  };
  for (let i = 0; i < 5; i++) await old.gateway.others.mesh.send(frame);

  say(one, 1, 2000);
  await old.until("some of it", () => old.messages.length > 200);
  const file = join(folder(), "under-load.bowline");
  const kept = await keepBackup(file, old.gateway.backup({ history: true }));
  await old.until("all", () => old.messages.length === 2010);
  await until(() => one.unacknowledged === 0);
  expect(kept.messages).toBeGreaterThan(200);
  expect(kept).toMatchObject({
    gateway: "attic",
    last: kept.messages,
    keys: 2,
    peerKeys: 1,
    hasHistory: true,
  });

  await restoreBackup(file, second, { isForced: false });
  const made = await start(second);
  const [before, after] = [await countsOf(old, first), await countsOf(made, second)];
  // All that is later than the backup is not in it, and nothing else differs.
  const inIt = before.told.slice(0, kept.messages);
  expect(after.told).toEqual(inIt);
  const mark = inIt.filter(([, device]) => device === "b-1").length;
  expect(after).toEqual({
    ...before,
    messages: [kept.messages, kept.messages + 1, 0],
    told: inIt,
    devices: [
      ["b-1", mark],
      ["b-2", 10],
    ],
    watermarks: [[{ ...before.watermarks[0][0], seq: mark, delivered: mark }], before.watermarks[1]].map(
      (all) => all.map((one) => expect.objectContaining(one)),
    ),
  });
  expect(after.waiting).toEqual(before.waiting);
  expect(after.frames).toBe(5);
  expect(made.gateway.store.epoch).not.toBe(old.gateway.store.epoch);

  // The old one is gone; boards go on with the new one.
  await stop(old);
  say(one, 2001, 2100);
  one.attach(tcpTransport(await made.dial())); // its session is not known there
  await until(() => one.ends.length > 0);
  one.attach(tcpTransport(await made.dial()));
  await made.until("what b-1 said since", () => made.messages.length === 100);
  two.attach(tcpTransport(await made.dial()));
  const numbers = (await made.gateway.store.read(0, 100_000))
    .filter(({ device }) => device === "b-1")
    .map(({ seq }) => seq);
  const expected = [...range(1, mark), ...range(2001, 2100)];
  expect(numbers).toEqual(expected);
});

test("a board that had not been told goes on as if nothing had happened: none lost, none twice", async () => {
  const [first, second] = [join(folder(), "first"), join(folder(), "second")];
  const old = await start(first);
  const board = new BoardClient({ id: "b-1", hasLink: false });
  boards.push(board);
  board.attach(tcpTransport(await old.dial()));
  say(board, 1, 50);
  await old.until("50", () => old.messages.length === 50);
  const file = join(folder(), "a.bowline");
  await keepBackup(file, old.gateway.backup({ history: false }));
  await stop(old);
  say(board, 51, 80);
  await restoreBackup(file, second, { isForced: false });
  const made = await start(second);
  void made.request("b-1", { ot: "l:led" }, 600_000).catch(() => {});
  board.attach(tcpTransport(await made.dial()));
  await until(() => board.ends.length > 0);
  board.attach(tcpTransport(await made.dial()));
  await made.until("30 more", () => made.messages.length === 30);
  // It knows the gateway for another, so that the number of what it is asked is none it had before.
  await until(() => board.packets.length === 1);
  expect((await made.gateway.store.read(0, 1000)).map(({ seq }) => seq)).toEqual(range(1, 80));
});

test("a gateway that keeps nothing has no backup", async () => {
  const gw = await startGateway([]);
  gateways.push(gw);
  mkdirSync(join(folder(), "x"));
  expect(() => gw.gateway.backup({ history: false })).toThrow(
    expect.objectContaining({ code: "BACKUP_MEMORY" }),
  );
  expect(readdirSync(join(folder(), "x"))).toEqual([]);
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
