/**
 * What gateways are called here: as configured, as they introduce themselves, or by their host id (iotgw §2). A name
 * that two of them say of themselves is nobody's.
 *
 *   n/HOSTID   what a gateway said last that it is called
 */
import type { RecordChange, Store } from "../store/store.ts";
import type { Mesh } from "./mesh.ts";

const PREFIX = "n/";
/** As the configuration takes names: they are parts of addresses. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export interface NamedGateway {
  hostId: bigint;
  name: string;
}

export class GatewayNames {
  private configured: ReadonlyMap<bigint, string> = new Map();
  /** What they said in an answer: there, too, while there is no session with them, and from behind others. */
  private readonly heard = new Map<bigint, string>();
  /** Gateways that a route leads to. */
  private routed: readonly bigint[] = [];

  constructor(private readonly mesh: Mesh) {}

  /** As the configuration has them now: names of peers and of gateways behind them, and which the latter are. */
  configure(names: ReadonlyMap<bigint, string>, routed: readonly bigint[]): void {
    this.configured = names;
    this.routed = routed;
  }

  async load(store: Store): Promise<void> {
    for (const [key, { name }] of await store.records<{ name: string }>(PREFIX))
      this.heard.set(BigInt(key.slice(PREFIX.length)), name);
  }

  /** A gateway has said its name in an answer; returns what is to be committed with that. */
  hear(hostId: bigint, name: string): RecordChange[] {
    this.heard.set(hostId, name);
    return [{ key: PREFIX + hostId, value: { name } }];
  }

  /** What it is called in addresses. */
  nameOf(hostId: bigint): string {
    const configured = this.configured.get(hostId);
    if (configured !== undefined) return configured;
    const said = this.saidBy(hostId);
    return said !== undefined && this.isOnly(hostId, said) ? said : `${hostId}`;
  }

  /** The gateway that is called so, or has this host id. */
  find(name: string): bigint | undefined {
    return this.all().find((gateway) => gateway.name === name || `${gateway.hostId}` === name)?.hostId;
  }

  /** All that a way leads to. */
  all(): NamedGateway[] {
    const ids = new Set([...this.mesh.all().map(({ hostId }) => hostId), ...this.routed]);
    const gateways = [...ids].map((hostId) => ({ hostId, name: this.nameOf(hostId) }));
    return gateways.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  private saidBy(hostId: bigint): string | undefined {
    const name = this.mesh.get(hostId)?.name || this.heard.get(hostId);
    return name !== undefined && NAME.test(name) ? name : undefined;
  }

  /** Nobody else is called so by anybody. */
  private isOnly(hostId: bigint, name: string): boolean {
    for (const [other, configured] of this.configured)
      if (other !== hostId && configured === name) return false;
    for (const other of [...this.mesh.all().map((peer) => peer.hostId), ...this.routed])
      if (other !== hostId && (this.saidBy(other) === name || `${other}` === name)) return false;
    return true;
  }
}
