/** The boards of a gateway: who is known, who is let in, the sessions they have, and what people may do about each. */
import { Code } from "../../shared/session/codes.ts";
import { Admission } from "../admission/admission.ts";
import { type KeyStore, openKeys } from "../admission/key-store.ts";
import { Pairing } from "../admission/pairing.ts";
import type { Config } from "../config/schema.ts";
import type { DevicePeer } from "../peers/device-peer.ts";
import { DeviceTable } from "../peers/device-table.ts";
import type { PeerContext } from "../peers/peer-context.ts";
import { Whereabouts } from "../peers/whereabouts.ts";
import { isLoopback } from "../platform/loopback.ts";
import { type DeviceView, type SessionView, viewDevice, viewSession } from "../router/views.ts";
import type { Connection } from "../session/connection.ts";
import { SessionServer } from "../session/session-server.ts";
import type { SessionTally } from "../session/session-tally.ts";

export interface BoardsOptions extends Omit<PeerContext, "id"> {
  config: Pick<Config, "data" | "gateway" | "session" | "tcp">;
  tally: SessionTally;
}

export class Boards {
  readonly keys: KeyStore;
  readonly table: DeviceTable;
  readonly sessions: SessionServer;
  private readonly pairing: Pairing;
  private readonly whereabouts = new Whereabouts();

  constructor(private readonly options: BoardsOptions) {
    const { config, clock, tally } = options;
    const { insecure, host } = config.tcp;
    this.keys = openKeys(config.data);
    this.pairing = new Pairing(this.keys, clock);
    const trust = { isInsecure: insecure, isLoopback: isLoopback(host) };
    const admission = new Admission(this.keys, this.pairing, trust);
    const context: PeerContext = {
      ...{ ...options, id: config.gateway.id },
      onChange: (board) => {
        this.noteMove(board);
        options.onChange(board);
      },
    };
    this.table = new DeviceTable(context, admission);
    this.sessions = new SessionServer(
      config.session,
      clock,
      (session) => this.table.greet(session),
      (session, shown, wire) => admission.mayResume(session, shown, wire),
      tally,
    );
  }

  /** Whether `device` speaks over `connection` now. */
  isCarrying(device: string, connection: Connection): boolean {
    return this.table.get(device)?.serverSession?.carrier === connection;
  }

  views(): DeviceView[] {
    return this.table.all().map(viewDevice);
  }

  sessionViews(): SessionView[] {
    const owners = new Map(this.table.all().map((device) => [device.serverSession, device.id]));
    return [...this.sessions.all()].map((session) => viewSession(session, owners.get(session) ?? ""));
  }

  pairingView(): { remainingMs: number; paired: string[] } {
    const { remainingMs, paired } = this.pairing;
    return { remainingMs, paired };
  }

  /** Boards on a wire nobody can listen to are given keys; those that stand say hello anew, to be given theirs. */
  openPairing(ms: number): void {
    const { log } = this.options;
    this.pairing.open(ms);
    if (!this.pairing.isOpen) return log.info({}, "pairing closed");
    log.info({ forS: Math.round(this.pairing.remainingMs / 1000) }, "pairing open");
    for (const session of [...this.sessions.all()]) if (session.wire.isCable) session.close();
  }

  /** Takes a board's key and ends its sessions -> how many, null when it had no key. */
  revokeKey(id: string): number | null {
    if (!this.keys.remove(id)) return null;
    const theirs = [...this.sessions.all()].filter((session) => session.device === id);
    for (const session of theirs) session.end(Code.KEY_REVOKED);
    this.options.log.info({ device: id, sessions: theirs.length }, "key revoked");
    return theirs.length;
  }

  private noteMove(board: DevicePeer): void {
    const via = board.isConnected ? (board.serverSession?.via ?? "") : "";
    const before = via === "" ? "" : this.whereabouts.see(board.id, via);
    if (before === "") return;
    this.options.log.info({ device: board.id, event: "moved", via, before }, "is on another port");
  }
}
