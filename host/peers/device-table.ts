/** Every board that ever said hello to this gateway, and the waiting room of sessions that have not yet. */
import { codeName } from "../../shared/session/code-names.ts";
import { Code } from "../../shared/session/codes.ts";
import type { ServerSession, SessionOwner } from "../session/server-session.ts";
import { nobody } from "../session/server-session.ts";
import type { PeerContext } from "./device-peer.ts";
import { DevicePeer } from "./device-peer.ts";
import { parseHello } from "./hello.ts";

/** Boards kept; a board beyond is refused until the gateway is told of fewer. */
const MAX_DEVICES = 10_000;
const MAX_REFUSALS = 100;

export class DeviceTable {
  private readonly devices = new Map<string, DevicePeer>();
  /** Why a hello was refused last, by where it came from. */
  private readonly refusals = new Map<string, Code>();

  constructor(private readonly context: PeerContext) {}

  get(id: string): DevicePeer | undefined {
    return this.devices.get(id);
  }

  all(): DevicePeer[] {
    return [...this.devices.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Who owns a new session until its hello came: the first packet must be one, and nothing else is taken. */
  greet(session: ServerSession): SessionOwner {
    return { ...nobody, onPacket: (bytes, start, end) => this.readHello(session, bytes, start, end) };
  }

  stop(): void {
    for (const device of this.devices.values()) device.requests.stop();
  }

  private readHello(session: ServerSession, bytes: Uint8Array, start: number, end: number): void {
    const hello = parseHello(bytes, start, end);
    if (typeof hello === "string") return this.refuse(session, Code.HELLO_INVALID, hello);
    let device = this.devices.get(hello.id);
    if (device === undefined) {
      if (this.devices.size >= MAX_DEVICES)
        return this.refuse(session, Code.TOO_MANY, `${MAX_DEVICES} boards are known`);
      device = new DevicePeer(hello.id, this.context);
      this.devices.set(hello.id, device);
    }
    const refusal = device.welcome(session, hello);
    if (refusal !== 0)
      this.refuse(
        session,
        refusal,
        `${hello.id} speaks from an epoch before its newest: two boards share this id`,
      );
  }

  private refuse(session: ServerSession, code: Code, reason: string): void {
    // A board that is refused tries again for ever: one line for each kind of thing that is wrong.
    const from = session.remoteAddress || session.via.replace(/:\d+$/, "");
    if (this.refusals.get(from) !== code) {
      if (this.refusals.size >= MAX_REFUSALS) this.refusals.clear();
      this.refusals.set(from, code);
      this.context.log.warn({ via: session.via, code: codeName(code), reason }, "hello refused");
    }
    session.end(code);
  }
}
