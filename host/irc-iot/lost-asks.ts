/**
 * Asks for the parts of Datums that did not come (IRC-IoT S-4…S-7): their owner privately, three times and ever later;
 * then everybody, once, in the channel where it was said; then it is given up.
 *
 * No implementation but ours answers, so asking has to be quiet: few lines a minute in all, fewer in channels, and whoever
 * never answered is asked only once from then on.
 */
import { LineLane } from "./line.ts";
import { requestTail } from "./lost-requests.ts";
import type { Fragment } from "./message.ts";
import type { Missing } from "./reassembly.ts";
import type { Mouth } from "./saying.ts";
import { TokenBucket } from "./token-bucket.ts";

const OWNER_TRIES = 3;
const BACKOFF = 2;
/** Of each wait, so that those who missed the same do not ask at the same time. */
const JITTER = 0.25;
/** After a part that came, when the next is asked for: an id is answered once in 30 s. */
const PROGRESS_MS = 31_000;
/** After everybody was asked. */
const LAST_MS = 60_000;
/** When there was no token for a line; all that wait look again at the same time. */
const LATER_MS = 5_000;
/** Lines of all requests: at once, and a minute. */
const LINES = { burst: 6, perMs: 6 / 60_000 };
/** Of these in channels. */
const PUBLIC_LINES = { burst: 2, perMs: 2 / 60_000 };

/** The part of a Reassembler that knows what is missing. */
export interface Chains {
  missing(now: number): Missing[];
  giveUp(key: string): void;
}

export interface Owners {
  /** The nick behind a sender key now; null: nobody. */
  nickOf(sender: string): string | null;
  isDeaf(sender: string): boolean;
  answered(sender: string): void;
  failed(sender: string): void;
}

interface Surroundings {
  chains: Chains;
  owners: Owners;
  mouth: Mouth;
  askAfterMs: number;
  /** How a channel is written; null: we are not in it. */
  channelOf(channel: string): string | null;
  onAsked(): void;
  onGivenUp(missing: Missing): void;
}

interface Ask {
  missing: Missing;
  jitter: number;
  received: number;
  tries: number;
  nextAt: number;
  /** A line was handed over, and is not said yet. */
  isBegun: boolean;
  canAskEverybody: boolean;
  wasEverybodyAsked: boolean;
  /** Some of it was given again by another, unsigned. */
  isRelayed: boolean;
  /** The look at all chains that found it last. */
  round: number;
}

/** To whose chain a fragment belongs that was said to us alone. */
export interface Claim {
  sender: string;
  channel: string | null;
}

export class LostAsks {
  private readonly asks = new Map<string, Ask>();
  private readonly lines = new TokenBucket(LINES.burst, LINES.perMs);
  private readonly publicLines = new TokenBucket(PUBLIC_LINES.burst, PUBLIC_LINES.perMs);
  private round = 0;

  constructor(private readonly surroundings: Surroundings) {}

  /** What was asked for: how often. */
  triesOf(key: string): number {
    return this.asks.get(key)?.tries ?? 0;
  }

  /** Where a fragment belongs that `sender` said to us alone, if we asked for it. */
  claim({ oid, ot, did }: Fragment, sender: string): Claim | null {
    let others: Ask | null = null;
    for (const ask of this.asks.values()) {
      const { missing, tries } = ask;
      if (missing.did !== did || missing.oid !== oid || missing.ot !== ot || tries === 0) continue;
      if (missing.sender === sender) return missing;
      if (ask.wasEverybodyAsked) others ??= ask;
    }
    if (others === null) return null;
    others.isRelayed = true;
    return others.missing;
  }

  /** Whether another than its sender gave some of this chain. To be asked before the next tick. */
  isRelayed({ sender, channel }: Claim, { oid, ot, did }: Fragment): boolean {
    for (const { missing, isRelayed } of this.asks.values()) {
      const isIt = missing.oid === oid && missing.ot === ot && missing.did === did;
      if (isIt && missing.sender === sender && missing.channel === channel) return isRelayed;
    }
    return false;
  }

  /** Everybody was asked for something of this id, and `sender` is not its owner. */
  wasEverybodyAsked(did: string, sender: string): boolean {
    for (const { missing, wasEverybodyAsked } of this.asks.values())
      if (wasEverybodyAsked && missing.did === did && missing.sender !== sender) return true;
    return false;
  }

  /** To be called also after fragments were taken: each chain that waits has its time from then on. */
  tick(now: number): void {
    this.round++;
    for (const missing of this.surroundings.chains.missing(Infinity)) this.look(missing, now);
    for (const [key, ask] of this.asks) if (ask.round !== this.round) this.end(key, ask);
  }

  get deadline(): number {
    let nearest = Infinity;
    for (const { nextAt, isBegun } of this.asks.values()) if (!isBegun) nearest = Math.min(nearest, nextAt);
    return nearest;
  }

