/** The gateway's own session code as a far end: listener, connections and session server, with owners of our making. */
import { systemClock } from "../host/platform/clock.ts";
import { silentLog } from "../host/platform/log.ts";
import { Connection } from "../host/session/connection.ts";
import type { ServerSession } from "../host/session/server-session.ts";
import { nobody, type SessionOwner } from "../host/session/session-owner.ts";
import { SessionServer } from "../host/session/session-server.ts";
import { TcpListener } from "../host/transports/tcp-listener.ts";
import { Limit } from "../shared/session/state.ts";

/** The defaults of the configuration. */
export const sessionSettings = {
  syncIntervalMinMs: 20,
  syncIntervalMaxMs: 5000,
  expireS: 255,
  maxPacketBytes: 65_536,
};
/** What the gateway's hello says it takes unacknowledged, and what these sessions take from it: any. */
export const WINDOW_BYTES = 262_144;

/** Counts packets and accepts each at once, as with a store in memory. */
export class Sink implements SessionOwner {
  packets = 0;
  onAcknowledged: SessionOwner["onAcknowledged"] = nobody.onAcknowledged;
  onConnected: SessionOwner["onConnected"] = nobody.onConnected;
  onDisconnected: SessionOwner["onDisconnected"] = nobody.onDisconnected;
  onWritable: SessionOwner["onWritable"] = nobody.onWritable;
  onClosed: SessionOwner["onClosed"] = nobody.onClosed;

  constructor(protected readonly session: ServerSession) {
    session.confirm(Limit.NONE);
  }

  onPacket(_bytes: Uint8Array, _start: number, _end: number, index: number): void {
    this.packets++;
    this.session.accept(index + 1);
  }
}

/** Resolves with the port. No hello is waited for. */
export async function startSessions(ownerOf: (session: ServerSession) => SessionOwner): Promise<number> {
  const sessions = new SessionServer(sessionSettings, systemClock, ownerOf);
  sessions.start();
  const listener = new TcpListener({
    host: "127.0.0.1",
    port: 0,
    setting: "bench",
    onTransport: (transport) =>
      new Connection(transport, sessions, systemClock, silentLog, null, () => {}).start(),
    onAcceptError(error) {
      throw error;
    },
  });
  return (await listener.start()).port;
}
