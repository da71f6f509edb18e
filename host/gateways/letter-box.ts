/** Dead letters for people: by the names of the gateways that they waited for. */
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { suggest } from "../platform/suggest.ts";
import type { DeadLetter, DeadLetters } from "./dead-letters.ts";
import type { GatewayNames } from "./gateway-names.ts";

export interface ShownLetter extends DeadLetter {
  /** What the gateway that it waited for is called here. */
  name: string;
}

export class LetterBox {
  constructor(
    private readonly letters: DeadLetters,
    private readonly names: GatewayNames,
  ) {}

  /** The newest first; `peer`: of that gateway alone. Throws PEER_UNKNOWN. */
  list(peer?: string): ShownLetter[] {
    const letters = this.letters.list(peer === undefined ? peer : this.hostIdOf(peer));
    return letters.map((letter) => ({ ...letter, name: this.names.nameOf(BigInt(letter.peer)) }));
  }

  /** Forgets them -> how many. */
  clear(peer?: string): number {
    return this.letters.clear(peer === undefined ? peer : this.hostIdOf(peer));
  }

  /** Of a gateway that is, or was, a peer. */
  private hostIdOf(peer: string): string {
    const id = this.names.find(peer);
    if (id !== undefined) return `${id}`;
    if (this.letters.list(peer).length > 0) return peer;
    const known = this.names.all().map(({ name }) => name);
    const nearest = suggest(peer, known);
    const question = nearest === undefined ? "" : `; did you mean ${nearest}?`;
    const seen = known.length === 0 ? "no other is configured" : `known: ${known.join(", ")}`;
    const text = `looking for dead letters of ${peer}: no gateway is called so${question}; ${seen}`;
    throw new BowlineError("PEER_UNKNOWN", text, ExitCode.notFound, "bowline peers");
  }
}
