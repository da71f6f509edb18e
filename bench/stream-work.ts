/** Ours over TCP: a session that sends, and the gateway's own session code that receives, each in its process. */

import { systemClock } from "../host/platform/clock.ts";
import { silentLog } from "../host/platform/log.ts";
import { Connection } from "../host/session/connection.ts";
import type { ServerSession, SessionOwner } from "../host/session/server-session.ts";
import { nobody } from "../host/session/server-session.ts";
import { SessionServer } from "../host/session/session-server.ts";
import { TcpListener } from "../host/transports/tcp-listener.ts";
import type { FarEnd } from "./far-end.ts";
import { FarProcess } from "./far-end.ts";
import { SessionSender } from "./session-sender.ts";
import type { Workload } from "./workload.ts";

const settings = { syncIntervalMinMs: 20, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 65536 };
/** What a gateway's hello says it takes unacknowledged. */
const WINDOW_BYTES = 262_144;
/** Bytes that are made before they are sent: what one turn of a busy program makes. */
const TURN_BYTES = 65536;

/** Counts packets and accepts each at once, as with a store in memory. */
class Sink implements SessionOwner {
  packets = 0;

  constructor(private readonly session: ServerSession) {
    session.confirm(WINDOW_BYTES);
  }

  onPacket(_bytes: Uint8Array, _start: number, _end: number, index: number): void {
    this.packets++;
    this.session.accept(index + 1);
  }

  onAcknowledged = nobody.onAcknowledged;
  onConnected = nobody.onConnected;
  onDisconnected = nobody.onDisconnected;
  onClosed = nobody.onClosed;
}

/** The gateway's side: listener, connection, session server. */
export async function startSink(): Promise<FarEnd> {
  const sinks: Sink[] = [];
  const sessions = new SessionServer(settings, systemClock, (session) => {
    const sink = new Sink(session);
    sinks.push(sink);
    return sink;
  });
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
  const { port } = await listener.start();
  return { port, delivered: () => sinks.reduce((sum, { packets }) => sum + packets, 0) };
}

/** `messages` again and again, as many as the window lets. */
export function sessionStream(messages: readonly Uint8Array[], farEnd: string): Workload {
  const sender = new SessionSender(WINDOW_BYTES);
  let far: FarProcess;
  let wanted = 0;
  return {
    messages: messages.length,
    async start() {
      far = new FarProcess(farEnd);
      await far.start();
      await sender.start(far.port);
    },
    cycle() {
      wanted += messages.length;
      let next = 0;
      let isScheduled = false;
      return new Promise((resolve) => {
        const makeTurn = () => {
          isScheduled = false;
          let made = 0;
          while (next < messages.length && made < TURN_BYTES && sender.send(messages[next]))
            made += messages[next++].length;
          sender.settle();
          if (next === messages.length) {
            sender.onRoom = () => {};
            resolve();
          } else if (made >= TURN_BYTES) schedule();
        };
        const schedule = () => {
          if (!isScheduled) setImmediate(makeTurn);
          isScheduled = true;
        };
        // With room for a whole turn: smaller ones would cost a write each.
        sender.onRoom = () => sender.room >= TURN_BYTES && schedule();
        makeTurn();
      });
    },
    finish: () =>
      new Promise((resolve) => {
        sender.onRoom = () => sender.acknowledged === wanted && resolve();
        sender.onRoom();
      }),
    delivered: () => far.delivered(),
    farCpuNs: () => far.cpuNs(),
  };
}
