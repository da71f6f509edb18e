/** A gateway that says over a real socket what a test tells it, byte for byte, and writes down what it hears. */
import { codeName } from "../../../shared/session/code-names.ts";
import type { Code } from "../../../shared/session/codes.ts";
import { systemClock } from "../../platform/clock.ts";
import { silentLog } from "../../platform/log.ts";
import { Watchers } from "../../platform/testing/watchers.ts";
import { ClientSession } from "../../session/client-session.ts";
import { Connection } from "../../session/connection.ts";
import { nobody } from "../../session/session-owner.ts";
import { dialTcp } from "../../transports/dial-tcp.ts";

const settings = { syncIntervalMinMs: 1, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 65_536 };

export class RawGateway {
  readonly session: ClientSession;
  /** Packets, in hex. */
  readonly heard: string[] = [];
  /** Why its session ended; "" while it has not. */
  ended = "";
  isOver = false;
  private connection: Connection | null = null;
  private readonly watchers = new Watchers();

  constructor() {
    this.session = new ClientSession(settings, systemClock, () => {});
    this.session.confirm(65_536);
    this.session.setOwner({
      ...nobody,
      onPacket: (bytes, start, end, index) => {
        this.heard.push(Buffer.from(bytes.slice(start, end)).toString("hex"));
        this.session.accept(index + 1);
        this.watchers.look();
      },
      onConnected: () => this.watchers.look(),
      onClosed: (code: Code) => {
        this.ended = codeName(code);
        this.watchers.look();
      },
    });
  }

  async connect(port: number): Promise<void> {
    const transport = await dialTcp({ host: "127.0.0.1", port, signal: new AbortController().signal });
    this.isOver = false;
    this.connection = new Connection(transport, this.session, systemClock, silentLog, null, () => {
      this.isOver = true;
      this.watchers.look();
    });
    this.connection.start();
    await this.until("open", () => this.session.id.length > 0);
  }

  say(frame: Uint8Array): void {
    this.session.greet(frame);
  }

  stop(): void {
    this.connection?.stop();
  }

  until(what: string, isTrue: () => boolean): Promise<void> {
    return this.watchers.until(what, isTrue, () => `; heard ${this.heard.join(", ")}`);
  }
}
