/**
 * Two ends of one session and what is on its way between them, as a machine whose state can be written down and put back:
 * the real session code, one step at a time.
 */
import { nodeEngine } from "../../host/platform/engine.ts";
import { acceptBytes, createAcceptor } from "../../shared/session/acceptor.ts";
import { Code } from "../../shared/session/codes.ts";
import {
  attachSession,
  bindSendBuffer,
  connectSession,
  detachSession,
  sessionDeadline,
  tickSession,
} from "../../shared/session/lifecycle.ts";
import { acceptPackets, receiveBytes } from "../../shared/session/receive.ts";
import { appendPacket, createSendBuffer, type SendBuffer } from "../../shared/session/send-buffer.ts";
import { createSession, Phase, type Session } from "../../shared/session/state.ts";
import { hold } from "../proof.ts";

/** Small, so that few moments differ: a heartbeat every two, dead after four. */
const [SYNC_MIN, SYNC_MAX, HANDSHAKE_TIMEOUT] = [1, 2, 4];
const ID = new Uint8Array(16).fill(0xa5);
const NOTHING = new Uint8Array(0);
const BUFFER_BYTES = 64;
const ROOM_FOR_PARTIAL = 256;

/** A connection. Messages are whole as they were sent, but for the first, of which a part may have arrived. */
interface Wire {
  up: readonly Uint8Array[];
  down: readonly Uint8Array[];
  /** Whether each end holds it for alive. */
  clientOn: boolean;
  serverOn: boolean;
  /** The request has arrived. */
  taken: boolean;
}

interface EndState {
  session: Session;
  buffer: SendBuffer;
  /** What is there of a cut packet, and of a head. */
  partial: Uint8Array;
  head: Uint8Array;
}

/** Everything that can differ from one moment to another. */
export interface MachineState {
  now: number;
  wires: readonly Readonly<Wire>[];
  client: EndState;
  server: EndState;
}

export interface ServerEnd {
  index: number;
  up: readonly Uint8Array[];
  isWaiting: boolean;
  clientOn: boolean;
}

/** One end: its session, its packets, and what must hold of them. */
class End {
  readonly buffer = createSendBuffer(new Uint8Array(2 * BUFFER_BYTES), BUFFER_BYTES);
  readonly session: Session;

  constructor(
    private readonly machine: Machine,
    isClient: boolean,
    packets: number,
  ) {
    const slot = createSendBuffer(new Uint8Array(2), 1);
    this.session = createSession(
      isClient,
      isClient ? NOTHING : ID,
      nodeEngine,
      this,
      slot,
      NOTHING,
      BUFFER_BYTES,
    );
    this.session.syncIntervalMin = SYNC_MIN;
    this.session.syncIntervalMax = SYNC_MAX;
    this.session.handshakeTimeout = HANDSHAKE_TIMEOUT;
    for (let n = 0; n < packets; n++) appendPacket(this.buffer, Uint8Array.of(n), 0, 1);
    bindSendBuffer(this.session, this.buffer);
  }

  onOutput(bytes: Uint8Array, start: number, end: number): void {
    this.machine.put(this.session.isClient, bytes.slice(start, end));
  }

  onPacket(bytes: Uint8Array, start: number, end: number, index: number): void {
    const isNext = end - start === 1 && bytes[start] === index && index === this.session.received - 1;
    hold(
      isNext,
      () => `packet ${bytes[start]} came with index ${index}, ${this.session.received} are received`,
    );
    if (this.session.isClient) acceptPackets(this.session, index + 1, this.machine.now);
  }

  onAcknowledged(): void {
    this.machine.checkAcknowledged();
  }

  onOpen(): void {}

  onDisconnect(code: Code): void {
    const isTime = code === Code.DEAD || code === Code.HANDSHAKE_TIMEOUT;
    hold(isTime, () => `a connection was dropped with code ${code}`);
    this.machine.drop(this.session.isClient);
  }

  onClosed(code: Code): void {
    hold(false, `a session ended with code ${code}`);
  }

  save(): EndState {
    const { session, buffer } = this;
    return {
      session: { ...session },
      buffer: { ...buffer },
      partial: session.partial.slice(session.from, session.have),
      head: session.head.bytes.slice(0, session.head.have),
    };
  }

  restore({ session, buffer, partial, head }: EndState): void {
    Object.assign(this.session, session);
    Object.assign(this.buffer, buffer);
    this.session.head.have = head.length;
    this.session.head.bytes.set(head);
    if (this.session.partial.length < ROOM_FOR_PARTIAL)
      this.session.partial = new Uint8Array(ROOM_FOR_PARTIAL);
    this.session.partial.set(partial);
    this.session.from = 0;
    this.session.have = partial.length;
  }
}

