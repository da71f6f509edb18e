/**
 * One participant of one IRC-IoT network, without any I/O: lines heard and a time go in, Datums, and lines that wait for
 * their turn, come out.
 *
 * It keeps what was said and heard to say it again (S-2…S-7), asks for what it misses, tells its version and that it is
 * there (S-9…S-13), signs, and refuses what is not signed as it has to be. Strangers cannot make it say more than its
 * parts allow, each of which has a bound of its own.
 */
import { ChainOwners } from "./chain-owners.ts";
import { ContainerCache } from "./container-cache.ts";
import type { Datum } from "./datum.ts";
import { type Fault, FaultCode } from "./fault-code.ts";
import { isKeyDatum, KEY_ANSWER, KEY_INFO, KEY_REQUEST, KeyExchange } from "./key-exchange.ts";
import { type HeardLine, LineLane } from "./line.ts";
import { LostAnswers } from "./lost-answers.ts";
import { LostAsks } from "./lost-asks.ts";
import { LostRequests, requestTail } from "./lost-requests.ts";
import { type Container, decodeMessage, type Fragment, type LostRequest } from "./message.ts";
import type { Counters, Unsent } from "./pack.ts";
import type {
  Counts,
  OpenChain,
  ParticipantHandler,
  ParticipantSettings,
  PeerView,
  PendingKey,
  Profile,
  Source,
} from "./participant-types.ts";
import { type Peer, PeerTable, partyOf, profileOf, rememberMid, viewOf } from "./peer-table.ts";
import { type Missing, Reassembler } from "./reassembly.ts";
import { Repeats } from "./repeats.ts";
import type { Mouth } from "./saying.ts";
import { ServiceLimit, versionLimit } from "./service-limit.ts";
import { Services } from "./services.ts";
import { SignatureGuard } from "./signature-guard.ts";
import { cacheEntry, isChannel, Voice } from "./voice.ts";

/** How often what is old is looked for: a step each time. */
const SWEEP_MS = 5_000;

/** One Container that is being heard. */
interface Hearing {
  container: Container;
  heard: HeardLine;
  peer: Peer;
  party: string;
  now: number;
}

export class Participant {
  ownNick = "";
  /** Channels we are in, as the server writes them. */
  readonly channels = new Set<string>();
  /** The network's casemapping. */
  fold: (name: string) => string = (name) => name.toLowerCase();

  private readonly tally = newTally();
  private readonly voice: Voice;
  private readonly heardCache: ContainerCache;
  private readonly peerTable: PeerTable;
  private readonly reassembler: Reassembler;
  private readonly repeats: Repeats;
  private readonly guard: SignatureGuard;
  private readonly keys: KeyExchange;
  /** Our key is told again as often as our version is. */
  private readonly keyAnswers = new ServiceLimit(versionLimit);
  private readonly services: Services;
  private readonly answers: LostAnswers;
  private readonly asks: LostAsks;
  private readonly owners = new ChainOwners();
  private readonly requests = new LostRequests();
  private sweptAt = -Infinity;

  /** RangeError for a pinned key that is none. */
  constructor(
    private readonly settings: ParticipantSettings,
    private readonly handler: ParticipantHandler,
    readonly counters: Counters,
  ) {
    const { limits, schemes, peers, seenMids = {} } = settings;
    const fold = (name: string) => this.fold(name);
    const partyOfNick = (nick: string) => {
      const peer = this.peerTable.get(fold(nick));
      return peer === null ? null : partyOf(peer, fold);
    };
    this.voice = new Voice(settings, handler, counters, fold, partyOfNick);
    const mouth: Mouth = {
      say: (saying) => this.voice.say(saying),
      stamp: (tail, target) => this.voice.stampService(tail, target),
      bytesOf: (tail) => this.voice.serviceBytes(tail),
      fold,
      budget: (target) => handler.budget(target),
      isMember: (channel, nick) => handler.isMember(channel, nick),
      random: settings.random,
    };
    this.heardCache = new ContainerCache(limits.heardCacheBytes, limits.keepMs);
    this.peerTable = new PeerTable(peers);
    this.reassembler = new Reassembler(limits, schemes);
    this.repeats = new Repeats(limits.keepMs);
    this.guard = new SignatureGuard(peers, seenMids, () => this.voice.chain.recent);
    this.keys = new KeyExchange(new Set(peers.flatMap(({ key }) => (key === undefined ? [] : [key]))));
    this.services = new Services(mouth, this.tally, (peer) => this.tellPeer(peer));
    this.answers = new LostAnswers(this.voice.sent, this.heardCache, mouth, this.tally);
    this.asks = new LostAsks({
      chains: this.reassembler,
      owners: this.owners,
      mouth,
      askAfterMs: limits.askAfterMs,
      channelOf: (channel) => this.channelOf(channel),
      onAsked: () => this.tally.lostAsked++,
      onGivenUp: (missing) => this.giveUp(missing),
    });
  }

