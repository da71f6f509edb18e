/** The one session between this gateway and another, whoever dialled it; of two the same survives at both ends. */
import { Code } from "../../shared/session/codes.ts";
import { Phase } from "../../shared/session/state.ts";
import type { HostSession } from "../session/host-session.ts";
import { nobody } from "../session/session-owner.ts";
import { type Contender, takesOver } from "./choose-session.ts";
import type { Introduced } from "./gateway-peer.ts";
import type { RegisteredPeer } from "./peer-registry.ts";

export class Pair {
  private current: { session: HostSession; introduced: Introduced } | null = null;

  constructor(
    private readonly own: bigint,
    readonly registered: RegisteredPeer,
  ) {}

  /** The session that was introduced last and has not ended. */
  get session(): HostSession | null {
    const session = this.current?.session ?? null;
    return session?.session.phase === Phase.ENDED ? null : session;
  }

  /** What the other end of it said of itself. */
  get introduced(): Introduced | null {
    return this.session === null ? null : (this.current?.introduced ?? null);
  }

  get isConnected(): boolean {
    return this.session?.carrier != null;
  }

  /** A session was introduced: it is the peer's now, or there is a better one and it ends. */
  offer(session: HostSession, introduced: Introduced): void {
    const older = this.session;
    const { current } = this;
    if (older !== null && current !== null && older !== session) {
      const standing = this.contender(older, current.introduced);
      if (!takesOver(this.contender(session, introduced), standing)) {
        session.setOwner(nobody);
        return session.finish(Code.SUPERSEDED);
      }
      // The peer hears of it before it is given the next: what was not delivered goes back first (iotgw H3).
      older.finish(Code.SUPERSEDED);
    }
    this.current = { session, introduced };
    this.registered.peer.welcome(session, introduced);
  }

  /** Ends its session, for good. */
  end(code: Code): void {
    this.session?.finish(code);
  }

  private contender(session: HostSession, { isDialled }: Introduced): Contender {
    const dialler = isDialled ? this.own : this.registered.hostId;
    return { dialler, isConnected: session.carrier !== null };
  }
}
