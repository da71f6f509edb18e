/** A board's peer with a store that commits when the test says so, and its sessions without a wire. */
import { beforeEach, describe, expect, test } from "vitest";
import { Admission } from "../admission/admission.ts";
import { openKeys } from "../admission/key-store.ts";
import { Pairing } from "../admission/pairing.ts";
import { silentLog } from "../platform/log.ts";
import type { Carrier } from "../session/carrier.ts";
import { ServerExchange } from "../session/server-exchange.ts";
import { SessionServer } from "../session/session-server.ts";
import { nowhere } from "../session/wire.ts";
import type { DeliveredMessage } from "../store/store.ts";
import { LateDatabase } from "../testing/late-database.ts";
import { openTestStore } from "../testing/stores.ts";
import { DeviceTable } from "./device-table.ts";
import type { PeerContext } from "./peer-context.ts";
import { RequestBook } from "./request-book.ts";

let database: LateDatabase;
let table: DeviceTable;
let server: SessionServer;
let delivered: unknown[];
const clock = { now: () => 0, wall: () => 0 };
/** The store's commits begin with the next turn. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(async () => {
  database = new LateDatabase();
  const store = await openTestStore(database);
  database.isLate = true;
  delivered = [];
  const context: PeerContext = {
    id: "gw",
    store,
    book: new RequestBook(store, clock),
    clock,
    log: silentLog,
    onMessage: ({ message }: DeliveredMessage) => delivered.push(message.i),
    onChange: () => {},
  };
  const keys = openKeys("memory");
  const admission = new Admission(keys, new Pairing(keys, clock), { isInsecure: true, isLoopback: false });
  table = new DeviceTable(context, admission);
  const settings = { syncIntervalMinMs: 20, syncIntervalMaxMs: 1000, expireS: 255, maxPacketBytes: 4096 };
  server = new SessionServer(settings, clock, (session) => table.greet(session));
});

function wire() {
  const said: Buffer[] = [];
  const carrier: Carrier = {
    name: "tcp",
    remoteAddress: "",
    wire: nowhere,
    gathered: 0,
    output: (bytes, start, end) => said.push(Buffer.from(bytes.slice(start, end))),
    settle: () => {},
    settleNow: () => {},
    drop: () => {
      exchange.session = null;
    },
  };
  const exchange = new ServerExchange(carrier, server, {}, null, 0);
  return {
    exchange,
    said: () => Buffer.concat(said.splice(0)),
    say: (...parts: (string | object)[]) => {
      const bytes = Buffer.concat(
        parts.map((part) => (typeof part === "string" ? Buffer.from(part, "hex") : packet(part))),
      );
      exchange.hear(bytes, 0, bytes.length, 0);
    },
  };
}

function packet(message: object): Buffer {
  const data = Buffer.from(JSON.stringify(message));
  return Buffer.concat([Buffer.from([data.length]), data]);
}

const hello = (epoch: string, seq: number, rx = 500) => ({ hello: { id: "b", epoch, seq, rx, max: 100 } });

describe("a store that commits later", () => {
  test("a packet is acknowledged only after its commit (D17)", async () => {
    const line = wire();
    line.say("010000", hello("", 1));
    await turn();
    line.said();
    line.say({ i: 0 }, { i: 1 });
    await turn();
    expect(line.said().toString("hex")).toBe("");
    database.commit();
    await turn();
    expect(line.said().toString("hex")).toBe("0002");
    expect(delivered).toEqual([0, 1]);
  });

  test("a repeat is known while the original is not yet committed, and acknowledged once that is (D17)", async () => {
    const first = wire();
    first.say("010000", hello("", 1));
    const epoch = /yourEpoch":"([0-9a-f]{16})/.exec(first.said().toString())?.[1] ?? "";
    first.say({ i: 0 }, { i: 1 });
    const second = wire(); // the session is lost before the commit: both come again in a new one
    second.say("010000", hello(epoch, 1), { i: 0 }, { i: 1 });
    await turn();
    second.said();
    second.say({ i: 2 });
    await turn();
    expect(second.said().toString("hex")).toBe("");
    database.commit();
    await turn();
    expect(delivered).toEqual([0, 1]);
    expect(second.said().toString("hex")).toBe("0002");
    await turn();
    database.commit();
    await turn();
    expect(delivered).toEqual([0, 1, 2]);
    expect(second.said().toString("hex")).toBe("0001");
  });
});

test("the board's window holds on a resumed connection too", () => {
  const line = wire();
  line.say("010000", hello("", 1, 300));
  const session = line.exchange.session!;
  expect(session.session.window).toBe(300);
  line.exchange.end();
  const next = wire();
  next.say(`0110${Buffer.from(session.id).toString("hex")}00`);
  expect(next.exchange.session).toBe(session);
  expect(session.session.window).toBe(300);
});

test("a hello that comes late on an older session does not end the newer one", () => {
  const [older, newer] = [wire(), wire()];
  older.say("010000");
  newer.say("010000", hello("", 1));
  older.say(hello("", 1));
  expect(older.exchange.session).toBeNull();
  expect(newer.exchange.session?.isConfirmed).toBe(true);
});

test("a board that named no epoch is sent nothing behind the hello before it has that: said again, it is asked then", async () => {
  database.isLate = false;
  const deaf = wire();
  deaf.say("010000", hello("", 1));
  await turn();
  const { outcome } = await table.get("b")!.request({ ot: "l:x" }, 60_000);
  await turn();
  expect(deaf.said().toString("latin1")).toContain("yourEpoch");
  const heard = wire();
  heard.say("010000", hello("", 1));
  await turn();
  expect(heard.said().toString("latin1")).not.toContain("l:x");
  heard.say("0001");
  await turn();
  await turn();
  const request = /{"ot":"l:x","rq":(\d+)}/.exec(heard.said().toString("latin1"));
  expect(deaf.said().length).toBe(0);
  heard.say({ re: Number(request?.[1]), v: 1 });
  expect(await outcome).toMatchObject({ outcome: "delivered" });
});