  /** A line that was heard. Never throws; what is no IRC-IoT is passed over. `now` is monotonic, ms. */
  receive(heard: HeardLine, now: number): void {
    this.voice.now = now;
    const { from, text } = heard;
    if ((text[0] !== "{" && text[0] !== "[") || this.fold(from.nick) === this.fold(this.ownNick)) return;
    this.tally.heard++;
    const decoded = decodeMessage(text, this.settings.limits);
    if ("code" in decoded) {
      this.tellFault(decoded, heard, "", text);
      return;
    }
    const peer = this.peerTable.heard(from, this.fold, now);
    const party = partyOf(peer, this.fold);
    for (const container of decoded.containers) this.hear({ container, heard, peer, party, now });
  }

  /** Lines that carry the Datums, each to be given to `stamp` when its turn has come. IrcIotError when they cannot be said. */
  pack(datums: readonly Datum[], target: { name: string; profile?: Profile }, budgetBytes: number): Unsent[] {
    const { now } = this.voice;
    const isToAll = isChannel(target.name);
    const peer = isToAll ? null : this.peerTable.get(this.fold(target.name));
    const profile = target.profile ?? (peer === null ? "strict" : profileOf(peer, now));
    const schemes = peer?.settings?.schemes ?? this.settings.schemes;
    const lines = this.voice.pack(datums, target.name, budgetBytes, { ...schemes, profile });
    if (!isToAll) this.services.introduce(this.peerTable.of(target.name, this.fold), now);
    return lines;
  }

  /** The text of a line whose turn has come: it is written at once, or the chain of signatures has a gap. */
  stamp(unsent: Unsent, target: string, now: number): string {
    this.voice.now = now;
    return this.voice.stamp(unsent, target, now);
  }

  /** A Container that was said before the last stop, or is said again with the bytes it had. RangeError: it is none. */
  remember(text: string, target: string, now: number): void {
    this.voice.now = now;
    this.voice.remember(text, target, now);
  }

  /** Asks for something again (IRC-IoT S-4…S-6), in a channel or privately; in one `dst` names whom it is for. */
  askAgain(request: LostRequest, target: string, now: number): void {
    this.voice.now = now;
    this.requests.add(request, now);
    this.tally.lostAsked++;
    const tail = requestTail(request);
    this.voice.say({
      target,
      lane: LineLane.AGAIN,
      maxBytes: this.voice.serviceBytes(tail),
      make: () => this.voice.stampService(tail, target),
    });
  }

  /** False: it has one to answer, or said that it is overloaded. */
  ping(nick: string, now: number): boolean {
    this.voice.now = now;
    return this.services.ping(this.peerTable.of(nick, this.fold), now);
  }

  /** False: it was asked within ten minutes, or too many were. */
  askVersion(nick: string, now: number): boolean {
    this.voice.now = now;
    return this.services.askVersion(this.peerTable.of(nick, this.fold), now);
  }

  /** To be called at `deadline`, or earlier. */
  tick(now: number): void {
    this.voice.now = now;
    this.services.tick(now);
    this.answers.tick(now);
    this.asks.tick(now);
    this.guard.tick(now);
    if (now - this.sweptAt < SWEEP_MS) return;
    this.sweptAt = now;
    this.voice.sent.sweep(now);
    this.heardCache.sweep(now);
    for (const missing of this.reassembler.collect(now)) this.giveUp(missing);
  }

  /** At most 5 s away while anything is held, so that lines whose outcome was told meanwhile are followed up. */
  get deadline(): number {
    const isIdle = this.voice.sent.size + this.heardCache.size + this.reassembler.chains === 0;
    const sweepAt = isIdle ? Infinity : Math.max(this.sweptAt, this.voice.now - SWEEP_MS) + SWEEP_MS;
    const { services, answers, asks, guard } = this;
    return Math.min(services.deadline, answers.deadline, asks.deadline, guard.deadline, sweepAt);
  }

  /** Nobody has this nick any more: what was for it alone is not for whoever takes it next. */
  gone(nick: string): void {
    const folded = this.fold(nick);
    this.voice.sent.forget(
      ({ isPublic, place, party }) => !isPublic && place === folded && !isAccount(party),
    );
    this.answers.forget(folded);
    this.services.forget(folded);
    this.peerTable.forget(folded);
  }

  peers(): PeerView[] {
    return [...this.peerTable.all()].map((peer) => viewOf(peer, this.voice.now));
  }

  openChains(): OpenChain[] {
    return this.reassembler
      .missing(Infinity)
      .map(({ key, sender, channel, ot, did, bc, received, firstMissing }) => {
        return { sender, channel, ot, did, bc, received, firstMissing, asked: this.asks.triesOf(key) };
      });
  }

