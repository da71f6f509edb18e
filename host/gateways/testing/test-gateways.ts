/** Gateways on loopback for tests: each with a listener on a free port, peers that write down what they are told, and keys. */

import { type KeyStore, openPeerKeys } from "../../admission/key-store.ts";
import type { PeersConfig } from "../../config/schema.ts";
import { configSchema } from "../../config/schema.ts";
import { systemClock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { Watchers } from "../../platform/testing/watchers.ts";
import { Gateways } from "../gateways.ts";
import { PlainPeer } from "./plain-peer.ts";

const sessionSettings = {
  syncIntervalMinMs: 20,
  syncIntervalMaxMs: 5000,
  expireS: 255,
  maxPacketBytes: 65_536,
};

/** The section peers with its defaults filled in. */
export function peersOf(section: object): PeersConfig {
  return configSchema.parse({ peers: section }).peers;
}

export class TestGateways {
  readonly keys: KeyStore = openPeerKeys("memory");
  readonly gateways: Gateways;
  /** By host id, all generations. */
  readonly peers = new Map<string, PlainPeer[]>();
  readonly lines: string[] = [];
  private readonly watchers = new Watchers();

  constructor(
    readonly hostId: bigint,
    section: object,
    epoch = (hostId * 1000n) % 2n ** 64n,
  ) {
    const write = (fields: object, text: string) => {
      const { reason = "" } = fields as { reason?: string };
      this.lines.push(`${text}${reason === "" ? "" : `: ${reason}`}`);
      this.watchers.look();
    };
    const log: Log = { debug() {}, info: write, warn: write, error: write };
    this.gateways = new Gateways(
      {
        ...{ hostId, name: `gw-${hostId}`, epoch: () => epoch, session: sessionSettings },
        ...{ keys: this.keys, clock: systemClock, log, random: () => 0 },
        makePeer: (id, generation) => {
          const peer = new PlainPeer(id, generation, hostId, () => this.watchers.look());
          this.peers.set(String(id), [...(this.peers.get(String(id)) ?? []), peer]);
          return peer;
        },
      },
      peersOf(section),
    );
  }

  get port(): number {
    return this.gateways.address?.port ?? 0;
  }

  /** The newest generation of a peer. */
  peer(id: bigint | number): PlainPeer {
    const peer = this.peers.get(String(id))?.at(-1);
    if (peer === undefined) throw new RangeError(`${this.hostId} has no peer ${id}`);
    return peer;
  }

  /** Resolves when `isTrue` holds. */
  until(what: string, isTrue: () => boolean): Promise<void> {
    return this.watchers.until(what, isTrue, () => `; ${this.hostId} says:\n${this.lines.join("\n")}`);
  }
}
