/** Other gateways as this one has them: who is found, the frames between, and what each does for the others; built bottom-up. */
import { openPeerKeys } from "../admission/key-store.ts";
import type { Config, PeersConfig } from "../config/schema.ts";
import type { RequestBook } from "../peers/request-book.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { QueuedPeer } from "../router/queued-peer.ts";
import type { Tallies } from "../session/tallies.ts";
import type { Store } from "../store/store.ts";
import { DeadLetters } from "./dead-letters.ts";
import { Gateways } from "./gateways.ts";
import { keepHostId } from "./host-id.ts";
import { LetterBox } from "./letter-box.ts";
import { Mesh, routesOf } from "./mesh.ts";
import type { PeerChanges } from "./peer-registry.ts";
import { type PeersView, viewPeers } from "./peers-view.ts";
import { queuedGateway } from "./queued-gateway.ts";
import type { PeerCancel } from "./served-requests.ts";
import { GatewayServices, type GatewayServicesOptions } from "./services.ts";

export interface OtherGatewaysOptions {
  config: Config;
  store: Store;
  book: RequestBook;
  boards: GatewayServicesOptions["boards"];
  /** A message of a board behind another gateway is in the store. */
  onMessage: GatewayServicesOptions["onMessage"];
  /** Another gateway, by the name that it has here, wants a request withdrawn. */
  onCancel(cancel: PeerCancel, name: string): void;
  tallies: Tallies;
  clock: Clock;
  log: Log;
}

/** Once the store is open. */
interface Opened {
  gateways: Gateways;
  mesh: Mesh;
  services: GatewayServices;
  letters: LetterBox;
}

/** What a configuration that was read anew has changed. */
export interface Reloaded extends PeerChanges {
  routes: string[];
}

export class OtherGateways {
  private opened: Opened | null = null;
  private peers: PeersConfig;

  constructor(private readonly options: OtherGatewaysOptions) {
    this.peers = options.config.peers;
  }

  /** Goes on where an earlier gateway was; the store is open. */
  async open(): Promise<void> {
    const { config, store, book, boards, tallies, clock, log, onMessage, onCancel } = this.options;
    const hostId = await keepHostId(config.data, config.gateway.hostId);
    const letters = new DeadLetters(store, () => clock.wall());
    const mesh = new Mesh({
      ...{ hostId, store, clock, log, maxFrame: config.session.maxPacketBytes },
      onChange: () => {},
      onDead: (peer, dead) => letters.add(peer, dead),
    });
    const services = new GatewayServices({
      ...{ name: config.gateway.id, mesh, store, book, boards, clock, log, onMessage },
      onCancel: (cancel) => onCancel(cancel, services.names.nameOf(cancel.gateway)),
    });
    await letters.load();
    services.configure(this.peers);
    await services.load();
    await mesh.load();
    const gateways = new Gateways(
      {
        ...{ hostId, name: config.gateway.id, session: config.session, tallies, clock, log },
        epoch: () => BigInt(`0x${store.epoch}`),
        keys: openPeerKeys(config.data),
        makePeer: (id, _generation, peer) => mesh.add(id, peer),
      },
      this.peers,
    );
    this.opened = { gateways, mesh, services, letters: new LetterBox(letters, services.names) };
  }

  /** Before any board speaks: what another gateway has withdrawn is not to be handed to it. */
  async start(): Promise<void> {
    const { gateways, mesh, services } = this;
    mesh.setRoutes(routesOf(this.peers));
    await gateways.start();
    mesh.endOrphans();
    mesh.start();
    services.start();
  }

  async stop(): Promise<void> {
    this.opened?.services.stop();
    this.opened?.mesh.stop();
    await this.opened?.gateways.stop();
  }

  /** The configuration was read anew: makes the difference, and tries at once where there is no connection. */
  async apply(peers: PeersConfig): Promise<Reloaded> {
    const routes = changedRoutes(this.peers, peers);
    this.peers = peers;
    this.mesh.setRoutes(routesOf(peers));
    this.services.configure(peers);
    try {
      return { ...(await this.gateways.apply(peers)), routes };
    } finally {
      this.mesh.setRoutes(routesOf(peers)); // over peers that are new, too
      this.services.peersChanged();
      this.gateways.dialNow();
    }
  }

  /** A message is in the store. */
  wake(): void {
    this.opened?.services.wake();
  }

  /** The store takes something again. */
  resume(): void {
    this.opened?.mesh.resume();
    this.opened?.services.resume();
  }

  /** What a failed commit left is what is there now. */
  async catchUp(): Promise<void> {
    await this.opened?.mesh.catchUp();
    await this.opened?.services.catchUp();
  }

  view(): PeersView {
    const { config, clock } = this.options;
    const { gateways, mesh, services } = this;
    return viewPeers({ gateways, mesh, names: services.names, name: config.gateway.id, now: clock.now() });
  }

  /** What the gateway with this host id is called here; as it came while nothing is known. */
  nameOf(hostId: string): string {
    return this.opened !== null && /^\d{1,20}$/.test(hostId)
      ? this.opened.services.names.nameOf(BigInt(hostId))
      : hostId;
  }

  /** What waits for each of them. */
  queued(): QueuedPeer[] {
    const { mesh, services } = this;
    return mesh.all().map((peer) => queuedGateway(peer, mesh, services.names, this.options.clock));
  }

  /** Which there are, how each is found and introduced. These four are there once open() has resolved. */
  get gateways(): Gateways {
    return this.here.gateways;
  }

  /** Frames to and from them. */
  get mesh(): Mesh {
    return this.here.mesh;
  }

  /** What this gateway and others do for each other. */
  get services(): GatewayServices {
    return this.here.services;
  }

  /** What will not arrive at them. */
  get letters(): LetterBox {
    return this.here.letters;
  }

  private get here(): Opened {
    if (this.opened !== null) return this.opened;
    throw new TypeError("asking for other gateways: this one is not open");
  }
}

/** Gateways behind others to which the way, the name or the subscription is another now, by host id. */
function changedRoutes(before: PeersConfig, after: PeersConfig): string[] {
  const textOf = (peers: PeersConfig) =>
    new Map(peers.routes.map((route) => [route.to, JSON.stringify(route)]));
  const [old, now] = [textOf(before), textOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])].filter((to) => old.get(to) !== now.get(to));
}
