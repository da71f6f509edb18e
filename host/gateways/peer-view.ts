/** What people are shown of another gateway: plain, ready for JSON; host ids and epochs as text, for they are u64. */
import type { Dialler } from "./dialler.ts";
import type { Pair } from "./pair.ts";

export interface PeerView {
  id: string;
  /** What it is called here, and how often it was configured anew. */
  name: string;
  generation: number;
  /** absent: no session; suspended: a session without a connection. */
  state: "absent" | "connecting" | "suspended" | "open";
  via: string;
  /** This gateway asked for the session. */
  isDialled: boolean;
  /** What it says of itself; "" while there is no session. */
  says: string;
  epoch: string;
  /** ms until it is tried again; null: nothing is due here. */
  nextTryMs: number | null;
  /** Why the last try, or introduction, came to nothing. */
  fault: string;
}

export function viewPeer(pair: Pair, dialler: Dialler): PeerView {
  const { registered, session, introduced, isConnected } = pair;
  const away = session !== null ? "suspended" : dialler.isConnecting ? "connecting" : "absent";
  return {
    id: String(registered.hostId),
    name: registered.name,
    generation: registered.generation,
    state: isConnected ? "open" : away,
    via: session?.via ?? "",
    isDialled: introduced?.isDialled ?? false,
    says: introduced?.said.name ?? "",
    epoch: introduced === null ? "" : introduced.said.epoch.toString(16).padStart(16, "0"),
    nextTryMs: dialler.nextInMs,
    fault: dialler.fault,
  };
}
