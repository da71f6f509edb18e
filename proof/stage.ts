/** A client, the gateway's real session server, and the lines between them, in simulated time. */
import type { ServerSession } from "../host/session/server-session.ts";
import { SessionServer } from "../host/session/session-server.ts";
import { Code } from "../shared/session/codes.ts";
import { connectSession, detachSession, sessionDeadline, tickSession } from "../shared/session/lifecycle.ts";
import { acceptPackets, receiveBytes } from "../shared/session/receive.ts";
import { Phase } from "../shared/session/state.ts";
import { ClientEnd } from "./client-end.ts";
import { Line } from "./line.ts";
import { hold } from "./proof.ts";
import { ServerEnd } from "./server-end.ts";

export interface StageOptions {
  clientBytes?: number;
  serverBytes?: number;
  /** Whose address admission counts; "" for the loopback. */
  remoteAddress?: string;
}

const BUFFER_BYTES = 16_384;
/** Turns in which nothing at all may change before it counts as a stall. */
const MOST_IDLE_TURNS = 1000;
/** How long a client waits before it connects again, ms. */
const RECONNECT_MS = 500;
const SWEEP_MS = 1000;

export class Stage {
  now = 0;
  cuts = 0;
  readonly client: ClientEnd;
  readonly end: ServerEnd;
  readonly server: SessionServer;
  /** The client's connection; those before it that the server does not know to be gone. */
  line: Line | null = null;
  stale: Line[] = [];
  /** Those of them that the server may still do something on: with a newer connection it gives an older one up. */
  private held: Line[] = [];
  private sweptAt = 0;

  constructor(private readonly options: StageOptions = {}) {
    const { clientBytes = BUFFER_BYTES, serverBytes = BUFFER_BYTES } = options;
    this.client = new ClientEnd(this.readClock, clientBytes, () => this.end.durable);
    this.end = new ServerEnd(serverBytes, () => this.client.delivered, this.accept);
    const settings = { syncIntervalMinMs: 20, syncIntervalMaxMs: 5000, expireS: 255, maxPacketBytes: 65_536 };
    this.server = new SessionServer(settings, { now: this.readClock, wall: () => 0 }, this.end.greet);
  }

  /** The client connects; the bytes it says first are on their way. */
  connect(): Line {
    const line = new Line(this.server, `line ${this.cuts}`, this.options.remoteAddress ?? "", this.readClock);
    this.line = line;
    this.client.disconnected = 0;
    this.client.output = line.up;
    connectSession(this.client.session, this.now);
    return line;
  }

  /** The client loses its line. `isKnown`: the server learns of it at once; else the line is stale. */
  cut(isKnown: boolean): void {
    const { line } = this;
    if (line === null) return;
    this.cuts++;
    this.line = null;
    this.client.output = null;
    detachSession(this.client.session, this.now);
    line.down.clear();
    if (isKnown) line.end();
    else {
      this.stale.push(line);
      this.held.push(line);
    }
  }

  deliverUp(most: number): void {
    this.line?.deliverUp(most);
  }

  deliverDown(most: number): void {
    this.line?.down.deliver(most, this.hearDown);
  }

  /** When something is due at either end. */
  get deadline(): number {
    let deadline = Math.min(sessionDeadline(this.client.session), this.line?.deadline ?? Infinity);
    for (const line of this.held) deadline = Math.min(deadline, line.deadline);
    return deadline;
  }

  /** Does what is due at both ends, and takes note of a line that one of them dropped. */
  tick(): void {
    const { client } = this;
    if (this.now >= sessionDeadline(client.session)) tickSession(client.session, this.now);
    this.line?.tick();
    for (const line of this.held) line.tick();
    if (this.held.some(isGivenUp)) this.held = this.held.filter(({ isHeld }) => isHeld);
    if (this.now >= this.sweptAt + SWEEP_MS) {
      this.sweptAt = this.now;
      this.server.sweep(this.now);
    }
    const { line } = this;
    if (client.disconnected !== 0 || (line !== null && line.dropped !== 0 && line.down.size === 0))
      this.cut(true);
    // A session that no packet confirmed is not kept for long, or was refused for want of room (D9): it asks for another.
    if (client.closed === Code.SESSION_UNKNOWN && this.end.session === null) client.beginAnew();
  }

  /** Nothing fails, and time runs on by `ms`. */
  idle(ms: number): void {
    const until = this.now + ms;
    while (this.now < until) {
      this.exchange();
      if (this.line === null) break;
      this.now = Math.max(this.now, Math.min(this.deadline, until));
      this.tick();
    }
  }

  /** Nothing fails until each side has all packets of the other, so many up and down, and knows it. */
  finish(up: number, down = up): void {
    const { client, end } = this;
    let figures = "";
    for (let idleTurns = 0; client.acknowledged !== up || end.acknowledged !== down; idleTurns++) {
      const before = figures;
      figures = this.figures(up, down);
      if (figures !== before) idleTurns = 0;
      hold(idleTurns < MOST_IDLE_TURNS, () => `no end: ${figures}, after ${this.cuts} cuts`);
      if (this.line === null) {
        this.now += RECONNECT_MS;
        this.connect();
      }
      client.fill(up);
      end.fill(down);
      this.exchange();
      this.now = Math.max(this.now, Math.min(this.deadline, this.now + RECONNECT_MS));
      this.tick();
    }
    this.checkOneSession();
  }

  /** All that is on its way arrives, and what was received becomes durable. */
  exchange(): void {
    do {
      this.deliverUp(Infinity);
      this.end.commit();
      this.deliverDown(Infinity);
    } while (this.line !== null && this.line.up.size + this.line.down.size > 0);
  }

  /** Both ends hold the same session, and neither gave one up. */
  checkOneSession(): void {
    const { client, end } = this;
    hold(client.closed === 0, () => `the client's session ended with code ${client.closed}`);
    hold(end.closed === 0, () => `the server's session ended with code ${end.closed}`);
    hold(client.session.phase !== Phase.ENDED, "the client's session ended");
    const isSame = end.session !== null && Buffer.from(client.session.id).equals(end.session.id);
    hold(isSame, "the ends hold different sessions");
  }

  private figures(up: number, down: number): string {
    const { client, end } = this;
    return (
      `${end.delivered} of ${up} packets up and ${client.delivered} of ${down} down delivered, ` +
      `${client.acknowledged} and ${end.acknowledged} acknowledged`
    );
  }

  /** At once, where a gateway waits for the end of the turn: here no turn ends. */
  private readonly accept = ({ session }: ServerSession, count: number): void => {
    acceptPackets(session, count, this.now);
  };

  private readonly readClock = (): number => this.now;

  private readonly hearDown = (bytes: Uint8Array, start: number, end: number): void => {
    receiveBytes(this.client.session, bytes, start, end, this.now);
  };
}

const isGivenUp = ({ isHeld }: Line): boolean => !isHeld;
