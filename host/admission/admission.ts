/**
 * Who may speak (session part 4). A cable is trusted by configuration. Over the network a board is admitted by what it
 * proves: a name in its client certificate, or its key; or, where the configuration says so, by nothing.
 *
 *   hello over       the gateway has its key      it has none
 *   a cable          proof if it has a nonce      admitted
 *   the network      proof                        certificate, insecure, or loopback without any keys; else KEY_NEEDED
 *
 * While pairing is open, a board without a key is given one over a wire nobody can listen to; over a cable every board
 * is, so that one whose key is another's or lost is mended there.
 */

import type { BoardHello } from "../../shared/message.ts";
import { Code } from "../../shared/session/codes.ts";
import type { ServerSession } from "../session/server-session.ts";
import type { Wire } from "../session/wire.ts";
import { findKey, keyFault, type NetworkTrust, opennessOf } from "./key-lookup.ts";
import type { KeyStore } from "./key-store.ts";
import type { Pairing } from "./pairing.ts";
import { mayResume } from "./resume.ts";

export type Verdict =
  | { kind: "admit" }
  /** It has to prove this key. */
  | { kind: "prove"; key: Uint8Array }
  /** It is admitted, and this is its key from now on. */
  | { kind: "give"; key: Uint8Array }
  | { kind: "refuse"; code: Code; reason: string };

export class Admission {
  constructor(
    private readonly keys: KeyStore,
    private readonly pairing: Pairing,
    private readonly network: NetworkTrust,
  ) {}

  judge({ id, nonce }: BoardHello, wire: Wire): Verdict {
    if (wire.names.includes(id)) return { kind: "admit" };
    if (wire.isCable && this.pairing.isOpen) return this.give(id);
    const { key, fault } = findKey(this.keys, id);
    if (fault !== undefined) return needed(fault);
    if (key !== undefined && nonce !== undefined) return { kind: "prove", key };
    if (wire.isCable) return { kind: "admit" };
    if (key !== undefined) return needed(`${id} has a key here, and its hello has no nonce`);
    // It would refuse a gateway that cannot prove anything.
    if (nonce !== undefined) return needed(`${id} has a key that is not known here`);
    if (this.pairing.isOpen && wire.isPrivate) return this.give(id);
    const { isOpen, fault: untold } = opennessOf(this.network, this.keys);
    if (isOpen) return { kind: "admit" };
    return needed(untold ?? `no key is known for ${id}`);
  }

  /**
   * Whether a request that shows these bytes may take `session` over (D7); undefined: there is none with this id, which
   * takes as long. With a proof its counter is used up.
   */
  mayResume(session: ServerSession | undefined, shown: Uint8Array, wire: Wire): boolean {
    return mayResume(session, shown, wire, {
      keyOf: (device) => findKey(this.keys, device).key,
      isVouchedFor: (device) => wire.names.includes(device),
      isOpenToAll: opennessOf(this.network, this.keys).isOpen,
    });
  }

  /** One that cannot be kept is given to nobody. */
  private give(id: string): Verdict {
    try {
      return { kind: "give", key: this.pairing.keyFor(id) };
    } catch (error) {
      return needed(keyFault(error));
    }
  }
}

function needed(reason: string): Verdict {
  return { kind: "refuse", code: Code.KEY_NEEDED, reason };
}
