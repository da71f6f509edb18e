/** All other gateways: which are configured, how each is found and introduced, and the one session with each. */
import { Code } from "../../shared/session/codes.ts";
import type { KeyStore } from "../admission/key-store.ts";
import { mac } from "../admission/mac.ts";
import type { PeerConfig, PeersConfig } from "../config/schema.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { isLoopback } from "../platform/loopback.ts";
import { ClientSession } from "../session/client-session.ts";
import type { HostSession, SessionSettings } from "../session/host-session.ts";
import { SessionServer } from "../session/session-server.ts";
import { Tallies } from "../session/tallies.ts";
import { dialsOf } from "./addresses.ts";
import { Dialler } from "./dialler.ts";
import { Dialling } from "./dialling.ts";
import type { Introduced, MakePeer } from "./gateway-peer.ts";
import { Introducer } from "./introducer.ts";
import { Listening } from "./listening.ts";
import { Nonces } from "./nonces.ts";
import { Pair } from "./pair.ts";
import { PeerAdmission } from "./peer-admission.ts";
import { PeerListener } from "./peer-listener.ts";
import { type PeerChanges, PeerRegistry, type RegisteredPeer } from "./peer-registry.ts";
import { type PeerView, viewPeer } from "./peer-view.ts";

export interface GatewaysOptions {
  hostId: bigint;
  /** Of this gateway, for people. */
  name: string;
  /** Of its store; it may change while the gateway runs. */
  epoch: () => bigint;
  session: SessionSettings;
  keys: KeyStore;
  clock: Clock;
  log: Log;
  makePeer: MakePeer;
  tallies?: Tallies;
  /** 0…1, for the waits of those who dial. */
  random?: () => number;
}

/** One that is configured, with its session and with what keeps its connection. */
interface Known {
  pair: Pair;
  dialler: Dialler;
}

export class Gateways {
  readonly registry: PeerRegistry;
  private readonly known = new Map<bigint, Known>();
  private readonly admission: PeerAdmission;
  private readonly introducer: Introducer;
  private readonly sessions: SessionServer;
  private readonly nonces = new Nonces();
  private readonly tallies: Tallies;
  private listener: PeerListener | null = null;
  private isStarted = false;

  constructor(
    private readonly options: GatewaysOptions,
    private config: PeersConfig,
  ) {
    const { hostId, name, epoch, log, keys, session, clock, makePeer } = options;
    this.tallies = options.tallies ?? new Tallies();
    this.registry = new PeerRegistry(makePeer, {
      onAdded: (peer) => this.begin(peer),
      onChanged: (peer, before) => this.change(peer, before),
      onRemoved: (peer) => this.end(peer, Code.PEER_REMOVED),
    });
    const trust = () => ({
      isInsecure: this.config.listen.insecure,
      isLoopback: isLoopback(this.config.listen.host),
    });
    const nameOf = (id: bigint) => this.registry.get(id)?.name;
    this.admission = new PeerAdmission(keys, trust, nameOf);
    this.introducer = new Introducer({
      ...{ hostId, name, epoch, log, admission: this.admission },
      haveUpTo: (id, theirs) => this.registry.get(id)?.peer.haveUpTo(theirs),
      onIntroduced: (id, one, introduced) => this.onIntroduced(id, one, introduced),
      onRefused: (id, reason) => this.onRefused(id, reason),
    });
    this.sessions = new SessionServer(
      session,
      clock,
      (one) => new Listening(one, this.introducer, this.nonces),
      (one, shown, wire) => this.admission.mayResume(one, shown, wire),
      this.tallies.gateways,
    );
  }

  /** As they are in force. */
  get settings(): PeersConfig {
    return this.config;
  }

  /** Where it listens; null: it does not. */
  get address(): { host: string; port: number } | null {
    return this.listener?.address ?? null;
  }

  /** Rejects as PeerListener.start() does. */
  async start(): Promise<void> {
    this.sessions.start();
    this.isStarted = true;
    await this.apply(this.config);
  }

  async stop(): Promise<void> {
    this.isStarted = false;
    for (const { dialler } of this.known.values()) dialler.stop(Code.CLOSED);
    this.sessions.stop();
    await this.listener?.stop();
    this.listener = null;
  }

  /**
   * Makes the difference to what was configured before; sessions with gateways whose part is the same go on. Rejects when
   * what is to be listened on cannot be; the rest is in force then.
   */
  async apply(config: PeersConfig): Promise<PeerChanges> {
    const before = this.config;
    this.config = config;
    const changes = this.registry.apply(config.enabled ? config.connect : []);
    const isSame = JSON.stringify(before.listen) === JSON.stringify(config.listen);
    const wantsListener = config.enabled && config.listen.enabled && this.registry.all().length > 0;
    if (this.listener !== null && (!wantsListener || !isSame)) {
      const old = this.listener;
      this.listener = null;
      await old.stop();
    }
    if (wantsListener && this.listener === null && this.isStarted) await this.listen();
    return changes;
  }

