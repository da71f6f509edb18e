/** Numbers that a board's hello passes over: how many messages may be lost, and when none are (session part 4). */
import { beforeEach, expect, test } from "vitest";
import { Admission } from "../admission/admission.ts";
import { openKeys } from "../admission/key-store.ts";
import { Pairing } from "../admission/pairing.ts";
import { type Log, silentLog } from "../platform/log.ts";
import type { Carrier } from "../session/carrier.ts";
import { ServerExchange } from "../session/server-exchange.ts";
import { SessionServer } from "../session/session-server.ts";
import { nowhere } from "../session/wire.ts";
import { MemoryDatabase } from "../store/memory-database.ts";
import type { DeliveredMessage, Store } from "../store/store.ts";
import { openTestStore } from "../testing/stores.ts";
import { DeviceTable } from "./device-table.ts";
import { RequestBook } from "./request-book.ts";

let store: Store;
let table: DeviceTable;
let server: SessionServer;
let delivered: [number, unknown][];
let losses: unknown[];
const clock = { now: () => 0, wall: () => 0 };

beforeEach(async () => {
  store = await openTestStore(new MemoryDatabase());
  delivered = [];
  losses = [];
  const warn: Log["warn"] = (said) => {
    const { event, missing } = said as { event?: string; missing?: number };
    if (event === "loss") losses.push(missing);
  };
  const keys = openKeys("memory");
  const admission = new Admission(keys, new Pairing(keys, clock), { isInsecure: true, isLoopback: false });
  const onMessage = ({ seq, message }: DeliveredMessage) => delivered.push([seq, message.i]);
  const context = {
    ...{ id: "gw", store, book: new RequestBook(store, clock), clock, log: { ...silentLog, warn } },
    ...{ onMessage, onChange: () => {} },
  };
  table = new DeviceTable(context, admission);
  const settings = { syncIntervalMinMs: 20, syncIntervalMaxMs: 1000, expireS: 255, maxPacketBytes: 4096 };
  server = new SessionServer(settings, clock, (session) => table.greet(session));
});

function packet(message: object): Buffer {
  const data = Buffer.from(JSON.stringify(message));
  return Buffer.concat([Buffer.from([data.length]), data]);
}

/** A new session of a board in `epoch`, whose first message has the number `seq` -> the epoch that it is in from then on. */
async function session(epoch: string, seq: number, ...messages: object[]): Promise<string> {
  const said: Buffer[] = [];
  const carrier: Carrier = {
    ...{ name: "tcp", remoteAddress: "", wire: nowhere, gathered: 0 },
    ...{ settle: () => {}, settleNow: () => {}, drop: () => {} },
    output: (bytes, start, end) => said.push(Buffer.from(bytes.slice(start, end))),
  };
  const exchange = new ServerExchange(carrier, server, {}, null, 0);
  const hello = { hello: { id: "b", epoch, seq, rx: 500, max: 100 } };
  const bytes = Buffer.concat([Buffer.from("010000", "hex"), packet(hello), ...messages.map(packet)]);
  exchange.hear(bytes, 0, bytes.length, 0);
  await new Promise<void>((resolve, reject) =>
    store.whenCommitted({ onCommitted: resolve, onFailed: reject }),
  );
  return /yourEpoch":"([0-9a-f]{16})/.exec(Buffer.concat(said).toString())?.[1] ?? epoch;
}

const missing = () => table.get("b")?.counts.missing;

test("a board that goes on with the next number, or says some again, has lost nothing", async () => {
  const epoch = await session("", 1, { i: 1 }, { i: 2 });
  await session(epoch, 3, { i: 3 });
  await session(epoch, 2, { i: 2 }, { i: 3 }, { i: 4 });
  expect([missing(), losses]).toEqual([0, []]);
  expect(delivered.map(([seq]) => seq)).toEqual([1, 2, 3, 4]);
});

test("numbers that it passes over are told as possibly lost, with how many, and it goes on behind them", async () => {
  const epoch = await session("", 1, { i: 1 }, { i: 2 });
  await session(epoch, 6, { i: 6 });
  expect([missing(), losses]).toEqual([3, [3]]);
  await session(epoch, 7, { i: 7 });
  expect([missing(), losses]).toEqual([3, [3]]);
  expect(delivered.map(([seq]) => seq)).toEqual([1, 2, 6, 7]);
});

test("of a life of which nothing came yet nothing is missing, whatever its first number is", async () => {
  await session("00000000000000aa", 40, { i: 40 });
  expect([missing(), losses]).toEqual([0, []]);
  expect(delivered).toEqual([[40, 40]]);
});
