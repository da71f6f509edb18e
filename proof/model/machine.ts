/**
 * Two ends of one session and what is on its way between them, as a machine whose state can be written down and put back:
 * the real session code, one step at a time.
 */
import { acceptBytes, createAcceptor } from "../../shared/session/acceptor.ts";
import {
  attachSession,
  connectSession,
  detachSession,
  sessionDeadline,
  tickSession,
} from "../../shared/session/lifecycle.ts";
import { acceptPackets, receiveBytes } from "../../shared/session/receive.ts";
import { Phase } from "../../shared/session/state.ts";
import { hold } from "../proof.ts";
import { End, type EndState, type Surroundings } from "./end.ts";
import { pairsOf, type ServerEnd, takeFirst, type Wire, Wires } from "./wires.ts";

/** Everything that can differ from one moment to another. */
export interface MachineState {
  now: number;
  wires: readonly Readonly<Wire>[];
  client: EndState;
  server: EndState;
}

export class Machine implements Surroundings {
  now = 0;
  private readonly wires = new Wires();
  private readonly client: End;
  private readonly server: End;
  /** The wire whose bytes are being heard, or that is being made: what is said goes there. */
  private current: Wire | null = null;
  private readonly freshServer: EndState;

  constructor(
    private readonly packetsUp: number,
    private readonly packetsDown: number,
  ) {
    this.client = new End(this, true, packetsUp);
    this.server = new End(this, false, packetsDown);
    this.freshServer = this.server.save();
  }

  save(): MachineState {
    const { now, wires, client, server } = this;
    return { now, wires: wires.save(), client: client.save(), server: server.save() };
  }

  restore({ now, wires, client, server }: MachineState): void {
    this.now = now;
    this.wires.restore(wires);
    this.client.restore(client);
    this.server.restore(server);
  }

  /** The state as a text that is the same for states that go on alike. */
  get key(): string {
    return `${this.client.key(this.now)}|${this.server.key(this.now)}|${this.wires.key}`;
  }

  get clientWire(): Wire | undefined {
    return this.wires.ofClient;
  }

  get serverEnds(): readonly ServerEnd[] {
    return this.wires.serverEnds;
  }

  /** All packets are where they belong, and both ends know it. */
  get isComplete(): boolean {
    return this.client.buffer.count === 0 && this.server.buffer.count === 0;
  }

  get canCommit(): boolean {
    const { session } = this.server;
    return session.accepted < session.received;
  }

  /** Whether anything is due at either end, but for the end of a session that nobody comes back for. */
  get canTick(): boolean {
    return this.dueAt < Infinity;
  }

  connect(): void {
    this.wires.open();
    connectSession(this.client.session, this.now);
  }

  commit(): void {
    acceptPackets(this.server.session, this.server.session.received, this.now);
  }

  /** Time runs to the next thing that is due. */
  tick(): void {
    this.now = Math.max(this.now, this.dueAt);
    for (const { session } of [this.client, this.server])
      if (session.phase !== Phase.DETACHED) tickSession(session, this.now);
  }

  /** The client finds its wire gone, and what was on its way to it is. */
  loseClientEnd(): void {
    const wire = this.clientWire!;
    detachSession(this.client.session, this.now);
    this.wires.endClient(wire);
  }

  /** The server finds wire `index` gone. */
  loseServerEnd(index: number): void {
    const wire = this.wires.at(index);
    if (wire === this.serverWire) detachSession(this.server.session, this.now);
    this.wires.endServer(wire);
  }

  /** `bytes` of the first message arrive, or all that wait as one chunk (Infinity). */
  deliverUp(index: number, bytes: number): void {
    const wire = this.wires.at(index);
    const [chunk, rest] = takeFirst(wire.up, bytes);
    wire.up = rest;
    this.current = wire;
    if (wire.taken) receiveBytes(this.server.session, chunk, 0, chunk.length, this.now);
    else this.request(wire, chunk);
    this.current = null;
  }

  deliverDown(bytes: number): void {
    const wire = this.clientWire!;
    const [chunk, rest] = takeFirst(wire.down, bytes);
    wire.down = rest;
    receiveBytes(this.client.session, chunk, 0, chunk.length, this.now);
  }

  /** What an end says goes to the wire it holds for its own. */
  put(isClient: boolean, bytes: Uint8Array): void {
    const wire = isClient ? this.clientWire : this.serverWire;
    if (wire === undefined) return;
    const isHead = isClient
      ? wire.up.length === 0 && !wire.taken && bytes[0] === 1
      : this.current?.taken === false;
    const messages = isHead ? [bytes] : pairsOf(bytes);
    if (isClient) {
      if (wire.serverOn) wire.up = [...wire.up, ...messages];
    } else if (wire.clientOn) wire.down = [...wire.down, ...messages];
  }

  drop(isClient: boolean): void {
    const wire = isClient ? this.clientWire : this.serverWire;
    if (wire === undefined) return;
    if (isClient) this.wires.endClient(wire);
    else this.wires.endServer(wire);
  }

  check(): void {
    this.checkAcknowledged();
    const [c, s] = [this.client, this.server];
    const isHeld = c.buffer.count + c.session.acknowledged === this.packetsUp;
    hold(
      isHeld && s.buffer.count + s.session.acknowledged === this.packetsDown,
      "a packet left its send buffer",
    );
  }

  /** Nothing was released that is not safe at the other end. */
  checkAcknowledged(): void {
    const [c, s] = [this.client.session, this.server.session];
    hold(
      c.acknowledged <= s.accepted,
      () => `${c.acknowledged} acknowledged to the client, ${s.accepted} are durable`,
    );
    hold(
      s.acknowledged <= c.received,
      () => `${s.acknowledged} acknowledged to the server, ${c.received} arrived`,
    );
  }

  private get dueAt(): number {
    const ends = [this.client, this.server].filter(({ session }) => session.phase !== Phase.DETACHED);
    return Math.min(...ends.map(({ session }) => sessionDeadline(session)));
  }

  /** The wire that the server's session is on: the newest that was taken and is not over. */
  private get serverWire(): Wire | undefined {
    if (this.server.session.phase < Phase.HANDSHAKE && this.current === null) return undefined;
    return this.wires.taken ?? this.current ?? undefined;
  }

  /** As host/session: a new session, or the one there is, taken over by the newest wire (D10). */
  private request(wire: Wire, chunk: Uint8Array): void {
    const acceptor = createAcceptor(
      {
        onOutput() {},
        onRequest: (_bytes, start, end) => {
          const isNew = start === end;
          // Of a client that is gone: an orphan, which nobody will ever ask for, and which is no part of this.
          if (isNew && !wire.clientOn) return false;
          this.attach(wire, isNew);
          return true;
        },
        onRefused: () => 0,
        onDisconnect() {},
      },
      this.now,
    );
    const at = acceptBytes(acceptor, chunk, 0, chunk.length, this.now);
    if (!acceptor.taken) return this.wires.endServer(wire);
    wire.taken = true;
    if (at < chunk.length) receiveBytes(this.server.session, chunk, at, chunk.length, this.now);
  }

  private attach(wire: Wire, isNew: boolean): void {
    const { session } = this.server;
    const older = this.wires.taken;
    if (older !== undefined) {
      detachSession(session, this.now);
      this.wires.endServer(older);
    }
    if (isNew) {
      // The one before is an orphan: its id never reached the client, so nothing can have been received on it.
      hold(session.received === 0 && session.acknowledged === 0, "a session that was used was forgotten");
      this.server.restore(this.freshServer);
    }
    this.current = wire;
    attachSession(session, isNew, this.now);
  }
}
