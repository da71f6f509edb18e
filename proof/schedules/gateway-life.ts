/** One life of the gateway, from its start to its crash: its own parts, over the schedule's database and wires. */
import { Admission } from "../../host/admission/admission.ts";
import type { KeyStore } from "../../host/admission/key-store.ts";
import { Pairing } from "../../host/admission/pairing.ts";
import { DeviceTable } from "../../host/peers/device-table.ts";
import type { PeerContext } from "../../host/peers/peer-context.ts";
import { RequestBook } from "../../host/peers/request-book.ts";
import type { Clock } from "../../host/platform/clock.ts";
import type { Log } from "../../host/platform/log.ts";
import { Announcer } from "../../host/router/announcer.ts";
import { Router } from "../../host/router/router.ts";
import { Connection } from "../../host/session/connection.ts";
import { SessionServer } from "../../host/session/session-server.ts";
import { nowhere } from "../../host/session/wire.ts";
import { DurableStore } from "../../host/store/durable-store.ts";
import type { CrashingDatabase } from "./crashing-database.ts";
import { virtualNow } from "./virtual-time.ts";
import type { Wire } from "./wire.ts";

/** ms since 1970 when a schedule begins. */
const EPOCH_MS = 1_795_300_000_000;
const clock: Clock = { now: virtualNow, wall: () => EPOCH_MS + virtualNow() };
const LINK = { baud: 115_200, interByteTimeoutMs: 300, syncIntervalMaxMs: 2000 };
const SESSIONS = { syncIntervalMinMs: 20, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 4096 };
const STORE = {
  folder: "schedule",
  maxMessages: 1e6,
  maxBytes: 1e9,
  maxAgeS: 0,
  whenFull: "dropOldest" as const,
  flush: true,
  commitDelayMs: 0,
  retryMs: 500,
  machine: "",
  clock,
  low: () => null,
  onFlushed() {},
  onFault() {},
};

export interface GatewayWatcher {
  /** Something is wrong with the gateway itself. */
  onFault(text: string): void;
  /** It gave a connection up, or refused a hello: a code's name. */
  onDropped(code: string): void;
}

export class GatewayLife {
  readonly store: DurableStore;
  readonly router: Router;
  readonly book: RequestBook;
  readonly table: DeviceTable;
  readonly sessions: SessionServer;
  isReady = false;
  private readonly announcer: Announcer;

  constructor(
    private readonly database: CrashingDatabase,
    keys: KeyStore,
    private readonly watcher: GatewayWatcher,
  ) {
    this.store = new DurableStore(database, {
      ...STORE,
      onReopened: () => this.announcer.catchUp(),
    });
    this.announcer = new Announcer(
      this.store,
      (device) => this.table.get(device),
      (message) => this.router.messages.publish(message),
    );
    this.book = new RequestBook(this.store, clock);
    const admission = new Admission(keys, new Pairing(keys, clock), { isInsecure: true, isLoopback: false });
    const context: PeerContext = {
      id: "gw",
      store: this.store,
      book: this.book,
      clock,
      log: this.log,
      onMessage: (message) => this.announcer.tell(message),
      onChange: (peer) => this.router.changes.publish(peer),
    };
    this.table = new DeviceTable(context, admission);
    this.router = new Router(this.table, (error) => watcher.onFault(`a listener failed: ${error}`));
    this.sessions = new SessionServer(
      SESSIONS,
      clock,
      (session) => this.table.greet(session),
      (session, shown, wire) => admission.mayResume(session, shown, wire),
    );
  }

  /** Rejects when the store cannot be had: the process ends. */
  async open(): Promise<void> {
    await this.database.open();
    await this.store.start();
    this.announcer.begin();
    await this.table.load();
    this.sessions.start();
    this.isReady = true;
  }

  /** A board, or a cable, is there. */
  connect(wire: Wire): void {
    const link = wire.kind === "serial" ? LINK : null;
    new Connection(wire, this.sessions, clock, this.log, link, () => {}, nowhere).start();
  }

  private hearCode(fields: object): void {
    if ("code" in fields) this.watcher.onDropped(String(fields.code));
  }

  private get log(): Log {
    return {
      debug() {},
      info: (fields) => this.hearCode(fields),
      warn: (fields) => this.hearCode(fields),
      error: (fields, text) => this.watcher.onFault(`the log says: ${text} ${JSON.stringify(fields)}`),
    };
  }
}
