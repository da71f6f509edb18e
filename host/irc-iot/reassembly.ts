/** Fragments become Datums again: chains of each sender on their own, bounded, in any order, each Datum once. */
import { Chain } from "./chain.ts";
import type { Datum } from "./datum.ts";
import { type Fault, FaultCode } from "./fault-code.ts";
import { invalid, isRecord } from "./fields.ts";
import { parseJson } from "./json-text.ts";
import type { Limits } from "./limits.ts";
import type { Fragment } from "./message.ts";
import { completeDatum } from "./objects.ts";
import { decodeText, type SchemeSettings } from "./scheme.ts";

/** Who sent it, as the caller tells senders apart: account or nick, and the network. */
export type SenderKey = string;

/** A chain that waits for more, and what is to be asked for. */
export interface Missing {
  readonly key: string;
  readonly sender: SenderKey;
  /** Where it is said; null: to us alone, so only there it may be asked for (IRC-IoT S-5). */
  readonly channel: string | null;
  readonly oid: string;
  readonly ot: string;
  readonly did: string;
  readonly bc: number;
  readonly firstMissing: number;
  readonly missingEnd: number;
  readonly received: number;
  /** When its last fragment came, ms. */
  readonly quietSince: number;
  /** How often it was asked for: whoever asks counts here. */
  tries: number;
}

/** Chains of which the Datum was delivered: late fragments of it are no new Datum. Most of one sender. */
const MOST_DELIVERED_OF_SENDER = 64;
/** Of all of them, and of how many senders. */
const MOST_DELIVERED = 4096;
const MOST_SENDERS = 1024;
/** Encoded texts of delivered Datums: only with them a late fragment can be told from a new Datum under an old id. */
const DELIVERED_BYTES = 1_048_576;

class OpenChain extends Chain implements Missing {
  tries = 0;
  quietSince: number;

  constructor(
    readonly key: string,
    readonly sender: SenderKey,
    readonly channel: string | null,
    private readonly first: Fragment,
    readonly since: number,
  ) {
    super(first.bc);
    this.quietSince = since;
  }

  get oid(): string {
    return this.first.oid;
  }

  get ot(): string {
    return this.first.ot;
  }

  get did(): string {
    return this.first.did;
  }
}

/** A chain that was delivered; without its text once room was needed. */
interface Delivered {
  at: number;
  bc: number;
  chain: Chain | null;
}

class Sender {
  readonly chains = new Map<string, OpenChain>();
  readonly delivered = new Map<string, Delivered>();
}

export class Reassembler {
  /** Chains that wait, and the bytes they hold. */
  chains = 0;
  bytes = 0;
  /** Chains that made room for others before they were whole. */
  displaced = 0;
  private readonly senders = new Map<SenderKey, Sender>();
  private delivered = 0;
  private deliveredBytes = 0;

  constructor(
    private readonly limits: Limits,
    private readonly schemes: SchemeSettings,
  ) {}

  /**
   * Takes one fragment. A Datum: it was the last of its chain. A Fault: its chain is gone, or what it came to is no Datum.
   * `schemes` are the sender's where they are not everybody's.
   */
  take(
    fragment: Fragment,
    sender: SenderKey,
    { channel }: { channel: string | null },
    now: number,
    schemes = this.schemes,
  ): Datum | Fault | null {
    const known = this.senderOf(sender);
    const key = keyOf(fragment, sender, channel);
    if (this.isLate(known, key, fragment)) return null;
    let chain = known.chains.get(key);
    if (chain === undefined) chain = this.begin(known, key, fragment, sender, channel, now);
    if (chain.bc !== fragment.bc) {
      this.drop(known, chain);
      return mismatch(`bc ${fragment.bc} after ${chain.bc}`);
    }
    const before = chain.bytes;
    const received = chain.received;
    const fault = chain.put(fragment.bp, fragment.ed);
    this.bytes += chain.bytes - before;
    if (fault !== null) {
      this.drop(known, chain);
      return fault;
    }
    if (chain.received > received) {
      chain.quietSince = now;
      known.chains.delete(key); // the one that is heard of last is the last in it
      known.chains.set(key, chain);
    }
    return chain.isComplete ? this.finish(known, chain, fragment, schemes, now) : null;
  }

  /** Chains of which nothing came for as long as `limits.askAfterMs`; all of them for Infinity. */
  missing(now: number): Missing[] {
    const found: Missing[] = [];
    for (const { chains } of this.senders.values())
      for (const chain of chains.values())
        if (now - chain.quietSince >= this.limits.askAfterMs) found.push(chain);
    return found;
  }

  /** Forgets a chain that nobody completes. */
  giveUp(key: string): void {
    for (const sender of this.senders.values()) {
      const chain = sender.chains.get(key);
      if (chain !== undefined) return this.drop(sender, chain);
    }
  }

  /** Forgets what is older than `limits.keepMs` (IRC-IoT S-3); gives back the chains among it. */
  collect(now: number): Missing[] {
    const expired: Missing[] = [];
    const before = now - this.limits.keepMs;
    for (const [name, sender] of this.senders) {
      for (const chain of sender.chains.values())
        if (chain.since <= before) {
          this.drop(sender, chain);
          expired.push(chain);
        }
      for (const [key, { at }] of sender.delivered) {
        if (at > before) break; // in the order in which they were delivered
        this.forget(sender, key);
      }
      if (sender.chains.size === 0 && sender.delivered.size === 0) this.senders.delete(name);
    }
    return expired;
  }

