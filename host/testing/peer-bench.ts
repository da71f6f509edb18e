/** The peer of board "b" over a store that commits when the test says so, and its lines without a wire. Needs fake timers. */
import { vi } from "vitest";
import { Admission } from "../admission/admission.ts";
import { openKeys } from "../admission/key-store.ts";
import { Pairing } from "../admission/pairing.ts";
import type { DevicePeer } from "../peers/device-peer.ts";
import { DeviceTable } from "../peers/device-table.ts";
import { RequestBook } from "../peers/request-book.ts";
import type { Ticket } from "../peers/requests.ts";
import { silentLog } from "../platform/log.ts";
import type { Carrier } from "../session/carrier.ts";
import { ServerExchange } from "../session/server-exchange.ts";
import { SessionServer } from "../session/session-server.ts";
import { nowhere } from "../session/wire.ts";
import type { DurableStore } from "../store/durable-store.ts";
import { LateDatabase } from "./late-database.ts";
import { openTestStore } from "./stores.ts";

const settings = { syncIntervalMinMs: 20, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 4096 };
const clock = { now: () => Date.now(), wall: () => Date.now() };

/** One connection of the board. */
export interface Line {
  readonly exchange: ServerExchange;
  /** Bytes as they come, written as hex. */
  hear(hex: string): void;
  say(message: object): void;
}

export class PeerBench {
  readonly database = new LateDatabase();
  store!: DurableStore;
  book!: RequestBook;
  table!: DeviceTable;
  server!: SessionServer;
  /** What the gateway said since this was emptied, over all lines, but for ids of sessions: any letters may be in these. */
  said = "";
  private newestId = "";

  /** A gateway over the database: the one before was killed. */
  async start(): Promise<void> {
    this.database.isLate = false;
    this.store = await openTestStore(this.database);
    this.book = new RequestBook(this.store, clock);
    const { store, book } = this;
    const keys = openKeys("memory");
    const admission = new Admission(keys, new Pairing(keys, clock), { isInsecure: true, isLoopback: false });
    const context = { id: "gw", store, book, clock, log: silentLog, onMessage() {}, onChange() {} };
    this.table = new DeviceTable(context, admission);
    await this.table.load();
    this.server = new SessionServer(settings, clock, (session) => {
      this.newestId = Buffer.from(session.id).toString("latin1");
      return this.table.greet(session);
    });
    this.said = "";
  }

  stop(): void {
    this.table.stop();
  }

  get peer(): DevicePeer {
    return this.table.get("b")!;
  }

  /** All that follows at once. */
  async settle(): Promise<void> {
    await vi.advanceTimersByTimeAsync(5);
  }

  async commit(): Promise<void> {
    await this.settle();
    this.database.commit();
    await this.settle();
  }

  /** A line on which nothing was said. */
  line(): Line {
    const carrier: Carrier = {
      name: "tcp",
      remoteAddress: "",
      wire: nowhere,
      gathered: 0,
      output: (bytes, start, end) => {
        this.said += Buffer.from(bytes.slice(start, end)).toString("latin1").replace(this.newestId, "");
      },
      settle() {},
      settleNow() {},
      drop() {
        exchange.session = null;
      },
    };
    const exchange = new ServerExchange(carrier, this.server, {}, null, 0);
    const hear = (hex: string) => {
      const bytes = Buffer.from(hex, "hex");
      exchange.hear(bytes, 0, bytes.length, Date.now());
    };
    const say = (message: object) => {
      const data = Buffer.from(JSON.stringify(message));
      hear(Buffer.concat([Buffer.from([data.length]), data]).toString("hex"));
    };
    return { exchange, hear, say };
  }

  /** The board says hello in a new session, and has the gateway's. */
  connect(epoch = "", max = 200): Line {
    const line = this.line();
    line.hear("010000");
    line.say({ hello: { id: "b", epoch, seq: 1, rx: 500, max } });
    line.hear("0001");
    return line;
  }

  async request(fields: object = {}, timeoutMs = 60_000): Promise<Ticket> {
    const ticket = this.peer.request({ ot: "run", ...fields }, timeoutMs);
    await Promise.race([ticket, this.settle()]);
    return ticket;
  }
}

export function outcomeOf(ticket: Ticket): unknown[] {
  const seen: unknown[] = [];
  void ticket.outcome.then((outcome) => seen.push(outcome));
  return seen;
}