export class Machine {
  now = 0;
  private wires: Wire[] = [];
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
    const wires = this.wires.map((wire) => ({ ...wire }));
    return { now: this.now, wires, client: this.client.save(), server: this.server.save() };
  }

  restore(state: MachineState): void {
    this.now = state.now;
    this.wires = state.wires.map((wire) => ({ ...wire }));
    this.client.restore(state.client);
    this.server.restore(state.server);
  }

  get clientWire(): Wire | undefined {
    return this.wires.find(({ clientOn }) => clientOn);
  }

  /** All packets are where they belong, and both ends know it. */
  get isComplete(): boolean {
    return this.client.buffer.count === 0 && this.server.buffer.count === 0;
  }

  get canCommit(): boolean {
    const { session } = this.server;
    return session.accepted < session.received;
  }

  connect(): void {
    const wire: Wire = { up: [], down: [], clientOn: true, serverOn: true, taken: false };
    this.wires.push(wire);
    connectSession(this.client.session, this.now);
  }

  commit(): void {
    acceptPackets(this.server.session, this.server.session.received, this.now);
  }

  /** Whether anything is due at either end, but for the end of a session that nobody comes back for. */
  get canTick(): boolean {
    return this.dueAt < Infinity;
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
    this.endClient(wire);
  }

  /** The server finds wire `index` gone. */
  loseServerEnd(index: number): void {
    const wire = this.wires[index];
    if (wire === this.serverWire) detachSession(this.server.session, this.now);
    this.endServer(wire);
  }

  /** Wires that the server may hear: of each, whether bytes are on their way. */
  get serverEnds(): readonly ServerEnd[] {
    return this.wires
      .map(({ up, serverOn, clientOn }, index) => ({
        index,
        serverOn,
        clientOn,
        up,
        isWaiting: up.length > 0,
      }))
      .filter(({ serverOn }) => serverOn);
  }

  /** `bytes` of the first message arrive, or all that wait as one chunk (Infinity). */
  deliverUp(index: number, bytes: number): void {
    const wire = this.wires[index];
    const [chunk, rest] = take(wire.up, bytes);
    wire.up = rest;
    this.current = wire;
    if (wire.taken) receiveBytes(this.server.session, chunk, 0, chunk.length, this.now);
    else this.request(wire, chunk);
    this.current = null;
  }

  deliverDown(bytes: number): void {
    const wire = this.clientWire!;
    const [chunk, rest] = take(wire.down, bytes);
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

  /** An end gave its connection up in time. */
  drop(isClient: boolean): void {
    const wire = isClient ? this.clientWire : this.serverWire;
    if (wire === undefined) return;
    if (isClient) this.endClient(wire);
    else this.endServer(wire);
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

  check(): void {
    this.checkAcknowledged();
    const [c, s] = [this.client, this.server];
    const isHeld = c.buffer.count + c.session.acknowledged === this.packetsUp;
    hold(
      isHeld && s.buffer.count + s.session.acknowledged === this.packetsDown,
      "a packet left its send buffer",
    );
  }

  /** The state as a text that is the same for states that go on alike. */
  get key(): string {
    const wires = this.wires.map(
      ({ up, down, clientOn, serverOn, taken }) =>
        `${clientOn ? 1 : 0}${serverOn ? 1 : 0}${taken ? 1 : 0}${up.join(".")}/${down.join(".")}`,
    );
    return `${this.keyOf(this.client)}|${this.keyOf(this.server)}|${wires.join("|")}`;
  }

  private keyOf({ session: s, buffer: b }: End): string {
    const isOpen = s.phase === Phase.OPEN;
    // Counters for people, and moments that the phase does not look at, make no difference.
    return [
      s.phase,
      s.id.length,
      s.readIndex,
      s.received,
      s.accepted,
      s.recvStart,
      s.counted,
      s.acknowledged,
      s.cwnd,
      s.ackedHere,
      s.errors,
      isOpen ? this.now - s.heardAt : 0,
      isOpen ? this.now - s.syncedAt : 0,
      isOpen || s.isClient ? 0 : Math.min(this.now - s.since, HANDSHAKE_TIMEOUT),
      s.isClient && (s.phase === Phase.HANDSHAKE || s.phase === Phase.STATE) ? this.now - s.since : 0,
      s.head.bytes.subarray(0, s.head.have),
      s.partial.subarray(s.from, s.have),
      b.count,
      b.sent,
    ].join();
  }

  private get dueAt(): number {
    const ends = [this.client, this.server].filter(({ session }) => session.phase !== Phase.DETACHED);
    return Math.min(...ends.map(({ session }) => sessionDeadline(session)));
  }

  /** The wire that the server's session is on: the newest that was taken and is not over. */
  private get serverWire(): Wire | undefined {
    if (this.server.session.phase < Phase.HANDSHAKE && this.current === null) return undefined;
    return this.wires.find(({ taken, serverOn }) => taken && serverOn) ?? this.current ?? undefined;
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
    if (!acceptor.taken) return this.endServer(wire);
    wire.taken = true;
    if (at < chunk.length) receiveBytes(this.server.session, chunk, at, chunk.length, this.now);
  }

  private attach(wire: Wire, isNew: boolean): void {
    const { session } = this.server;
    const older = this.wires.find(({ taken, serverOn }) => taken && serverOn);
    if (older !== undefined) {
      detachSession(session, this.now);
      this.endServer(older);
    }
    if (isNew) {
      // The one before is an orphan: its id never reached the client, so nothing can have been received on it.
      hold(session.received === 0 && session.acknowledged === 0, "a session that was used was forgotten");
      this.server.restore(this.freshServer);
    }
    this.current = wire;
    attachSession(session, isNew, this.now);
  }

  private endClient(wire: Wire): void {
    wire.clientOn = false;
    wire.down = [];
    this.wires = this.wires.filter(({ clientOn, serverOn }) => clientOn || serverOn);
  }

  private endServer(wire: Wire): void {
    wire.serverOn = false;
    wire.up = [];
    this.wires = this.wires.filter(({ clientOn, serverOn }) => clientOn || serverOn);
  }
}

/** A packet of one byte and a sync packet are both two bytes. */
function pairsOf(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / 2 }, (_, i) => bytes.slice(2 * i, 2 * i + 2));
}

/** So many bytes of the first message, or everything as one chunk; and what is left. */
function take(messages: readonly Uint8Array[], bytes: number): [Uint8Array, readonly Uint8Array[]] {
  const [first, ...rest] = messages;
  if (bytes === Infinity) return [Uint8Array.from(messages.flatMap((message) => [...message])), []];
  if (bytes >= first.length) return [first, rest];
  return [first.slice(0, bytes), [first.slice(bytes), ...rest]];
}
