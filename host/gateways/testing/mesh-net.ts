/**
 * Gateways of a test in one process: real meshes, stores and sessions over lines in memory, without introductions. Lines
 * are cut, sessions lost, and gateways killed: what a store had not flushed is gone, and another mesh begins from it.
 */
import { Code } from "../../../shared/session/codes.ts";
import type { Clock } from "../../platform/clock.ts";
import { silentLog } from "../../platform/log.ts";
import type { Outcome } from "../../queue/packet.ts";
import type { QueueLimits } from "../../queue/queue-limits.ts";
import { ClientSession } from "../../session/client-session.ts";
import { Connection } from "../../session/connection.ts";
import type { HostSession, SessionSettings } from "../../session/host-session.ts";
import { nobody, type SessionOwner } from "../../session/session-owner.ts";
import { SessionServer } from "../../session/session-server.ts";
import type { Database } from "../../store/database.ts";
import type { DurableStore, StoreOptions } from "../../store/durable-store.ts";
import { FaultyDatabase } from "../../store/faulty-database.ts";
import { MemoryDatabase } from "../../store/memory-database.ts";
import { openTestStore } from "../../testing/stores.ts";
import { FaultyLine } from "../../transports/faulty.ts";
import { MemoryPair } from "../../transports/memory-pair.ts";
import { Mesh } from "../mesh.ts";
import type { MeshPeer } from "../mesh-peer.ts";

const settings: SessionSettings = {
  syncIntervalMinMs: 1,
  syncIntervalMaxMs: 5000,
  expireS: 255,
  maxPacketBytes: 65_536,
};
export const clock: Clock = { now: () => performance.now(), wall: () => Date.now() };

/** What else a life of a gateway has. */
export interface Inhabitant {
  /** Before any peer is there, and when all are. */
  load?(): Promise<void>;
  start?(): void;
  stop?(): void;
  /** Its store was opened anew, and takes something again. */
  catchUp?(): Promise<void>;
  resume?(): void;
}

export class Node {
  mesh!: Mesh;
  store!: DurableStore;
  readonly dead: Outcome[] = [];
  /** Bytes of the largest frame it says it takes. */
  maxFrame = 65_536;
  /** What it says it has of whoever introduces itself. */
  has = { haveEpoch: 0n, have: [0, 0, 0, 0] };
  private readonly disk: Database = new MemoryDatabase();
  /** Of its store, from its next life on. */
  storeOptions: Partial<StoreOptions> = {};
  private database!: FaultyDatabase;
  private inhabitant: Inhabitant = {};

  constructor(
    readonly hostId: bigint,
    private readonly neighbours: readonly bigint[],
    private readonly routes: ReadonlyMap<bigint, bigint>,
    /** Says who serves what, in each life. */
    private readonly serve: ((mesh: Mesh, node: Node) => Inhabitant) | ((mesh: Mesh, node: Node) => void),
    private readonly limits: Partial<QueueLimits> = {},
    private readonly maxHops = 16,
  ) {}

  async start(): Promise<void> {
    this.database = new FaultyDatabase(this.disk);
    this.store = await openTestStore(this.database, {
      ...this.storeOptions,
      retryMs: 1,
      onReopened: async () => {
        await this.mesh.catchUp();
        await this.inhabitant.catchUp?.();
      },
      onFault: (fault) => {
        if (fault !== null) return;
        this.mesh.resume();
        this.inhabitant.resume?.();
      },
    });
    this.mesh = new Mesh({
      ...{ hostId: this.hostId, store: this.store, clock, log: silentLog, maxFrame: 65_536 },
      maxHops: this.maxHops,
      onChange: () => {},
      onDead: (_peer, { outcome }) => void this.dead.push(outcome),
    });
    this.inhabitant = (this.serve(this.mesh, this) as Inhabitant | undefined) ?? {};
    await this.inhabitant.load?.();
    await this.mesh.load();
    this.mesh.setRoutes(this.routes);
    for (const hostId of this.neighbours)
      Object.assign(this.mesh.add(hostId, null).queue.limits, this.limits);
    this.mesh.start();
    this.inhabitant.start?.();
  }

  /** The next commit, with a document whose key has `part`, fails; it may be there all the same. */
  failCommit(isWritten: boolean, part = ""): void {
    this.database.failing = (changes) => {
      if (!changes.some(({ key }) => key.includes(part))) return null;
      this.database.failing = null;
      return { error: new Error("injected"), isWritten };
    };
  }

  /** Nothing more of this life is heard; the next begins with what was committed. */
  kill(): void {
    this.inhabitant.stop?.();
    this.mesh.stop();
    this.database.crash();
  }
}

/** One line between two nodes, and the session over it. */
export class Line {
  private pair: MemoryPair | null = null;
  private server: SessionServer | null = null;
  private client: ClientSession | null = null;
  private served: HostSession | null = null;

  constructor(
    private readonly a: Node,
    private readonly b: Node,
  ) {}

  /** A connection stands, as far as both ends know. */
  get isJoined(): boolean {
    return this.pair !== null;
  }

  /** A connection stands: the session goes on, or a new one begins. It is cut by itself after so many bytes from a to b. */
  join(cutAfterBytes = Infinity): void {
    this.server ??= new SessionServer(settings, clock, (session) => {
      this.served = session;
      return this.greeter(session, this.b, this.a);
    });
    if (this.client === null) {
      this.client = new ClientSession(settings, clock, (ended) => {
        if (this.client === ended) this.client = null;
      });
      this.client.setOwner(this.greeter(this.client, this.a, this.b));
    }
    const toB = new FaultyLine({ seed: 0, cutAfterBytes });
    const pair = new MemoryPair({ delivery: "microtask", ...(cutAfterBytes !== Infinity && { toB }) });
    const whenOver = () => {
      if (this.pair === pair) this.pair = null;
    };
    this.pair = pair;
    new Connection(pair.b, this.server, clock, silentLog, null, whenOver).start();
    new Connection(pair.a, this.client, clock, silentLog, null, whenOver).start();
  }

  /** The cable is pulled; the session waits. */
  cut(): void {
    this.pair?.cut();
    this.pair = null;
  }

  /** The session is lost at both ends. */
  lose(): void {
    this.cut();
    this.client?.end(Code.EXPIRED);
    this.served?.end(Code.EXPIRED);
    this.client = this.served = this.server = null;
  }

  private greeter(session: HostSession, here: Node, there: Node): SessionOwner {
    const peer = here.mesh.get(there.hostId) as MeshPeer;
    const introduction = {
      ...{ hostId: there.hostId, coreVersion: 0, epoch: BigInt(`0x${there.store.epoch}`), caps: 0 },
      ...{
        maxFrame: there.maxFrame,
        window: 262_144,
        nonce: new Uint8Array(16),
        ...there.has,
      },
      ...{ name: `gw${there.hostId}`, proof: undefined },
    };
    const introduced = { said: introduction, firstIndex: 0, isDialled: false, again: () => null };
    const onConnected = () => {
      session.confirm(introduction.window);
      peer.welcome(session, introduced);
    };
    return { ...nobody, onConnected };
  }
}
