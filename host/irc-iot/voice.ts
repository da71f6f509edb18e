/**
 * What we say on one network: Datums packed into lines, each given its mid when its turn has come, and kept so that it
 * can be said again.
 *
 * A mid is given late because a signature ties each line to the one before: a line that is withdrawn must leave no gap.
 * What is of no use later, versions, pongs and requests, is signed like the rest but not kept.
 */
import { ContainerCache } from "./container-cache.ts";
import type { Datum } from "./datum.ts";
import { IrcIotError } from "./fault-code.ts";
import { KEY_INFO, keyDatum } from "./key-exchange.ts";
import { LineLane, type LineOutcome, type OutLine } from "./line.ts";
import { type Container, decodeMessage } from "./message.ts";
import { OwnChain } from "./own-chain.ts";
import { type Counters, Packer, type PackOptions, type Unsent } from "./pack.ts";
import type { ParticipantHandler, ParticipantSettings } from "./participant-types.ts";
import type { Saying } from "./saying.ts";
import { openScheme } from "./scheme.ts";
import { publicHexOf, SIGNED_MID_BYTES, signMid } from "./signing.ts";

/** What waits longer for its turn answers nobody any more. */
const LINE_LIFE_MS = 120_000;
/** Targets that our key was told to. */
const MAX_TOLD = 1024;
/** What stands around the mid of a service. */
const SERVICE_HEAD = '{"mid":"';

export class Voice {
  readonly sent: ContainerCache;
  readonly chain = new OwnChain();
  readonly publicKey: string | null;
  private readonly packer: Packer;
  private readonly told = new Set<string>();

  constructor(
    private readonly settings: ParticipantSettings,
    private readonly handler: ParticipantHandler,
    private readonly counters: Counters,
    private readonly fold: (name: string) => string,
    /** The sender key of whom a nick stands for now; null: it never spoke. */
    private readonly partyOf: (nick: string) => string | null,
  ) {
    const { limits, sign } = settings;
    this.sent = new ContainerCache(limits.sentCacheBytes, limits.keepMs);
    this.publicKey = sign === null ? null : publicHexOf(sign.privateKey);
    this.packer = new Packer(counters, limits);
  }

  /** IrcIotError for Datums that cannot be said; no counter has moved then. */
  pack(
    datums: readonly Datum[],
    target: string,
    budgetBytes: number,
    options: Pick<PackOptions, "scheme" | "keys" | "profile">,
  ): Unsent[] {
    const lines = this.packer.pack(datums, budgetBytes, {
      ...options,
      checksum: this.settings.checksum,
      ...(this.publicKey === null ? {} : { midBytes: SIGNED_MID_BYTES }),
    });
    this.tellKey(target);
    return lines;
  }

  stamp({ head, tail }: Unsent, target: string, now: number): string {
    const text = this.withMid(head, tail, target);
    this.keep(this.decodeOwn(text), target, now);
    return text;
  }

  stampService(tail: string, target: string): string {
    return this.withMid(SERVICE_HEAD, `"${tail}`, target);
  }

  serviceBytes(tail: string): number {
    return SERVICE_HEAD.length + this.midBytes + 1 + tail.length;
  }

  remember(text: string, target: string, now: number): void {
    const container = this.decodeOwn(text);
    const { mid } = container;
    this.chain.said(this.fold(target), isChannel(target), mid);
    if (/^\d{1,15}$/.test(mid)) this.counters.mid = Math.max(this.counters.mid, Number(mid));
    this.keep(container, target, now);
  }

  say(saying: Saying): void {
    if (saying.maxBytes > this.handler.budget(saying.target)) {
      saying.onOutcome?.("withdrawn");
      return;
    }
    const { now } = this.settings;
    this.handler.onLine(new WaitingLine(saying, now() + LINE_LIFE_MS, now));
  }