  private look(missing: Missing, now: number): void {
    let ask = this.asks.get(missing.key);
    if (ask === undefined || ask.missing !== missing) {
      ask = this.newAsk(missing);
      this.asks.set(missing.key, ask);
    }
    ask.round = this.round;
    if (missing.received > ask.received) this.progress(ask);
    if (now >= ask.nextAt && !ask.isBegun) this.step(ask, now);
  }

  private newAsk(missing: Missing): Ask {
    const { mouth, askAfterMs } = this.surroundings;
    return {
      missing,
      jitter: mouth.random() * JITTER * askAfterMs,
      received: -1,
      tries: 0,
      nextAt: 0,
      isBegun: false,
      canAskEverybody: true,
      wasEverybodyAsked: false,
      isRelayed: false,
      round: 0,
    };
  }

  /** Something came: the first, another of those that were sent, or an answer. */
  private progress(ask: Ask): void {
    const { received, quietSince, sender } = ask.missing;
    ask.received = received;
    ask.nextAt = quietSince + (ask.tries === 0 ? this.surroundings.askAfterMs + ask.jitter : PROGRESS_MS);
    if (ask.tries === 0) return;
    if (!ask.wasEverybodyAsked) this.surroundings.owners.answered(sender);
    ask.tries = 1;
    ask.canAskEverybody = true;
  }

  /** It is complete, or was dropped. */
  private end(key: string, { missing, tries, received, wasEverybodyAsked }: Ask): void {
    if (tries > 0 && !wasEverybodyAsked && missing.received > received)
      this.surroundings.owners.answered(missing.sender);
    this.asks.delete(key);
  }

  private step(ask: Ask, now: number): void {
    const { owners, channelOf } = this.surroundings;
    const { sender } = ask.missing;
    const channel = ask.missing.channel === null ? null : channelOf(ask.missing.channel);
    const nick = owners.nickOf(sender);
    const most = owners.isDeaf(sender) ? 1 : OWNER_TRIES;
    const canAskOwner = nick !== null && ask.tries < most && !ask.wasEverybodyAsked;
    if (canAskOwner && this.fits(ask, nick)) {
      if (!this.lines.take(1, now)) ask.nextAt = laterThan(now);
      else this.say(ask, nick, 30);
    } else if (channel !== null && ask.canAskEverybody && this.fits(ask, channel)) {
      if (!this.publicLines.has(1, now) || !this.lines.take(1, now)) ask.nextAt = laterThan(now);
      else {
        this.publicLines.take(1, now);
        this.say(ask, channel, 31);
      }
    } else this.giveUp(ask);
  }

  /** It counts once the line leaves: what waits for a connection is no try. */
  private said(ask: Ask, kind: 30 | 31, now: number): void {
    const { askAfterMs, mouth, onAsked } = this.surroundings;
    const isOwner = kind === 30;
    ask.nextAt =
      now + (isOwner ? askAfterMs * BACKOFF ** ask.tries * (1 + mouth.random() * JITTER) : LAST_MS);
    ask.tries++;
    if (!isOwner) {
      ask.wasEverybodyAsked = true;
      ask.canAskEverybody = false;
    }
    onAsked();
  }

  private say(ask: Ask, target: string, kind: 30 | 31): void {
    ask.isBegun = true;
    this.surroundings.mouth.say({
      target,
      lane: LineLane.AGAIN,
      maxBytes: this.bytesOf(ask),
      make: (now) => {
        // It came while this line waited for its turn.
        if (this.asks.get(ask.missing.key) !== ask || now < ask.nextAt) return null;
        this.said(ask, kind, now);
        const { did, firstMissing, missingEnd } = ask.missing;
        const tail = requestTail({ kind, rid: did, bp: firstMissing, be: missingEnd });
        return this.surroundings.mouth.stamp(tail, target);
      },
      onOutcome: () => {
        ask.isBegun = false;
      },
    });
  }

  /** Whom no line is long enough for is not asked. */
  private fits(ask: Ask, target: string): boolean {
    return this.bytesOf(ask) <= this.surroundings.mouth.budget(target);
  }

  private bytesOf({ missing: { did, bc } }: Ask): number {
    return this.surroundings.mouth.bytesOf(requestTail({ kind: 30, rid: did, bp: bc, be: bc }));
  }

  private giveUp(ask: Ask): void {
    const { chains, owners, onGivenUp } = this.surroundings;
    const { key, sender } = ask.missing;
    this.asks.delete(key);
    owners.failed(sender);
    chains.giveUp(key);
    onGivenUp(ask.missing);
  }
}

function laterThan(now: number): number {
  return (Math.floor(now / LATER_MS) + 1) * LATER_MS;
}
