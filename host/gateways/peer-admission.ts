/**
 * Which other gateways may speak: each proves its key, or a name in its certificate; or, where the configuration says so,
 * nothing (iotgw §9). Their keys are not those of boards, nor the other way round.
 *
 *   introduced as    its certificate names it     admitted
 *                    there is a key for it         has to prove it
 *                    neither, nobody must          admitted: insecure, or loopback without any keys
 *                    neither                       has to prove a key that nobody has, so that a stranger learns of no id
 */
import { randomBytes } from "node:crypto";
import { Proof } from "../../shared/proof.ts";
import { findKey, type NetworkTrust, opennessOf } from "../admission/key-lookup.ts";
import type { KeyStore } from "../admission/key-store.ts";
import { mayResume } from "../admission/resume.ts";
import type { ServerSession } from "../session/server-session.ts";
import type { Wire } from "../session/wire.ts";

export type PeerVerdict =
  | { kind: "admit" }
  | { kind: "prove"; key: Uint8Array }
  | { kind: "refuse"; reason: string };

export class PeerAdmission {
  /** Drawn anew with each start. */
  private readonly nobodysKey = randomBytes(Proof.KEY_SIZE);

  constructor(
    private readonly keys: KeyStore,
    /** How the listener is set up. */
    private readonly trust: () => NetworkTrust,
    /** What a gateway is called here, if it is configured. */
    private readonly nameOf: (hostId: bigint) => string | undefined,
  ) {}

  judge(hostId: bigint, wire: Wire): PeerVerdict {
    if (this.isNamed(String(hostId), wire)) return { kind: "admit" };
    const { key, fault } = findKey(this.keys, String(hostId));
    if (fault !== undefined) return { kind: "refuse", reason: fault };
    if (key !== undefined) return { kind: "prove", key };
    const { isOpen, fault: untold } = opennessOf(this.trust(), this.keys);
    if (untold !== undefined) return { kind: "refuse", reason: untold };
    return isOpen ? { kind: "admit" } : { kind: "prove", key: this.nobodysKey };
  }

  /** The key that proves both ends when this gateway dials; undefined: there is none. Throws KEY_… for one that is unusable. */
  keyOf(hostId: bigint): Uint8Array | undefined {
    return this.keys.get(String(hostId));
  }

  mayResume(session: ServerSession | undefined, shown: Uint8Array, wire: Wire): boolean {
    return mayResume(session, shown, wire, {
      keyOf: (device) => findKey(this.keys, device).key,
      isVouchedFor: (device) => this.isNamed(device, wire),
      isOpenToAll: opennessOf(this.trust(), this.keys).isOpen,
    });
  }

  /** `id`: a host id in decimal. */
  private isNamed(id: string, { names }: Wire): boolean {
    if (names.length === 0) return false;
    const name = this.nameOf(BigInt(id));
    return names.includes(id) || (name !== undefined && names.includes(name));
  }
}