  get counts(): Counts {
    const { sent } = this.voice;
    const { chains } = this.reassembler;
    return { ...this.tally, sentCacheBytes: sent.bytes, heardCacheBytes: this.heardCache.bytes, chains };
  }

  /** Ours, 64 digits of hex; null: we do not sign. */
  get publicKey(): string | null {
    return this.voice.publicKey;
  }

  /** Keys that peers say are theirs, and nobody has pinned. */
  pendingKeys(): PendingKey[] {
    return this.keys.pending;
  }

  /** Signed mids that count no more, by key, for the next start. */
  get seenMids(): Record<string, string[]> {
    return this.guard.seenMids;
  }

  private hear(hearing: Hearing): void {
    const { container, heard, peer, party, now } = hearing;
    for (const fault of container.faults) this.tellFault(fault, heard, container.mid, container.text);
    if (container.faults.length > 0) peer.faults++;
    if (container.checksum === "wrong") this.services.askVersion(peer, now);
    if (container.mid === "" || container.checksum === "wrong") return;
    this.services.hear(container, peer, party, now);
    if (container.lst !== undefined) this.answer(container.lst, hearing);
    if (heard.channel !== null) this.answers.seen(container.text, this.fold(heard.channel));
    if (container.datums.length === 0 && container.fragments.length === 0) this.hearService(hearing);
    else if (this.repeats.has(party, container.text, now)) this.tally.repeats++;
    else this.hearContent(hearing);
  }

  private answer(request: LostRequest, { container: { text }, heard, peer, party, now }: Hearing): void {
    const asker = { nick: peer.nick, party };
    this.answers.ask(request, asker, this.ownNick, heard.channel, text.length, now);
  }

  /** What has no content cannot do harm; but it is a link in its speaker's chain of signatures. */
  private hearService({ container, peer, now }: Hearing): void {
    this.guard.judge(container, peer, now);
    rememberMid(peer, container.mid);
  }

  private hearContent(hearing: Hearing): void {
    const { container, heard, peer, party, now } = hearing;
    const isRelayed = heard.channel === null && this.isAnswerOfAnother(container, party, now);
    // What another gives again may have been heard long ago, from whoever said it.
    if (isRelayed && this.wasHeard(container, now)) {
      this.tally.repeats++;
      return;
    }
    const judgement = this.guard.judge(container, peer, now);
    rememberMid(peer, container.mid);
    if (judgement.verdict === "accepted") {
      if (judgement.key !== null) peer.isSigned = true;
      this.accept(hearing, judgement, isRelayed && judgement.key === null);
      if (judgement.key !== null) this.retryHeld();
      return;
    }
    if (isKeyOnly(container)) this.hearKeys(hearing);
    else this.refuse(hearing, judgement);
  }

  private refuse(
    { container, heard, peer, now }: Hearing,
    judgement: { verdict: "repeated" } | { verdict: "refused"; reason: string; mayBeHeld: boolean },
  ): void {
    const isRefused = judgement.verdict === "refused";
    const reason = isRefused
      ? judgement.reason
      : "a signed mid that was heard before: said again by somebody";
    if (isRefused && judgement.mayBeHeld) this.guard.hold(container, heard, now);
    this.tally.signaturesRefused++;
    peer.faults++;
    peer.isSigned = false;
    this.tellFault(
      { code: FaultCode.SIGNATURE, reason: `signature: ${reason}` },
      heard,
      container.mid,
      container.text,
    );
    if (isRefused) this.services.askVersion(peer, now);
    this.tellPeer(peer);
  }

  /** A line that was missing has come: those that stand behind it may count now. */
  private retryHeld(): void {
    const held = this.guard.takeHeld();
    const still = held.filter(({ container, heard }) => {
      const { now } = this.voice;
      const peer = this.peerTable.of(heard.from.nick, this.fold);
      const judgement = this.guard.judge(container, peer, now);
      if (judgement.verdict !== "accepted" || judgement.key === null) return judgement.verdict === "refused";
      this.tally.signaturesLate++;
      this.accept({ container, heard, peer, party: partyOf(peer, this.fold), now }, judgement, false);
      return false;
    });
    this.guard.putBack(still);
    if (still.length > 0 && still.length < held.length) this.retryHeld();
  }

