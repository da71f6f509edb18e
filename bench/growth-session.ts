/** P9 at work: a session with many packets unacknowledged, from the sender's buffer to the gateway's end and back. */
import { systemClock } from "../host/platform/clock.ts";
import { silentLog } from "../host/platform/log.ts";
import { Connection } from "../host/session/connection.ts";
import type { ServerSession } from "../host/session/server-session.ts";
import { SessionServer } from "../host/session/session-server.ts";
import type { Transport, TransportHandler } from "../host/transports/transport.ts";
import { Limit } from "../shared/session/state.ts";
import { SessionSender } from "./session-sender.ts";
import { Sink, sessionSettings } from "./session-sink.ts";
import type { Workload } from "./workload.ts";

/** Packets of a turn, which leave in one write: as many as one sync packet counts. */
const TURN = Limit.RECEIVE_COUNT;
const TURNS = 10;
const PACKET_BYTES = 100;
/** Nobody's silence is looked at: a process stands still while the others have their round. */
const settings = { ...sessionSettings, syncIntervalMaxMs: 1_000_000 };

/** One end of a wire in memory: what is written is heard at the other end before write() returns. */
class WireEnd implements Transport {
  readonly name = "memory";
  readonly remoteAddress = "";
  readonly unsent = 0;
  other!: WireEnd;
  private handler!: TransportHandler;

  start(handler: TransportHandler): void {
    this.handler = handler;
  }

  write(chunk: Uint8Array): boolean {
    this.other.handler.onChunk(chunk);
    return true;
  }

  close(): void {}
}

/** Accepts a packet only when `waiting` more have come. */
class LateSink extends Sink {
  constructor(
    session: ServerSession,
    private readonly waiting: number,
  ) {
    super(session);
    session.rx = Limit.NONE;
    session.session.syncBytes = Limit.NONE;
  }

  override onPacket(_bytes: Uint8Array, _start: number, _end: number, index: number): void {
    this.packets++;
    if (index >= this.waiting) this.session.accept(index + 1 - this.waiting);
  }
}

/** `waiting` packets are unacknowledged always; the window that a gateway grants (256 KiB) is lifted. */
export function longSession(waiting: number): Workload {
  const message = Buffer.alloc(PACKET_BYTES, "a packet ");
  const sender = new SessionSender((waiting + 2 * TURN) * (PACKET_BYTES + 1));
  let sink: LateSink;
  const send = (count: number) => {
    for (let i = 0; i < count; i++) if (!sender.send(message)) throw new Error("send: there is no room");
    sender.settle();
  };
  return {
    messages: TURN * TURNS,
    async start() {
      const sessions = new SessionServer(settings, systemClock, (session) => {
        sink = new LateSink(session, waiting);
        return sink;
      });
      const [near, far] = [new WireEnd(), new WireEnd()];
      near.other = far;
      far.other = near;
      new Connection(far, sessions, systemClock, silentLog, null, () => {}).start();
      await sender.attach(near);
      sender.session.window = Limit.NONE;
      sender.session.cwnd = sender.session.maxInFlight; // its window would begin at 4 packets, of which none is acknowledged
      // The system gives a page when it is first written to: not in a round.
      sender.session.main!.bytes.fill(0);
      for (let sent = 0; sent < waiting; sent += TURN) send(TURN);
    },
    cycle() {
      for (let turn = 0; turn < TURNS; turn++) send(TURN);
      const standing = sink.packets - sender.acknowledged;
      if (Math.abs(standing - waiting) > TURN)
        throw new Error(`session: ${standing} packets unacknowledged, meant are ${waiting}`);
    },
    delivered: () => sink.packets,
  };
}
