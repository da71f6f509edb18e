/** What a Participant is made with, what it asks of whoever owns it, and what it tells. */
import type { KeyObject } from "node:crypto";
import type { Datum } from "./datum.ts";
import type { Fault } from "./fault-code.ts";
import type { Limits } from "./limits.ts";
import type { OutLine, Speaker } from "./line.ts";
import type { PackOptions } from "./pack.ts";
import type { SchemeSettings } from "./scheme.ts";
import type { Tally } from "./tally.ts";

export type Profile = PackOptions["profile"];

/** A peer that the configuration names. */
export interface PeerSettings {
  name: string;
  /** Who is meant: by nick or by services account. Neither: whoever signs with its key. */
  nick?: string;
  account?: string;
  /** Its Ed25519 key, 64 digits of hex. */
  key?: string;
  /** What it says without a right signature is refused. */
  required?: boolean;
  profile?: Profile;
  /** How Datums in fragments are encoded, from it and to it, where that is not as with everybody. */
  schemes?: SchemeSettings;
}

export interface ParticipantSettings {
  limits: Limits;
  /** How Datums that do not fit a line are encoded, and the keys for that. */
  schemes: SchemeSettings;
  checksum: "" | "c1" | "c2";
  /** Sign all we say with this Ed25519 key. */
  sign: { privateKey: KeyObject } | null;
  peers: readonly PeerSettings[];
  /** What `seenMids` said before the last stop, by key. */
  seenMids?: Readonly<Record<string, readonly string[]>>;
  /** 0 ≤ n < 1, for jitter and ping texts. */
  random: () => number;
  /** The monotonic time that is given to `receive` and `tick`, ms: a line's turn comes between two calls. */
  now: () => number;
  /** Milliseconds since 1970, for the time in Datums of our own. */
  wall: () => number;
}

/** Who said a Datum, and how sure that is. */
export interface Source {
  speaker: Speaker;
  /** null: privately. */
  channel: string | null;
  mid: string;
  /** Of a Datum in fragments: the Container that completed it. */
  containerText: string;
  identity: {
    /** The pinned key that signed all of it; null: nobody proved anything. */
    key: string | null;
    /** Name of the configured peer: of that key, else of whom the configuration means by this nick or account. */
    peer: string | null;
  };
}

export interface PeerView {
  nick: string;
  account: string | null;
  /** Name in the configuration. */
  peer: string | null;
  /** null: it never said. */
  version: string | null;
  profile: Profile;
  /** The last thing it signed was right. */
  isSigned: boolean;
  heardAt: number;
  datums: number;
  faults: number;
  /** Of the last ping; null: none was answered. */
  roundTripMs: number | null;
  /** Pings in a row without an answer; 0 for whoever never answered any, since the reference cannot. */
  missedPings: number;
  /** It said that it is overloaded: nothing is pinged before. null: it is not. */
  pausedUntil: number | null;
}

export interface PendingKey {
  key: string;
  nick: string;
  account: string | null;
  at: number;
}

export interface OpenChain {
  sender: string;
  channel: string | null;
  ot: string;
  did: string;
  bc: number;
  received: number;
  firstMissing: number;
  /** Requests for what is missing. */
  asked: number;
}

export interface Counts extends Tally {
  sentCacheBytes: number;
  heardCacheBytes: number;
  chains: number;
  /** Unfinished chains that made room for others. */
  displaced: number;
}

/** Whoever owns a Participant. */
export interface ParticipantHandler {
  onDatum(datum: Datum, source: Source): void;
  /**
   * A Datum that somebody gave again, in whole or in part, because we asked everybody for it, and that no key signed:
   * whoever said it at first may be anybody. It is `source.speaker`'s word that it was said, never his wish: nothing may be
   * done in his name.
   */
  onRelayed(datum: Datum, source: Source): void;
  onLine(line: OutLine): void;
  /** `source` null: of nothing that was just heard, as what is given up. */
  onFault(fault: Fault, source: Omit<Source, "identity"> | null): void;
  onPeer(view: PeerView): void;
  /** Bytes a line to this channel or nick can have. */
  budget(target: string): number;
  /** Whether this nick is in the channel now, as far as the network has told. */
  isMember(channel: string, nick: string): boolean;
}
