/**
 * Boards behind other gateways: what they are called, gw2/sim-1, and what was heard of them.
 *
 *   v/HOSTID/BOARD   that its messages come here, and when the last one that was noted
 */

import type { Ticket } from "../peers/requests.ts";
import type { Clock } from "../platform/clock.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { suggest } from "../platform/suggest.ts";
import type { RemoteDirectory } from "../router/remote-directory.ts";
import type { DeviceView } from "../router/views.ts";
import type { DeliveredMessage, RecordChange, Store } from "../store/store.ts";
import type { GatewayNames } from "./gateway-names.ts";
import type { Mesh } from "./mesh.ts";
import type { RemoteAddress, RemoteRequests } from "./remote-requests.ts";

interface SightDocument {
  /** ms since 1970. */
  lastAt: number;
}

interface Sight {
  gateway: bigint;
  board: string;
  lastAt: number;
  /** Of that, what is in the store. */
  notedAt: number;
  delivered: number;
  last: DeliveredMessage | null;
}

const PREFIX = "v/";
/** ms between two notes of when a board was heard. */
const NOTE_MS = 60_000;
/** Boards kept; of one beyond, messages are delivered all the same. */
const MOST = 10_000;
const SHOWN_NAMES = 10;

export interface BoardServices {
  mesh: Mesh;
  store: Store;
  clock: Clock;
}

export class RemoteBoards implements RemoteDirectory {
  private readonly sights = new Map<string, Sight>();

  constructor(
    private readonly services: BoardServices,
    private readonly names: GatewayNames,
    private readonly requests: RemoteRequests,
  ) {}

  async load(): Promise<void> {
    for (const [key, { lastAt }] of await this.services.store.records<SightDocument>(PREFIX)) {
      const [hostId, board] = key.slice(PREFIX.length).split("/");
      this.enter(BigInt(hostId), board, lastAt);
    }
  }

  /** What a board of a gateway is called here. */
  addressOf(gateway: bigint, board: string): string {
    return `${this.names.nameOf(gateway)}/${board}`;
  }

  /** A message of it is about to be committed; returns what is to be committed with it. */
  note(gateway: bigint, board: string): RecordChange[] {
    const sight = this.sights.get(keyOf(gateway, board)) ?? this.enter(gateway, board, 0);
    const now = this.services.clock.wall();
    if (sight === null || Math.abs(now - sight.notedAt) < NOTE_MS) return [];
    sight.notedAt = now;
    return [{ key: PREFIX + keyOf(gateway, board), value: { lastAt: now } satisfies SightDocument }];
  }

  /** The message is in the store. */
  heard(gateway: bigint, board: string, message: DeliveredMessage): void {
    const sight = this.sights.get(keyOf(gateway, board));
    if (sight === undefined) return;
    sight.lastAt = message.at;
    sight.last = message;
    sight.delivered++;
  }

  // ── for the router ──────────────────────────────────────────────────────────────────────────────────────────

  addresses(): string[] {
    return [...this.sights.values()].map(({ gateway, board }) => this.addressOf(gateway, board));
  }

  /** Rejects when the address names no gateway that a way leads to. */
  async submit(
    address: string,
    message: { ot: string },
    timeoutMs: number,
    options: { key?: string; signal?: AbortSignal },
  ): Promise<Ticket> {
    const attempt = `sending ${message.ot} to ${address}`;
    return this.requests.request(this.resolve(address, attempt), message, timeoutMs, options);
  }

  hasLeft(rq: number): boolean {
    return this.requests.hasLeft(rq);
  }

  cancel(rq: number): boolean {
    return this.requests.cancel(rq);
  }

  whenTold(rq: number): Promise<void> | undefined {
    return this.requests.whenTold(rq);
  }

  /** Whether a board of this address was heard of. */
  has(address: string): boolean {
    const slash = address.indexOf("/");
    const gateway = this.names.find(address.slice(0, slash));
    return gateway !== undefined && this.sights.has(keyOf(gateway, address.slice(slash + 1)));
  }

  views(): DeviceView[] {
    return [...this.sights.values()].map((sight) => this.view(sight));
  }

  /** Shows it no more until it is heard again -> false when it is not known. */
  forget(address: string): boolean {
    const found = [...this.sights].find(
      ([, { gateway, board }]) => this.addressOf(gateway, board) === address,
    );
    if (found === undefined) return false;
    this.sights.delete(found[0]);
    this.services.store.putLater([{ key: PREFIX + found[0], value: null }]);
    return true;
  }

  private resolve(address: string, attempt: string): RemoteAddress {
    const slash = address.indexOf("/");
    const name = address.slice(0, slash);
    const board = address.slice(slash + 1);
    const gateway = this.names.find(name);
    if (gateway !== undefined && board !== "") return { address, gateway, board };
    const known = this.names.all().map((one) => one.name);
    const seen =
      known.length === 0
        ? "no other gateway is configured"
        : `known: ${known.slice(0, SHOWN_NAMES).join(", ")}`;
    const nearest = suggest(name, known);
    const question =
      nearest === undefined || gateway !== undefined ? "" : `; did you mean ${nearest}/${board}?`;
    const what = gateway === undefined ? `no gateway ${name}` : "no board is named";
    throw new BowlineError(
      "DEVICE_UNKNOWN",
      `${attempt}: ${what}${question || `; ${seen}`}`,
      ExitCode.notFound,
      "bowline peers",
    );
  }

  private enter(gateway: bigint, board: string, lastAt: number): Sight | null {
    if (this.sights.size >= MOST) return null;
    const sight = { gateway, board, lastAt, notedAt: lastAt, delivered: 0, last: null };
    this.sights.set(keyOf(gateway, board), sight);
    return sight;
  }

  private view({ gateway, board, lastAt, delivered, last }: Sight): DeviceView {
    const name = this.names.nameOf(gateway);
    return {
      ...{ id: `${name}/${board}`, gateway: name, via: `gateway ${name}` },
      // Whether the board itself is there only its gateway knows.
      connected: this.services.mesh.nextHop(gateway)?.isConnected === true,
      ...{ since: 0, hasLeft: false },
      ...{ epoch: last?.epoch ?? "", watermark: last?.seq ?? 0, board: "", firmware: "", caps: [] },
      ...{ delivered, repeats: 0, missing: 0, mayBeMissing: 0, lost: 0, sessions: 0, connections: 0 },
      ...{ queued: this.requests.openTo(gateway, board), lastAt, last },
    };
  }
}

const keyOf = (gateway: bigint, board: string) => `${gateway}/${board}`;
