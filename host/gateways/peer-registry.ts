/** Which other gateways there are: those that are configured, each in generations, for it may be taken out and put in again. */
import type { PeerConfig } from "../config/schema.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import type { GatewayPeer, MakePeer } from "./gateway-peer.ts";

/** One generation of a peer, which is also the handle that others keep: once removed it refuses everything (R2.2). */
export class RegisteredPeer {
  private isRemoved = false;

  constructor(
    readonly hostId: bigint,
    readonly generation: number,
    public config: PeerConfig,
    private readonly made: GatewayPeer,
  ) {}

  /** Throws PEER_REMOVED when this generation is no more. */
  get peer(): GatewayPeer {
    if (!this.isRemoved) return this.made;
    const text = `using gateway ${this.hostId}: it was taken out of peers.connect, in this generation (${this.generation})`;
    throw new BowlineError("PEER_REMOVED", text, ExitCode.notFound);
  }

  /** What it is called here. */
  get name(): string {
    return this.config.name ?? String(this.hostId);
  }

  configure(config: PeerConfig): void {
    this.config = config;
    this.peer.configure(config);
  }

  /** Once: from then on the handle is stale. */
  remove(): void {
    const { peer } = this;
    this.isRemoved = true;
    peer.remove();
  }
}

/** Host ids, in decimal. */
export interface PeerChanges {
  added: string[];
  changed: string[];
  removed: string[];
}

/** Hears each change once it is made; of a removed peer, once all its packets have ended. */
export interface RegistryListener {
  onAdded(peer: RegisteredPeer): void;
  onChanged(peer: RegisteredPeer, before: PeerConfig): void;
  onRemoved(peer: RegisteredPeer): void;
}

export class PeerRegistry {
  private readonly peers = new Map<bigint, RegisteredPeer>();
  /** Of each id that was ever there. */
  private readonly generations = new Map<bigint, number>();

  constructor(
    private readonly makePeer: MakePeer,
    private readonly listener: RegistryListener,
  ) {}

  /** `id`: a host id, in decimal where it is text, or the name it has here. Throws PEER_UNKNOWN (iotgw X.1 step 2). */
  findPeer(id: bigint | string): RegisteredPeer {
    const found = this.get(id);
    if (found !== undefined) return found;
    const known = [...this.peers.values()].map(({ name }) => name).join(", ");
    const text = `finding gateway ${id}: it is none of peers.connect; allowed: ${known || "none is listed"}`;
    throw new BowlineError("PEER_UNKNOWN", text, ExitCode.notFound, "bowline config show");
  }

  get(id: bigint | string): RegisteredPeer | undefined {
    if (typeof id === "bigint") return this.peers.get(id);
    const named = this.all().find(({ name }) => name === id);
    return named ?? (/^\d{1,20}$/.test(id) ? this.peers.get(BigInt(id)) : undefined);
  }

  all(): RegisteredPeer[] {
    return [...this.peers.values()];
  }

  /** Makes the difference: what has not changed is not touched. */
  apply(wanted: readonly PeerConfig[]): PeerChanges {
    const changes: PeerChanges = { added: [], changed: [], removed: [] };
    const next = new Map(
      wanted.filter(({ enabled }) => enabled).map((config) => [BigInt(config.id), config]),
    );
    for (const peer of this.all()) {
      if (next.has(peer.hostId)) continue;
      this.peers.delete(peer.hostId);
      peer.remove();
      this.listener.onRemoved(peer);
      changes.removed.push(String(peer.hostId));
    }
    for (const [hostId, config] of next) {
      const known = this.peers.get(hostId);
      if (known === undefined) {
        this.add(hostId, config);
        changes.added.push(String(hostId));
      } else if (!isSame(known.config, config)) {
        const before = known.config;
        known.configure(config);
        this.listener.onChanged(known, before);
        changes.changed.push(String(hostId));
      }
    }
    return changes;
  }

  private add(hostId: bigint, config: PeerConfig): void {
    const generation = (this.generations.get(hostId) ?? 0) + 1;
    this.generations.set(hostId, generation);
    const peer = new RegisteredPeer(hostId, generation, config, this.makePeer(hostId, generation, config));
    this.peers.set(hostId, peer);
    this.listener.onAdded(peer);
  }
}

/** Both are filled in by the same schema, so their keys stand in the same order. */
function isSame(a: PeerConfig, b: PeerConfig): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
