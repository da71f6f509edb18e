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
import { isReadByReference } from "./cut-datum.ts";
import type { Datum } from "./datum.ts";
import { Ear } from "./ear.ts";
import { FaultCode } from "./fault-code.ts";
import { KeyExchange } from "./key-exchange.ts";
import { type HeardLine, LineLane } from "./line.ts";
import { LostAnswers } from "./lost-answers.ts";
import { LostAsks } from "./lost-asks.ts";
import { LostRequests, requestTail } from "./lost-requests.ts";
import type { LostRequest } from "./message.ts";
import { NetworkState } from "./network-state.ts";
import type { Counters, Unsent } from "./pack.ts";
import type {
  Counts,
  OpenChain,
  ParticipantHandler,
  ParticipantSettings,
  PeerView,
  PendingKey,
  Profile,
} from "./participant-types.ts";
import { PeerTable, partyOf, profileOf, viewOf } from "./peer-table.ts";
import { type Missing, Reassembler } from "./reassembly.ts";
import type { Mouth } from "./saying.ts";
import { isWritten } from "./scheme.ts";
import { Services } from "./services.ts";
import { SignatureGuard } from "./signature-guard.ts";
import { newTally } from "./tally.ts";
import { isChannel, Voice } from "./voice.ts";

/** How often what is old is looked for: a step each time. */
const SWEEP_MS = 5_000;

export class Participant {
  private readonly network = new NetworkState();
  private readonly tally = newTally();
  private readonly voice: Voice;
  private readonly heardCache: ContainerCache;
  private readonly peerTable: PeerTable;
  private readonly reassembler: Reassembler;
  private readonly guard: SignatureGuard;
  private readonly keys: KeyExchange;
  private readonly services: Services;
  private readonly answers: LostAnswers;
  private readonly asks: LostAsks;
  private readonly ear: Ear;
  private readonly requests = new LostRequests();
  private sweptAt = -Infinity;

  /** RangeError for a pinned key that is none. */
  constructor(
    private readonly settings: ParticipantSettings,
    private readonly handler: ParticipantHandler,
    readonly counters: Counters,
  ) {
    const { limits, schemes, peers, seenMids = {} } = settings;
    const { fold } = this.network;
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
    this.guard = new SignatureGuard(peers, seenMids, () => this.voice.chain.recent);
    this.keys = new KeyExchange(
      new Set(peers.flatMap(({ key }) => (key === undefined ? [] : [key.toLowerCase()]))),
    );
    this.services = new Services(mouth, this.tally, (peer) =>
      handler.onPeer(viewOf(peer, this.settings.now())),
    );
    this.answers = new LostAnswers(this.voice.sent, this.heardCache, mouth, this.tally);
    const owners = new ChainOwners();
    this.asks = new LostAsks({
      chains: this.reassembler,
      owners,
      mouth,
      askAfterMs: limits.askAfterMs,
      channelOf: (channel) => this.network.channelOf(channel),
      onAsked: () => this.tally.lostAsked++,
      onGivenUp: (missing) => this.giveUp(missing),
    });
    this.ear = new Ear(settings, handler, this.network, {
      voice: this.voice,
      peers: this.peerTable,
      heardCache: this.heardCache,
      reassembler: this.reassembler,
      guard: this.guard,
      keys: this.keys,
      services: this.services,
      answers: this.answers,
      asks: this.asks,
      owners,
      requests: this.requests,
      tally: this.tally,
    });
  }

  /** To be kept as the network says: our nick, the channels we are in, its casemapping. */
  set ownNick(nick: string) {
    this.network.ownNick = nick;
  }

  get channels(): Set<string> {
    return this.network.channels;
  }

  set fold(casemapping: (name: string) => string) {
    this.network.casemapping = casemapping;
  }

  /** A line that was heard. Never throws; what is no IRC-IoT is passed over. `now` is monotonic, ms. */
  receive(heard: HeardLine, now: number): void {
    const { from, text } = heard;
    if ((text[0] !== "{" && text[0] !== "[") || this.network.isOwn(from.nick)) return;
    this.ear.hear(heard, now);
  }

