/**
 * Whether the peers of a network still hear us: a netsplit takes lines and tells nobody, but pongs stay away. Who was
 * configured, or has answered before, is pinged now and then; who misses three in a row is silent until it answers again.
 */
import type { PeerView } from "../irc-iot/participant-types.ts";
import type { Log } from "../platform/log.ts";

export interface HeartbeatServices {
  network: string;
  log: Log;
  peers(): PeerView[];
  ping(nick: string, now: number): boolean;
}

/** A third of what a peer answers in a minute (IRC-IoT §15). */
const BEAT_MS = 60_000;
const MISSED = 3;

export class Heartbeat {
  private readonly silent = new Set<string>();
  private beatAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly services: HeartbeatServices) {}

  /** Nicks of those that do not answer any more. */
  get silentNicks(): string[] {
    return [...this.silent];
  }

  /** When it wants to be asked, ms. */
  get deadline(): number {
    return this.beatAt + BEAT_MS;
  }

  beat(now: number): void {
    if (now < this.deadline) return;
    this.beatAt = now;
    const { peers, ping } = this.services;
    for (const { nick, peer, roundTripMs } of peers())
      if (peer !== null || roundTripMs !== null) ping(nick, now);
  }

  /** Something of a peer has changed. */
  look({ nick, missedPings }: PeerView): void {
    const { network, log } = this.services;
    if (missedPings >= MISSED && !this.silent.has(nick)) {
      this.silent.add(nick);
      log.warn(
        { component: "irc", event: "fault", network, nick },
        `an IRC-IoT peer has not answered ${MISSED} pings`,
      );
    } else if (missedPings === 0 && this.silent.delete(nick))
      log.info({ component: "irc", event: "mended", network, nick }, "an IRC-IoT peer answers again");
  }

  /** It has left, which is no silence. */
  gone(nick: string): void {
    this.silent.delete(nick);
  }
}