  /** Tries now to connect to one, or to all that have no connection. */
  dialNow(hostId?: bigint): void {
    for (const [id, { dialler }] of this.known) if (hostId === undefined || id === hostId) dialler.dialNow();
  }

  /** Its key was taken, or another given: its sessions end -> how many. */
  keyChanged(hostId: bigint): number {
    const theirs: HostSession[] = [...this.sessions.all()].filter(({ device }) => device === String(hostId));
    const session = this.known.get(hostId)?.pair.session;
    if (session != null && !theirs.includes(session)) theirs.push(session);
    for (const one of theirs) one.finish(Code.KEY_REVOKED);
    return theirs.length;
  }

  /** `id`: a host id, or the name it has here -> how many sessions ended, null when it had no key. */
  revokeKey(id: string): number | null {
    const hostId = this.registry.get(id)?.hostId;
    const owner = hostId === undefined ? id : String(hostId);
    if (!this.options.keys.remove(owner)) return null;
    const sessions = /^\d+$/.test(owner) ? this.keyChanged(BigInt(owner)) : 0;
    this.options.log.info({ peer: owner, sessions }, "key revoked");
    return sessions;
  }

  view(): PeerView[] {
    return [...this.known.values()].map(({ pair, dialler }) => viewPeer(pair, dialler));
  }

  private async listen(): Promise<void> {
    const { keys, clock, log } = this.options;
    const listener = new PeerListener({
      ...{ config: this.config.listen, keys, sessions: this.sessions, clock, log },
      tally: this.tallies.peers,
      onOver: () => this.look(),
    });
    await listener.start();
    this.listener = listener;
  }

  private begin(registered: RegisteredPeer): void {
    const pair = new Pair(this.options.hostId, registered);
    this.known.set(registered.hostId, { pair, dialler: this.newDialler(pair) });
    this.known.get(registered.hostId)?.dialler.look();
  }

  /** Its session goes on, unless it was dialled and is to be dialled otherwise now. */
  private change(registered: RegisteredPeer, before: PeerConfig): void {
    const known = this.known.get(registered.hostId);
    if (known === undefined || isDialledAlike(registered.config, before)) return;
    known.dialler.stop(Code.CLOSED);
    known.dialler = this.newDialler(known.pair);
    known.dialler.look();
  }

  private end(registered: RegisteredPeer, code: Code): void {
    const known = this.known.get(registered.hostId);
    this.known.delete(registered.hostId);
    known?.pair.end(code);
    known?.dialler.stop(code);
  }

  private newDialler(pair: Pair): Dialler {
    const { hostId: own, clock, log, random = Math.random } = this.options;
    const { hostId, config } = pair.registered;
    const place = `peers.connect.${this.config.connect.indexOf(config)}`;
    return new Dialler({
      peer: String(hostId),
      policy: config.dial,
      isLower: own < hostId,
      addresses: dialsOf(config, place, () => this.admission.keyOf(hostId) !== undefined),
      waits: () => ({ leastMs: this.config.retryMinMs, mostMs: this.config.retryMaxMs }),
      wire: { isCable: false, isPrivate: config.tls?.enabled === true, names: [] },
      ...{ clock, log, random, tally: this.tallies.peers },
      newSession: (onEnded) => this.newSession(hostId, onEnded),
      isConnected: () => pair.isConnected,
    });
  }

  private newSession(hostId: bigint, onEnded: (session: ClientSession, code: Code) => void): ClientSession {
    const key = this.admission.keyOf(hostId);
    const hmac = key === undefined ? null : (text: string) => mac(key, text);
    const { session: settings, clock } = this.options;
    const session = new ClientSession(settings, clock, onEnded, hmac, this.tallies.gateways);
    const isVouchedFor = this.registry.get(hostId)?.config.tls?.enabled === true;
    session.setOwner(new Dialling(session, { hostId, key, isVouchedFor }, this.introducer));
    return session;
  }

  private onIntroduced(hostId: bigint, session: HostSession, introduced: Introduced): void {
    const known = this.known.get(hostId);
    if (known === undefined) return session.finish(Code.PEER_REMOVED); // taken out meanwhile
    this.options.log.info({ peer: String(hostId), event: "up", via: session.via }, "introduced");
    known.pair.offer(session, introduced);
    known.dialler.succeeded();
    known.dialler.look();
  }

  private onRefused(hostId: bigint | null, reason: string): void {
    if (hostId !== null) this.known.get(hostId)?.dialler.refused(reason);
  }

  private look(): void {
    for (const { dialler } of this.known.values()) dialler.look();
  }
}

/** Whether nothing has changed of where and how it is reached. */
function isDialledAlike(a: PeerConfig, b: PeerConfig): boolean {
  const way = ({ name, host, port, addresses, dial, tls, insecure }: PeerConfig) =>
    JSON.stringify([name, host, port, addresses, dial, tls, insecure]);
  return way(a) === way(b);
}
