/**
 * What gateways do for each other: requests to each other's boards, and messages of them. Says to the mesh who serves
 * which frame.
 */
import type { PeersConfig } from "../config/schema.ts";
import { Command, Reqtype } from "../iotgw/commands.ts";
import type { RequestBook } from "../peers/request-book.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { DeliveredMessage, Store } from "../store/store.ts";
import { Feeds } from "./feeds.ts";
import { GatewayNames } from "./gateway-names.ts";
import type { Mesh } from "./mesh.ts";
import type { OnOutcome } from "./peer-frames.ts";
import { RemoteBoards } from "./remote-boards.ts";
import { RemoteEvents } from "./remote-events.ts";
import { RemoteRequests } from "./remote-requests.ts";
import { type LocalBoards, type PeerCancel, ServedRequests } from "./served-requests.ts";
import { Subscriptions } from "./subscriptions.ts";

export interface GatewayServicesOptions {
  /** What this gateway calls itself. */
  name: string;
  mesh: Mesh;
  store: Store;
  book: RequestBook;
  boards: LocalBoards;
  clock: Clock;
  log: Log;
  /** A message of a board behind another gateway is in the store. */
  onMessage(message: DeliveredMessage): void;
  /** Another gateway wants a request withdrawn. */
  onCancel?(cancel: PeerCancel): void;
}

export class GatewayServices {
  readonly names: GatewayNames;
  readonly requests: RemoteRequests;
  readonly served: ServedRequests;
  readonly boards: RemoteBoards;
  readonly subscriptions: Subscriptions;
  readonly events: RemoteEvents;
  readonly feeds: Feeds;
  private readonly store: Store;

  constructor(options: GatewayServicesOptions) {
    const { mesh } = options;
    this.store = options.store;
    this.names = new GatewayNames(mesh);
    this.requests = new RemoteRequests(options);
    this.served = new ServedRequests(options);
    this.boards = new RemoteBoards(options, this.names, this.requests);
    this.subscriptions = new Subscriptions(options, this.names);
    this.events = new RemoteEvents(options, this.boards, (gateway) => this.subscriptions.isWanted(gateway));
    this.feeds = new Feeds(options);
    this.serve(mesh);
  }

  /** Reads what an earlier gateway took: behind RequestBook.load(), before the mesh has a peer. */
  async load(): Promise<void> {
    await this.names.load(this.store);
    this.requests.load();
    await this.served.load();
    await this.boards.load();
    await this.subscriptions.load();
    await this.feeds.load();
  }

  /** All peers, and what waits for them, are there; before any board speaks: what was withdrawn is not for it. */
  start(): void {
    this.requests.start();
    this.served.start();
    this.subscriptions.start();
    this.peersChanged();
  }

  stop(): void {
    this.requests.stop();
    this.subscriptions.stop();
    this.feeds.stop();
  }

  /** The store was opened anew, and takes nothing yet: what a failed commit left is there. */
  async catchUp(): Promise<void> {
    await this.requests.catchUp();
    await this.served.catchUp();
    await this.feeds.load();
  }

  /** The store takes something again. */
  resume(): void {
    this.served.start();
    this.feeds.wake();
  }

  /** A message is in the store. */
  wake(): void {
    this.feeds.wake();
  }

  /**
   * As the configuration has them: what gateways are called, which there are, and of which boards are to be heard.
   * Before the peers are made or changed; peersChanged() follows when they are.
   */
  configure({ enabled, connect, routes }: PeersConfig): void {
    const peers = connect
      .filter((peer) => enabled && peer.enabled)
      .map((peer) => ({ ...peer, hostId: BigInt(peer.id) }));
    const behind = routes.filter(() => enabled).map((route) => ({ ...route, hostId: BigInt(route.to) }));
    const all = [...peers, ...behind];
    const named = all.filter(({ name }) => name !== undefined);
    this.names.configure(
      new Map(named.map(({ hostId, name }) => [hostId, name!])),
      behind.map(({ hostId }) => hostId),
    );
    const wanted = all.filter(({ subscribe }) => subscribe.length > 0);
    this.subscriptions.configure(new Map(wanted.map(({ hostId, subscribe }) => [hostId, subscribe])));
  }

  peersChanged(): void {
    this.requests.forgetUnreachable();
    this.feeds.forgetUnreachable();
    this.subscriptions.tellChanges();
  }

  private serve(mesh: Mesh): void {
    const { requests, served, subscriptions, events, feeds } = this;
    mesh.serve(
      Command.DATA,
      (arrived) =>
        arrived.frame.reqtype === Reqtype.REPLY ? requests.answer(arrived) : served.receive(arrived),
      (id, { reqtype }) => (reqtype === Reqtype.REQUEST ? requests.kept(id) : noMatter),
    );
    mesh.serveRepeats(Command.DATA, (arrived) => served.again(arrived));
    mesh.serve(Command.CANCEL, (arrived) => served.cancel(arrived));
    mesh.serve(
      Command.EVENT,
      (arrived) => events.receive(arrived),
      (_id, { route }) => feeds.kept(route!.dst),
    );
    mesh.serve(
      Command.SUBSCRIBE,
      (arrived) =>
        arrived.frame.reqtype === Reqtype.REPLY ? subscriptions.answered(arrived) : feeds.subscribe(arrived),
      (id, view) => (view.reqtype === Reqtype.REQUEST ? subscriptions.kept(id, view) : noMatter),
    );
    mesh.serveEnds(
      (id, code, text) => requests.refused(id, code, text) ?? subscriptions.refused(id, code, text) ?? {},
    );
    mesh.serveIntroductions((peer) => subscriptions.introduced(peer));
  }
}

const noMatter: OnOutcome = () => {};
