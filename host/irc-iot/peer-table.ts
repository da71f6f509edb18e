/** Who speaks IRC-IoT on one network, and what was learnt of each: version, keys, how it answers. */
import type { Speaker } from "./line.ts";
import type { PeerSettings, PeerView, Profile } from "./participant-types.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Strangers can be as many as they like; of more than so many the longest unheard is forgotten. */
const MAX_PEERS = 1024;
/** Mids of a peer that its next may be signed behind (the reference keeps as many). */
const RECENT_MIDS = 16;
/** Signatures of one nick that are tried behind more than the nearest mids: at once, and a second. */
const TRIES = { burst: 24, perMs: 1 / 1000 };
/** After a question for its version this long without an answer a peer is taken for a reference bot, which has none. */
const SILENT_MS = 60_000;

export interface Peer {
  nick: string;
  account: string | null;
  settings: PeerSettings | null;
  version: string | null;
  versionAskedAt: number | null;
  /** It was asked, or is configured: no first exchange any more. */
  isIntroduced: boolean;
  isSigned: boolean;
  /** The pinned key that it last signed with. */
  key: string | null;
  heardAt: number;
  datums: number;
  faults: number;
  /** Newest first. */
  mids: string[];
  tries: TokenBucket;
  roundTripMs: number | null;
  missedPings: number;
  everPonged: boolean;
  pausedUntil: number | null;
  pauseMs: number;
}

export class PeerTable {
  /** By folded nick, the longest unheard first. */
  private readonly peers = new Map<string, Peer>();

  constructor(private readonly configured: readonly PeerSettings[]) {}

  get size(): number {
    return this.peers.size;
  }

  /** By folded nick; null: it never spoke. */
  get(nick: string): Peer | null {
    return this.peers.get(nick) ?? null;
  }

  all(): Iterable<Peer> {
    return this.peers.values();
  }

  /** Also of somebody who never spoke yet. */
  of(nick: string, fold: (name: string) => string): Peer {
    const folded = fold(nick);
    const peer = this.peers.get(folded) ?? newPeer(nick, this.settingsOf({ nick, account: null }, fold));
    this.peers.delete(folded);
    this.peers.set(folded, peer);
    if (this.peers.size > MAX_PEERS) this.forgetOldest();
    return peer;
  }

  heard(speaker: Speaker, fold: (name: string) => string, now: number): Peer {
    const peer = this.of(speaker.nick, fold);
    peer.nick = speaker.nick;
    if (peer.account !== speaker.account) {
      peer.isSigned = false;
      peer.key = null;
    }
    peer.account = speaker.account;
    peer.settings = this.settingsOf(speaker, fold);
    peer.heardAt = now;
    return peer;
  }

  /** Nobody has this nick now; who takes it next is somebody else. */
  forget(nick: string): void {
    this.peers.delete(nick);
  }

  /** Whom the configuration means. Nicks are anybody's: it says which rules count for him, never who he is. */
  private settingsOf(
    { nick, account }: Pick<Speaker, "nick" | "account">,
    fold: (name: string) => string,
  ): PeerSettings | null {
    const folded = fold(nick);
    return (
      this.configured.find((one) => one.account !== undefined && one.account === account) ??
      this.configured.find((one) => one.nick !== undefined && fold(one.nick) === folded) ??
      null
    );
  }

  private forgetOldest(): void {
    for (const [oldest] of this.peers) {
      this.peers.delete(oldest);
      return;
    }
  }
}

/** What a peer's repeats, fragments and turns count under: its services account, else its nick. */
export function partyOf({ nick, account }: Peer, fold: (name: string) => string): string {
  return account === null ? `n:${fold(nick)}` : `a:${account}`;
}

export function rememberMid(peer: Peer, mid: string): void {
  peer.mids.unshift(mid);
  if (peer.mids.length > RECENT_MIDS) peer.mids.pop();
}

/** How to speak with it: as configured, else as learnt. The reference says no version when it is asked. */
export function profileOf(peer: Peer, now: number): Profile {
  if (peer.settings?.profile !== undefined) return peer.settings.profile;
  const isSilent = peer.versionAskedAt !== null && now - peer.versionAskedAt >= SILENT_MS;
  return peer.version === null && !peer.everPonged && isSilent ? "pyirciot" : "strict";
}

export function viewOf(peer: Peer, now: number): PeerView {
  const { nick, account, settings, version, isSigned, heardAt, datums, faults } = peer;
  const { roundTripMs, missedPings, pausedUntil } = peer;
  return {
    nick,
    account,
    peer: settings?.name ?? null,
    version,
    profile: profileOf(peer, now),
    isSigned,
    heardAt,
    datums,
    faults,
    roundTripMs,
    missedPings,
    pausedUntil: pausedUntil !== null && pausedUntil > now ? pausedUntil : null,
  };
}

function newPeer(nick: string, settings: PeerSettings | null): Peer {
  return {
    nick,
    account: null,
    settings,
    version: null,
    versionAskedAt: null,
    isIntroduced: false,
    isSigned: false,
    key: null,
    heardAt: 0,
    datums: 0,
    faults: 0,
    mids: [],
    tries: new TokenBucket(TRIES.burst, TRIES.perMs),
    roundTripMs: null,
    missedPings: 0,
    everPonged: false,
    pausedUntil: null,
    pauseMs: 0,
  };
}
