/**
 * Asks peers whether they are there (IRC-IoT S-12): one ping to each at a time, and none to whoever said, with an empty
 * pong, that it is overloaded, for ever longer (S-13).
 */
import { Buffer } from "node:buffer";
import type { Peer } from "./peer-table.ts";

/** A ping without an answer is missed; an IRC client in a flood bucket may need some of it. */
const TIMEOUT_MS = 30_000;
const PAUSE_MIN_MS = 60_000;
const PAUSE_MAX_MS = 3_600_000;
const TEXT_BYTES = 6;

interface Ping {
  peer: Peer;
  text: string;
  /** When it was said; null: it waits for its turn. */
  at: number | null;
}

export class Pings {
  /** By folded nick. */
  private readonly waiting = new Map<string, Ping>();

  constructor(private readonly random: () => number) {}

  get size(): number {
    return this.waiting.size;
  }

  /** The text to ping with; null: it has to wait, for an answer or since it said that it is overloaded. */
  begin(folded: string, peer: Peer, now: number): string | null {
    const isPaused = peer.pausedUntil !== null && now < peer.pausedUntil;
    if (isPaused || this.waiting.has(folded)) return null;
    const bytes = Buffer.alloc(TEXT_BYTES);
    for (let i = 0; i < TEXT_BYTES; i++) bytes[i] = Math.floor(this.random() * 256);
    const text = bytes.toString("base64");
    this.waiting.set(folded, { peer, text, at: null });
    return text;
  }

  /** The line left: its time counts from here. */
  said(folded: string, now: number): void {
    const ping = this.waiting.get(folded);
    if (ping !== undefined) ping.at = now;
  }

  isWaiting(folded: string, text: string): boolean {
    return this.waiting.get(folded)?.text === text;
  }

  /** The line did not leave. */
  cancel(folded: string): void {
    this.waiting.delete(folded);
  }

  /** Whether it says anything: an answer to what was asked, or that the peer is overloaded. */
  answer(folded: string, peer: Peer, text: string, now: number): boolean {
    if (text === "") {
      this.waiting.delete(folded);
      peer.pauseMs = Math.min(PAUSE_MAX_MS, Math.max(PAUSE_MIN_MS, peer.pauseMs * 2));
      peer.pausedUntil = now + peer.pauseMs;
      return true;
    }
    const ping = this.waiting.get(folded);
    if (ping === undefined || ping.at === null || ping.text !== text) return false;
    this.waiting.delete(folded);
    peer.roundTripMs = now - ping.at;
    peer.everPonged = true;
    peer.missedPings = 0;
    peer.pauseMs = 0;
    peer.pausedUntil = null;
    return true;
  }

  /** Peers that did not answer in time. */
  tick(now: number): Peer[] {
    const missed: Peer[] = [];
    for (const [folded, { peer, at }] of this.waiting) {
      if (at === null || now - at < TIMEOUT_MS) continue;
      this.waiting.delete(folded);
      // The reference never answers: silence says something only of whoever could speak.
      if (peer.everPonged) peer.missedPings++;
      missed.push(peer);
    }
    return missed;
  }

  get deadline(): number {
    let nearest = Infinity;
    for (const { at } of this.waiting.values()) if (at !== null) nearest = Math.min(nearest, at + TIMEOUT_MS);
    return nearest;
  }
}
