/**
 * Whether what a Container says counts as its speaker's: by pinned keys and by the configured rule of each peer.
 *
 * A signature that nothing is known to stand behind may be a forgery, or the line before it was lost: its Container is
 * refused and held, and comes to its right when that line arrives late.
 */
import type { HeardLine } from "./line.ts";
import type { Container } from "./message.ts";
import type { PeerSettings } from "./participant-types.ts";
import type { Peer } from "./peer-table.ts";
import { PinnedKey } from "./pinned-key.ts";
import { isSignedMid, publicKeyOfHex } from "./signing.ts";

export type Judgement =
  /** `peer`: whose key signed it. */
  | { verdict: "accepted"; key: string | null; peer: string | null }
  | { verdict: "repeated" }
  | { verdict: "refused"; reason: string; mayBeHeld: boolean };

export interface Held {
  container: Container;
  heard: HeardLine;
  until: number;
}

interface Pinned {
  settings: PeerSettings;
  key: PinnedKey;
}

/** A line that was lost is said again within that, or nobody does. */
const HOLD_MS = 120_000;
const MAX_HELD = 32;

export class SignatureGuard {
  private readonly pinned: Pinned[] = [];
  private held: Held[] = [];

  /** RangeError for a key that is none. */
  constructor(
    peers: readonly PeerSettings[],
    seenMids: Readonly<Record<string, readonly string[]>>,
    /** Newest last: a directed answer may be signed behind what it answers (the reference). */
    private readonly ownMids: () => readonly string[],
  ) {
    // One of each, also where it is pinned under several names: what counted under one counts no more under another.
    const keys = new Map<string, PinnedKey>();
    for (const settings of peers) {
      if (settings.key === undefined) continue;
      const hex = settings.key.toLowerCase();
      const key = publicKeyOfHex(hex);
      if (key === null)
        throw new RangeError(`key of peer ${settings.name}: ${settings.key}, allowed are 64 digits of hex`);
      const pinned = keys.get(hex) ?? new PinnedKey(hex, key, seenMids[hex]);
      keys.set(hex, pinned);
      this.pinned.push({ settings, key: pinned });
    }
  }

  /** By key; what the next start needs so that nothing counts twice. */
  get seenMids(): Record<string, string[]> {
    return Object.fromEntries(this.pinned.map(({ key }) => [key.hex, key.seenMids]));
  }

  judge({ mid, text }: Container, peer: Peer, now: number): Judgement {
    const isRequired = peer.settings?.required === true;
    if (!isSignedMid(mid)) {
      if (isRequired)
        return { verdict: "refused", reason: "no signature, which is required", mayBeHeld: false };
      return { verdict: "accepted", key: null, peer: null };
    }
    const anchors = [...peer.mids, ...[...this.ownMids()].reverse()];
    const tried = new Set<PinnedKey>();
    for (const { key, settings } of this.inTurn(peer)) {
      if (tried.has(key)) continue;
      tried.add(key);
      const isOfAnother = (settings.nick ?? settings.account) !== undefined && settings !== peer.settings;
      const pay = () => peer.tries.take(1, now);
      if (isOfAnother && !pay()) continue;
      const verdict = key.judge(text, mid, anchors, pay);
      if (verdict === "repeated") return { verdict };
      if (verdict === "right") {
        key.accept(mid);
        return { verdict: "accepted", key: key.hex, peer: settings.name };
      }
    }
    return this.judgeUnproved(peer, isRequired);
  }

  hold(container: Container, heard: HeardLine, now: number): void {
    if (this.held.some(({ container: { text } }) => text === container.text)) return;
    this.held.push({ container, heard, until: now + HOLD_MS });
    if (this.held.length > MAX_HELD) this.held.shift();
  }

  /** One that stands behind `mid`, which was accepted just now; it counts as well. null: there is none. */
  takeHeldBehind(mid: string): { held: Held; key: string; peer: string } | null {
    for (const held of this.held) {
      const { container } = held;
      for (const { key, settings } of this.pinned) {
        // One try each: whoever lets us hold forgeries must not make right lines dear.
        if (!key.isBehind(container.text, container.mid, mid)) continue;
        key.accept(container.mid);
        this.held = this.held.filter((one) => one !== held);
        return { held, key: key.hex, peer: settings.name };
      }
    }
    return null;
  }

  tick(now: number): void {
    this.held = this.held.filter(({ until }) => now < until);
  }

  get deadline(): number {
    return this.held[0]?.until ?? Infinity;
  }

  /** The key of whom the configuration means first; then those of nobody in particular; then all others. */
  private inTurn(peer: Peer): Pinned[] {
    const rank = ({ settings }: Pinned) => {
      if (settings === peer.settings) return 0;
      return settings.nick === undefined && settings.account === undefined ? 1 : 2;
    };
    return [...this.pinned].sort((a, b) => rank(a) - rank(b));
  }

  private judgeUnproved(peer: Peer, isRequired: boolean): Judgement {
    // Who has proved a key of nobody in particular is its owner from then on: were a line behind a gap taken as unsigned,
    // the one that fills the gap could not bring it to its right any more.
    const own =
      this.pinned.find(({ settings }) => settings === peer.settings) ??
      this.pinned.find(({ key }) => key.hex === peer.key);
    // A stranger's signature says nothing. Of a known peer the first line we hear stands behind one we never heard.
    if (own === undefined || (!own.key.isKnown && !isRequired))
      return isRequired
        ? { verdict: "refused", reason: "signature of a peer without a pinned key", mayBeHeld: false }
        : { verdict: "accepted", key: null, peer: null };
    return { verdict: "refused", reason: "signature that nothing known stands behind", mayBeHeld: true };
  }
}