  /** Lines that carry the Datums, each to be given to `stamp` when its turn has come. IrcIotError when they cannot be said. */
  pack(
    datums: readonly Datum[],
    target: { name: string; profile?: Profile; scheme?: string },
    budgetBytes: number,
  ): Unsent[] {
    const now = this.settings.now();
    const isToAll = isChannel(target.name);
    const peer = isToAll ? null : this.peerTable.of(target.name, this.network.fold);
    // The reference's ciphers are read alone.
    const own = peer?.settings?.schemes;
    const usual = own !== undefined && isWritten(own.scheme) ? own : this.settings.schemes;
    const schemes = target.scheme === undefined ? usual : { ...usual, scheme: target.scheme };
    // What is only guessed must not keep anything from being said: a scheme that no reference reads is for none.
    const guessed = peer !== null && isReadByReference(schemes.scheme) ? profileOf(peer, now) : "strict";
    const profile = target.profile ?? peer?.settings?.profile ?? guessed;
    const lines = this.voice.pack(datums, target.name, budgetBytes, { ...schemes, profile });
    if (peer !== null) this.services.introduce(peer, now);
    return lines;
  }

  /** The text of a line whose turn has come: it is written at once, or the chain of signatures has a gap. */
  stamp(unsent: Unsent, target: string, now: number): string {
    return this.voice.stamp(unsent, target, now);
  }

  /** A Container that was said before the last stop, or is said again with the bytes it had. RangeError: it is none. */
  remember(text: string, target: string, now: number): void {
    this.voice.remember(text, target, now);
  }

  /**
   * Asks for something again (IRC-IoT S-4…S-6), in a channel or privately; in one `dst` names whom it is for. RangeError, and
   * nothing is asked: no line to the target is so long.
   */
  askAgain(request: LostRequest, target: string, now: number): void {
    const tail = requestTail(request);
    const maxBytes = this.voice.serviceBytes(tail);
    const room = Math.max(0, this.handler.budget(target));
    if (maxBytes > room)
      throw new RangeError(
        `a request of ${maxBytes} bytes for an id of ${request.rid.length} characters; a line there has ${room}`,
      );
    this.voice.say({
      target,
      lane: LineLane.AGAIN,
      maxBytes,
      make: () => this.voice.stampService(tail, target),
    });
    this.requests.add(request, now);
    this.tally.lostAsked++;
  }

  /** False: it has one to answer, or said that it is overloaded. */
  ping(nick: string, now: number): boolean {
    return this.services.ping(this.peerTable.of(nick, this.network.fold), now);
  }

  /** False: it was asked within ten minutes, or too many were. */
  askVersion(nick: string, now: number): boolean {
    return this.services.askVersion(this.peerTable.of(nick, this.network.fold), now);
  }

  /** To be called at `deadline`, or earlier. */
  tick(now: number): void {
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
    const sweepAt = isIdle ? Infinity : Math.max(this.sweptAt, this.settings.now() - SWEEP_MS) + SWEEP_MS;
    const { services, answers, asks, guard } = this;
    return Math.min(services.deadline, answers.deadline, asks.deadline, guard.deadline, sweepAt);
  }

  /** Nobody has this nick any more: what was for it alone is not for whoever takes it next. */
  gone(nick: string): void {
    const folded = this.network.fold(nick);
    this.voice.sent.forget(
      ({ isPublic, place, party }) => !isPublic && place === folded && !isAccount(party),
    );
    this.answers.forget(folded);
    this.services.forget(folded);
    this.peerTable.forget(folded);
  }

  peers(): PeerView[] {
    return [...this.peerTable.all()].map((peer) => viewOf(peer, this.settings.now()));
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
    const { chains, displaced } = this.reassembler;
    const bytes = { sentCacheBytes: sent.bytes, heardCacheBytes: this.heardCache.bytes };
    return { ...this.tally, ...bytes, chains, displaced };
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

  private giveUp({ ot, did, bc, received }: Missing): void {
    this.tally.givenUp++;
    const reason = `Datum ${did} of type ${ot}: ${received} of ${bc} characters came, and nobody says the rest again`;
    this.handler.onFault({ code: FaultCode.FRAGMENT_MISSING, reason }, null);
  }
}

function isAccount(party: string | null): boolean {
  return party?.startsWith("a:") === true;
}
