/** What gateways do for each other: requests to each other's boards. Says to the mesh who serves which frame. */

import type { PeersConfig } from "../config/schema.ts";
import { Command, Reqtype } from "../iotgw/commands.ts";
import type { RequestBook } from "../peers/request-book.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { Store } from "../store/store.ts";
import { GatewayNames } from "./gateway-names.ts";
import type { Mesh } from "./mesh.ts";
import type { OnOutcome } from "./mesh-peer.ts";
import { RemoteBoards } from "./remote-boards.ts";
import { RemoteRequests } from "./remote-requests.ts";
import { type LocalBoards, ServedRequests } from "./served-requests.ts";

export interface GatewayServicesOptions {
  mesh: Mesh;
  store: Store;
  book: RequestBook;
  boards: LocalBoards;
  clock: Clock;
  log: Log;
}

export class GatewayServices {
  readonly names: GatewayNames;
  readonly requests: RemoteRequests;
  readonly served: ServedRequests;
  readonly boards: RemoteBoards;

  constructor(options: GatewayServicesOptions) {
    const { mesh } = options;
    this.names = new GatewayNames(mesh);
    this.requests = new RemoteRequests(options);
    this.served = new ServedRequests(options);
    this.boards = new RemoteBoards(options, this.names, this.requests);
    mesh.serve(
      Command.DATA,
      (arrived) =>
        arrived.frame.reqtype === Reqtype.REPLY
          ? this.requests.answer(arrived)
          : this.served.receive(arrived),
      (id, { reqtype }) => (reqtype === Reqtype.REQUEST ? this.requests.kept(id) : noMatter),
    );
    mesh.serve(Command.CANCEL, (arrived) => this.served.cancel(arrived));
    mesh.serveEnds((id, code, text) => this.requests.refused(id, code, text) ?? {});
  }

  /** Reads what an earlier gateway took: behind RequestBook.load(), before the mesh has a peer. */
  async load(): Promise<void> {
    this.requests.load();
    await this.served.load();
    await this.boards.load();
  }

  /** All peers, and what waits for them, are there. */
  start(): void {
    this.requests.start();
    this.served.start();
  }

  stop(): void {
    this.requests.stop();
  }

  /** The store was opened anew, and takes nothing yet: what a failed commit left is there. */
  async catchUp(): Promise<void> {
    await this.requests.catchUp();
    await this.served.catchUp();
  }

  /** The store takes something again. */
  resume(): void {
    this.served.start();
  }

  /** As the configuration has them now: what gateways are called, and which there are. Behind the change of the peers. */
  configure({ enabled, connect, routes }: PeersConfig): void {
    const peers = enabled
      ? connect.filter((peer) => peer.enabled).map(({ id, name }) => ({ hostId: id, name }))
      : [];
    const behind = enabled ? routes.map(({ to, name }) => ({ hostId: to, name })) : [];
    const named = [...peers, ...behind].filter(({ name }) => name !== undefined);
    this.names.configure(
      new Map(named.map(({ hostId, name }) => [BigInt(hostId), name!])),
      behind.map(({ hostId }) => BigInt(hostId)),
    );
    this.requests.forgetUnreachable();
  }
}

const noMatter: OnOutcome = () => {};