  /** Our key in a Datum of this type. False: we do not sign, or no line to this target holds it. */
  sayKey(ot: string, target: string): boolean {
    if (this.publicKey === null) return false;
    const lines = this.packKey(keyDatum(ot, this.publicKey, this.counters.did, this.settings.wall()), target);
    if (lines.length === 0) return false;
    for (const unsent of lines)
      this.say({
        target,
        lane: LineLane.CONTROL,
        maxBytes: unsent.maxBytes,
        make: (now) => this.stamp(unsent, target, now),
      });
    this.counters.did++;
    return true;
  }

  /** None where a line is too short even for a fragment of it. */
  private packKey(datum: Datum, target: string): Unsent[] {
    const scheme = openScheme(this.settings.schemes.scheme);
    try {
      return this.packer.pack([datum], this.handler.budget(target), {
        ...{ scheme, profile: "strict", checksum: this.settings.checksum, midBytes: SIGNED_MID_BYTES },
      });
    } catch (error) {
      if (error instanceof IrcIotError) return [];
      throw error;
    }
  }

  /** Before the first line to a channel; to a nick only if no channel has heard it. */
  private tellKey(target: string): void {
    const folded = this.fold(target);
    if (this.publicKey === null || this.told.has(folded) || this.told.size >= MAX_TOLD) return;
    if (!isChannel(target) && this.told.size > 0) return;
    if (this.sayKey(KEY_INFO, target)) this.told.add(folded);
  }

  private get midBytes(): number {
    return this.publicKey === null ? String(this.counters.mid).length + 1 : SIGNED_MID_BYTES;
  }

  private withMid(head: string, tail: string, target: string): string {
    const mid = this.nextMid(head, tail, target);
    this.chain.said(this.fold(target), isChannel(target), mid);
    return `${head}${mid}${tail}`;
  }

  private nextMid(head: string, tail: string, target: string): string {
    const { sign } = this.settings;
    if (sign === null) return String(++this.counters.mid);
    const previous = this.chain.previousFor(this.fold(target), isChannel(target), this.counters.mid);
    return signMid(sign.privateKey, `${head}${previous}${tail}`);
  }

  private decodeOwn(text: string): Container {
    const decoded = decodeMessage(text, this.settings.limits);
    const container = "containers" in decoded ? decoded.containers[0] : null;
    if (container === null || container.mid === "")
      throw new RangeError(`a Container of ours: ${text.slice(0, 80)}, which is none`);
    return container;
  }

  private keep(container: Container, target: string, now: number): void {
    const isPublic = isChannel(target);
    this.sent.add(
      cacheEntry(container, this.fold(target), isPublic, isPublic ? null : this.partyOf(target), now),
    );
  }
}

/** No nick begins so. */
export function isChannel(target: string): boolean {
  return "#&+!".includes(target.charAt(0)) && target !== "";
}

export function cacheEntry(
  { text, mid, oids, datums, fragments }: Container,
  place: string,
  isPublic: boolean,
  party: string | null,
  at: number,
) {
  const whole = datums.flatMap(({ did }) =>
    typeof did === "string" || typeof did === "number" ? [{ did: String(did), bp: null, end: null }] : [],
  );
  const pieces = fragments.map(({ did, bp, ed }) => ({ did, bp, end: bp + ed.length }));
  return { text, mid, oids, parts: [...whole, ...pieces], place, isPublic, party, at };
}

class WaitingLine implements OutLine {
  constructor(
    private readonly saying: Saying,
    /** From then on it is worth nothing. */
    private readonly until: number,
    private readonly now: () => number,
  ) {}

  get target(): string {
    return this.saying.target;
  }

  get lane(): LineLane {
    return this.saying.lane;
  }

  get maxBytes(): number {
    return this.saying.maxBytes;
  }

  async take(): Promise<string | null> {
    const now = this.now();
    return now < this.until ? this.saying.make(now) : null;
  }

  onOutcome(outcome: LineOutcome): void {
    this.saying.onOutcome?.(outcome);
  }
}
