/** What one gateway counts of its sessions and links, and of who asks it over HTTP. */
import { LinkTally } from "./link-tally.ts";
import { SessionTally } from "./session-tally.ts";

export class Tallies {
  /** Sessions with boards, and with other gateways. */
  readonly boards = new SessionTally();
  readonly gateways = new SessionTally();
  /** Requests without a token of ours, or of one that may not. */
  readonly http = { authFailures: 0 };
  /** Sockets of boards, and of other gateways: one each, for a socket's name is never seen again. */
  readonly network = new LinkTally();
  readonly peers = new LinkTally();
  /** By the path of its port. */
  readonly cables = new Map<string, LinkTally>();

  cable(path: string): LinkTally {
    const known = this.cables.get(path) ?? new LinkTally();
    this.cables.set(path, known);
    return known;
  }
}