  /** The sender's record; the one that was silent for longest makes room, one with open chains last. */
  private senderOf(name: SenderKey): Sender {
    let sender = this.senders.get(name);
    if (sender === undefined) {
      if (this.senders.size >= MOST_SENDERS) this.dropSender();
      sender = new Sender();
    } else this.senders.delete(name);
    this.senders.set(name, sender);
    return sender;
  }

  private dropSender(): void {
    for (const [name, sender] of this.senders) {
      if (sender.chains.size > 0) continue;
      for (const key of sender.delivered.keys()) this.forget(sender, key);
      this.senders.delete(name);
      return;
    }
  }

  /** A late fragment of what was delivered. One that says something else belongs to a new Datum under an id used before. */
  private isLate(sender: Sender, key: string, { bc, bp, ed }: Fragment): boolean {
    const delivered = sender.delivered.get(key);
    if (delivered === undefined) return false;
    if (delivered.bc === bc && (delivered.chain === null || delivered.chain.repeats(bp, ed))) return true;
    this.forget(sender, key);
    return false;
  }

  private begin(
    sender: Sender,
    key: string,
    fragment: Fragment,
    name: SenderKey,
    channel: string | null,
    now: number,
  ): OpenChain {
    if (sender.chains.size >= this.limits.maxChainsOfSender) this.displace(sender);
    else if (this.chains >= this.limits.maxChains) this.dropOfBusiest();
    const chain = new OpenChain(key, name, channel, fragment, now);
    sender.chains.set(key, chain);
    this.chains++;
    return chain;
  }

  /** Whoever has most chains makes room, so that a flood pushes itself out first. */
  private dropOfBusiest(): void {
    let busiest: Sender | null = null;
    for (const sender of this.senders.values())
      if (sender.chains.size > (busiest?.chains.size ?? 0)) busiest = sender;
    if (busiest !== null) this.displace(busiest);
  }

  private displace(sender: Sender): void {
    this.drop(sender, oldest(sender));
    this.displaced++;
  }

  private drop(sender: Sender, chain: OpenChain): void {
    if (!sender.chains.delete(chain.key)) return;
    this.chains--;
    this.bytes -= chain.bytes;
  }

  private finish(
    sender: Sender,
    chain: OpenChain,
    fragment: Fragment,
    schemes: SchemeSettings,
    now: number,
  ): Datum | Fault {
    this.drop(sender, chain);
    const datum = decodeDatum(chain.encoded, fragment, schemes, this.limits);
    if (!isFault(datum)) this.remember(sender, chain, now);
    return datum;
  }

  private remember(sender: Sender, chain: OpenChain, now: number): void {
    if (sender.delivered.size >= MOST_DELIVERED_OF_SENDER)
      this.forget(sender, firstOf(sender.delivered.keys()));
    if (this.delivered >= MOST_DELIVERED) this.forgetOldest();
    this.delivered++;
    sender.delivered.set(chain.key, { at: now, bc: chain.bc, chain });
    this.deliveredBytes += chain.bytes;
    if (this.deliveredBytes > DELIVERED_BYTES) this.dropTexts();
  }

  /** The text of the oldest goes first; that it was delivered is still known. */
  private dropTexts(): void {
    for (const sender of this.senders.values())
      for (const delivered of sender.delivered.values()) {
        if (this.deliveredBytes <= DELIVERED_BYTES / 2) return;
        this.deliveredBytes -= delivered.chain?.bytes ?? 0;
        delivered.chain = null;
      }
  }

  /** Of the sender that was silent for longest. */
  private forgetOldest(): void {
    for (const sender of this.senders.values()) {
      if (sender.delivered.size > 0) return this.forget(sender, firstOf(sender.delivered.keys()));
    }
  }

  private forget(sender: Sender, key: string): void {
    this.deliveredBytes -= sender.delivered.get(key)?.chain?.bytes ?? 0;
    if (sender.delivered.delete(key)) this.delivered--;
  }
}

function decodeDatum(
  encoded: Uint8Array,
  { ot, did, em, src, dst, t }: Fragment,
  { scheme, keys }: SchemeSettings,
  limits: Limits,
): Datum | Fault {
  const bytes = decodeText(em ?? scheme, encoded, limits, keys, { ot, did });
  if ("code" in bytes) return bytes;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  const parsed = parseJson(text, limits.maxDepth);
  if ("code" in parsed) return parsed;
  if (!isRecord(parsed.value)) return invalid("encoded text that is no Datum");
  return completeDatum(parsed.value, { ot, src, dst, t }) ?? (parsed.value as Datum);
}

/** With lengths, so that no two of them can be written alike. */
function keyOf({ oid, ot, did }: Fragment, sender: SenderKey, channel: string | null): string {
  const where = channel === null ? "-" : `+${channel}`;
  return `${sender.length} ${where.length} ${oid.length} ${ot.length} ${sender}${where}${oid}${ot}${did}`;
}

/** Of a Datum, `code` may be a field: what has no src is a fault. */
export function isFault(result: Datum | Fault): result is Fault {
  return typeof (result as Datum).src !== "string";
}

function oldest({ chains }: Sender): OpenChain {
  return firstOf(chains.values());
}

function firstOf<T>(values: IterableIterator<T>): T {
  return values.next().value as T;
}

function mismatch(seen: string): Fault {
  return { code: FaultCode.FRAGMENT_MISMATCH, reason: `fragment: ${seen}` };
}
