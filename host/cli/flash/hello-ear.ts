/**
 * Hears a board's hello and says nothing of its own, so that neither numbers nor epochs move: what the board has numbered
 * stays unacknowledged, and the gateway that it speaks with next finds it as if we had not been there.
 *
 *   board    OPEN          request of a session, state          hello
 *   ear           OPEN_ACK                          answer, state      nothing; at the end the session's close
 */
import type { BoardHello } from "../../../shared/message.ts";
import { parseHello } from "../../peers/hello.ts";
import { systemClock } from "../../platform/clock.ts";
import { silentLog } from "../../platform/log.ts";
import { Connection } from "../../session/connection.ts";
import type { LinkSettings } from "../../session/gateway-link.ts";
import { nobody } from "../../session/session-owner.ts";
import { SessionServer } from "../../session/session-server.ts";
import type { Transport } from "../../transports/transport.ts";

/** The board is told to expect a sign of life so often; it hears us for less than that. */
const HEARTBEAT_MS = 5000;
/** A session that only carries a hello. */
const SETTINGS = { syncIntervalMinMs: 20, syncIntervalMaxMs: HEARTBEAT_MS, expireS: 1, maxPacketBytes: 256 };
/** The link gives up a broken frame after this much silence; the Linux build may fall silent for seconds under load. */
const INTER_BYTE_MS = 300;
/** What is kept of the text beside it. */
const TEXT_BYTES = 4096;

export interface Heard {
  hello: BoardHello;
  /** `serial /dev/…` or `tcp 192.168.1.7:41234`. */
  via: string;
}

export class HelloEar {
  /** What came on cables that was no frame of ours, or was one: latin1, the end of it. */
  text = "";
  /** A hello that could not be read, in words. */
  fault = "";
  private readonly server: SessionServer;
  /** With what resolves when each has gone. */
  private readonly connections = new Map<Connection, Promise<void>>();
  private framesBefore = 0;

  constructor(private readonly onHello: (heard: Heard) => void) {
    this.server = new SessionServer(SETTINGS, systemClock, (session) => ({
      ...nobody,
      onPacket: (bytes, start, end, index) => {
        if (index === 0) this.hear(parseHello(bytes, start, end), session.via);
      },
    }));
  }

  /** Frames of our link that came over cables: the firmware runs, whatever became of its hello. */
  get frames(): number {
    return [...this.connections.keys()].reduce((sum, { frames }) => sum + frames, this.framesBefore);
  }

  /** Listens on a cable of this speed, or without `baud` on a socket -> resolves when the transport has gone. */
  listen(transport: Transport, baud?: number): Promise<void> {
    const link: LinkSettings | null =
      baud === undefined
        ? null
        : { baud, interByteTimeoutMs: INTER_BYTE_MS, syncIntervalMaxMs: HEARTBEAT_MS };
    let onOver = () => {};
    const gone = new Promise<void>((resolve) => {
      onOver = resolve;
    });
    const connection = new Connection(transport, this.server, systemClock, silentLog, link, () => {
      this.framesBefore += connection.frames;
      this.connections.delete(connection);
      onOver();
    });
    this.connections.set(connection, gone);
    if (link !== null) connection.setTap({ onChunk: this.keep, onSecret() {}, onOver() {} });
    connection.start();
    return gone;
  }

  /** Ends the sessions in agreement, and resolves when all transports have gone. */
  async stop(): Promise<void> {
    this.server.stop();
    const all = [...this.connections];
    for (const [connection] of all) connection.stop();
    await Promise.all(all.map(([, gone]) => gone));
  }

  private hear(hello: BoardHello | string, via: string): void {
    if (typeof hello === "string") this.fault = hello;
    else this.onHello({ hello, via });
  }

  private readonly keep = (from: "board" | "gateway", chunk: Uint8Array) => {
    if (from === "board") this.text = (this.text + Buffer.from(chunk).toString("latin1")).slice(-TEXT_BYTES);
  };
}