  private accept(
    hearing: Hearing,
    { key, peer: keyPeer }: { key: string | null; peer: string | null },
    isRelayed: boolean,
  ): void {
    const { container, heard, peer, party, now } = hearing;
    const { datums, fragments, mid, text } = container;
    this.repeats.add(party, text, now);
    if (heard.channel !== null)
      this.heardCache.add(cacheEntry(container, this.fold(heard.channel), true, party, now));
    this.hearKeys(hearing);
    this.services.introduce(peer, now);
    const source: Source = {
      speaker: heard.from,
      channel: heard.channel,
      mid,
      containerText: text,
      identity: { key, peer: keyPeer ?? provedName(peer) },
      isRelayed,
    };
    for (const datum of datums) if (!isKeyDatum(datum)) this.deliver(datum, source, peer);
    for (const fragment of fragments) this.take(fragment, hearing, source);
    if (fragments.length > 0) this.asks.tick(now);
  }

  private take(fragment: Fragment, { heard, peer, party, now }: Hearing, source: Source): void {
    const { key } = source.identity;
    const own = key === null ? party : `k:${key}`;
    const channel = heard.channel === null ? null : this.fold(heard.channel);
    const claim = channel === null ? this.asks.claim(fragment, own) : null;
    const where = claim ?? { sender: own, channel };
    if (where.sender === own && !source.isRelayed) this.owners.heard(own, peer.nick);
    this.tally.fragments++;
    const taken = this.reassembler.take(fragment, where.sender, where, now, peer.settings?.schemes);
    if (taken === null) return;
    if (isFault(taken)) this.tellFault(taken, heard, source.mid, source.containerText);
    else if (!isKeyDatum(taken)) {
      const isRelayed = source.isRelayed || this.asks.isRelayed(where, fragment);
      const said = heard.channel ?? (where.channel === null ? null : this.channelOf(where.channel));
      this.deliver(taken, { ...source, channel: said, isRelayed }, peer);
    }
  }

  /** As it is written; null: we are not in it. */
  private channelOf(folded: string): string | null {
    return [...this.channels].find((name) => this.fold(name) === folded) ?? null;
  }

  private deliver(datum: Datum, source: Source, peer: Peer): void {
    this.tally.datums++;
    peer.datums++;
    const { identity, isRelayed } = source;
    const nobody = { key: identity.key, peer: identity.key === null ? null : identity.peer };
    this.handler.onDatum(datum, isRelayed ? { ...source, identity: nobody } : source);
  }

  /** Keys count for nothing until somebody pins them; an answer that nobody asked for is none. */
  private hearKeys({ container: { datums }, peer, party, now }: Hearing): void {
    for (const datum of datums) {
      if (datum.ot === KEY_INFO) this.keys.hear(datum, peer, now);
      else if (datum.ot === KEY_REQUEST && this.keyAnswers.ask(party, now) === "answer")
        this.voice.sayKey(KEY_ANSWER, peer.nick);
    }
  }

  /** Somebody answers what we asked everybody for: what he says is not his. */
  private isAnswerOfAnother(container: Container, party: string, now: number): boolean {
    if (this.requests.isAnswer(container, now)) return true;
    const dids = [...container.fragments, ...container.datums].map(({ did }) => String(did));
    return dids.some((did) => this.asks.wasEverybodyAsked(did, party));
  }

  private wasHeard({ mid, text }: Container, now: number): boolean {
    return this.heardCache.find("mid", mid, now).some((entry) => entry.text === text);
  }

  private giveUp({ ot, did, bc, received }: Missing): void {
    this.tally.givenUp++;
    const reason = `Datum ${did} of type ${ot}: ${received} of ${bc} characters came, and nobody says the rest again`;
    this.handler.onFault({ code: FaultCode.FRAGMENT_MISSING, reason }, null);
  }

  private tellFault(fault: Fault, { from, channel }: HeardLine, mid: string, containerText: string): void {
    this.tally.faults++;
    this.handler.onFault(fault, { speaker: from, channel, mid, containerText });
  }

  private tellPeer(peer: Peer): void {
    this.handler.onPeer(viewOf(peer, this.voice.now));
  }
}

function newTally() {
  return {
    heard: 0,
    datums: 0,
    fragments: 0,
    repeats: 0,
    faults: 0,
    signaturesRefused: 0,
    signaturesLate: 0,
    versionAsked: 0,
    versionAnswered: 0,
    pingsSent: 0,
    pingsAnswered: 0,
    lostAsked: 0,
    lostAnswered: 0,
    lostRefused: 0,
    givenUp: 0,
  };
}

/** By the services account alone: a nick proves nothing. */
function provedName({ settings, account }: Peer): string | null {
  return account !== null && settings?.account === account ? settings.name : null;
}

function isKeyOnly({ datums, fragments }: Container): boolean {
  return fragments.length === 0 && datums.every(isKeyDatum);
}

function isAccount(party: string | null): boolean {
  return party?.startsWith("a:") === true;
}

/** A Datum may have a `code` of its own; it has a src. */
function isFault(taken: Datum | Fault): taken is Fault {
  return typeof (taken as Datum).src !== "string";
}
