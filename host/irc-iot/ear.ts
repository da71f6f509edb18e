/**
 * What is heard on one network: each Container judged, kept, taken apart, and its Datums handed on, once each.
 *
 *   Container ─services─▶ answers   ─repeat?─▶ ─signature?─▶ heard cache ─▶ Datums, fragments ─chain whole─▶ Datum
 */
import type { ChainOwners } from "./chain-owners.ts";
import type { ContainerCache } from "./container-cache.ts";
import type { Datum } from "./datum.ts";
import { type Fault, FaultCode } from "./fault-code.ts";
import { isKeyDatum, KEY_ANSWER, KEY_INFO, KEY_REQUEST, type KeyExchange } from "./key-exchange.ts";
import type { HeardLine } from "./line.ts";
import type { LostAnswers } from "./lost-answers.ts";
import type { LostAsks } from "./lost-asks.ts";
import type { LostRequests } from "./lost-requests.ts";
import { type Container, decodeMessage, type Fragment } from "./message.ts";
import type { NetworkState } from "./network-state.ts";
import type { ParticipantHandler, ParticipantSettings, Source } from "./participant-types.ts";
import { type Peer, type PeerTable, partyOf, rememberMid, viewOf } from "./peer-table.ts";
import type { Reassembler } from "./reassembly.ts";
import { Repeats } from "./repeats.ts";
import { ServiceLimit, versionLimit } from "./service-limit.ts";
import type { Services } from "./services.ts";
import type { Judgement, SignatureGuard } from "./signature-guard.ts";
import type { Tally } from "./tally.ts";
import { cacheEntry, type Voice } from "./voice.ts";

/** What the ear works with; each of it is told about in its own file. */
export interface Parts {
  voice: Voice;
  peers: PeerTable;
  heardCache: ContainerCache;
  reassembler: Reassembler;
  guard: SignatureGuard;
  keys: KeyExchange;
  services: Services;
  answers: LostAnswers;
  asks: LostAsks;
  owners: ChainOwners;
  requests: LostRequests;
  tally: Tally;
}

/** One Container that is being heard. */
interface Hearing {
  container: Container;
  heard: HeardLine;
  peer: Peer;
  party: string;
  now: number;
}

/** Who signed it, and whether whoever said it only gave it again. */
interface Origin {
  key: string | null;
  peer: string | null;
  isRelayed: boolean;
}

export class Ear {
  private readonly repeats: Repeats;
  /** Our key is told again as often as our version is. */
  private readonly keyAnswers = new ServiceLimit(versionLimit);

  constructor(
    private readonly settings: ParticipantSettings,
    private readonly handler: ParticipantHandler,
    private readonly network: NetworkState,
    private readonly parts: Parts,
  ) {
    this.repeats = new Repeats(settings.limits.keepMs);
  }

  hear(heard: HeardLine, now: number): void {
    const { peers, tally } = this.parts;
    tally.heard++;
    const decoded = decodeMessage(heard.text, this.settings.limits);
    if ("code" in decoded) {
      this.tellFault(decoded, heard, "", heard.text);
      return;
    }
    const peer = peers.heard(heard.from, this.network.fold, now);
    const party = partyOf(peer, this.network.fold);
    for (const container of decoded.containers) this.hearOne({ container, heard, peer, party, now });
  }

  private hearOne(hearing: Hearing): void {
    const { container, heard, peer, party, now } = hearing;
    const { services, answers, tally } = this.parts;
    for (const fault of container.faults) this.tellFault(fault, heard, container.mid, container.text);
    if (container.faults.length > 0) peer.faults++;
    if (container.checksum === "wrong") services.askVersion(peer, now);
    if (container.mid === "" || container.checksum === "wrong") return;
    services.hear(container, peer, party, now);
    if (container.lst !== undefined) {
      const asker = { nick: peer.nick, party, channel: heard.channel };
      answers.ask(container.lst, asker, this.network.ownNick, container.text.length, now);
    }
    if (heard.channel !== null) answers.seen(container.text, this.network.fold(heard.channel));
    if (container.datums.length === 0 && container.fragments.length === 0) this.hearService(hearing);
    else if (this.repeats.has(party, container.text, now)) tally.repeats++;
    else this.hearContent(hearing);
  }

  /** What has no content cannot do harm; but it is a link in its speaker's chain of signatures. */
  private hearService({ container, peer, now }: Hearing): void {
    this.parts.guard.judge(container, peer, now);
    rememberMid(peer, container.mid);
  }

  private hearContent(hearing: Hearing): void {
    const { container, heard, peer, party, now } = hearing;
    const isRelayed = heard.channel === null && this.isAnswerOfAnother(container, party, now);
    // What another gives again may have been heard long ago, from whoever said it.
    if (isRelayed && this.wasHeard(container, now)) {
      this.parts.tally.repeats++;
      return;
    }
    const judgement = this.parts.guard.judge(container, peer, now);
    rememberMid(peer, container.mid);
    if (judgement.verdict === "accepted") {
      const { key } = judgement;
      this.accept(hearing, { ...judgement, isRelayed: isRelayed && key === null });
      if (key !== null) this.countHeld(container.mid);
    } else if (isKeyOnly(container)) this.hearKeys(hearing);
    else this.refuse(hearing, judgement);
  }

  private refuse({ container, heard, peer, now }: Hearing, judgement: Judgement): void {
    const { guard, services, tally } = this.parts;
    const isRefused = judgement.verdict === "refused";
    if (isRefused && judgement.mayBeHeld) guard.hold(container, heard, now);
    const reason = isRefused ? judgement.reason : "it counted before; somebody says it again";
    tally.signaturesRefused++;
    peer.faults++;
    peer.isSigned = false;
    const fault = { code: FaultCode.SIGNATURE, reason: `signature of ${peer.nick}: ${reason}` };
    this.tellFault(fault, heard, container.mid, container.text);
    if (isRefused) services.askVersion(peer, now);
    this.handler.onPeer(viewOf(peer, now));
  }

  /** Lines that stand behind one that was missing, and has come, count now. */
  private countHeld(mid: string): void {
    const { guard, peers, tally } = this.parts;
    const now = this.settings.now();
    for (let next = guard.takeHeldBehind(mid); next !== null; next = guard.takeHeldBehind(mid)) {
      const { container, heard } = next.held;
      const peer = peers.of(heard.from.nick, this.network.fold);
      const hearing = { container, heard, peer, party: partyOf(peer, this.network.fold), now };
      tally.signaturesLate++;
      this.accept(hearing, { ...next, isRelayed: false });
      this.countHeld(container.mid);
    }
  }

  private accept(hearing: Hearing, { key, peer: keyPeer, isRelayed }: Origin): void {
    const { container, heard, peer, party, now } = hearing;
    const { datums, fragments, mid, text } = container;
    const { heardCache, services, asks } = this.parts;
    this.repeats.add(party, text, now);
    if (key !== null) {
      peer.isSigned = true;
      peer.key = key;
    }
    if (heard.channel !== null)
      heardCache.add(cacheEntry(container, this.network.fold(heard.channel), true, party, now));
    this.hearKeys(hearing);
    services.introduce(peer, now);
    const source: Source = {
      speaker: heard.from,
      channel: heard.channel,
      mid,
      containerText: text,
      identity: { key, peer: keyPeer ?? provedName(peer) },
    };
    for (const datum of datums) if (!isKeyDatum(datum)) this.deliver(datum, source, peer, isRelayed);
    for (const fragment of fragments) this.take(fragment, hearing, source, isRelayed);
    if (fragments.length > 0) asks.tick(now);
  }

  private take(fragment: Fragment, { heard, peer, party, now }: Hearing, source: Source, isRelayed: boolean) {
    const { asks, owners, reassembler, tally } = this.parts;
    const { key } = source.identity;
    const own = key === null ? party : `k:${key}`;
    const channel = heard.channel === null ? null : this.network.fold(heard.channel);
    const claim = channel === null ? asks.claim(fragment, own) : null;
    const where = claim ?? { sender: own, channel };
    if (where.sender === own && !isRelayed) owners.heard(own, peer.nick);
    tally.fragments++;
    const taken = reassembler.take(fragment, where.sender, where, now, peer.settings?.schemes);
    if (taken === null) return;
    if (isFault(taken)) this.tellFault(taken, heard, source.mid, source.containerText);
    else if (!isKeyDatum(taken)) {
      const said = heard.channel ?? (where.channel === null ? null : this.network.channelOf(where.channel));
      this.deliver(taken, { ...source, channel: said }, peer, isRelayed || asks.isRelayed(where, fragment));
    }
  }

  private deliver(datum: Datum, source: Source, peer: Peer, isRelayed: boolean): void {
    this.parts.tally.datums++;
    peer.datums++;
    if (isRelayed) this.handler.onRelayed(datum, { ...source, identity: { key: null, peer: null } });
    else this.handler.onDatum(datum, source);
  }

  /** Keys count for nothing until somebody pins them; an answer that nobody asked for is none. */
  private hearKeys({ container: { datums }, peer, party, now }: Hearing): void {
    const { keys, voice } = this.parts;
    for (const datum of datums) {
      if (datum.ot === KEY_INFO) keys.hear(datum, peer, now);
      else if (datum.ot === KEY_REQUEST && this.keyAnswers.ask(party, now) === "answer")
        voice.sayKey(KEY_ANSWER, peer.nick);
    }
  }

  /** Somebody answers what we asked everybody for: what he says is not his. */
  private isAnswerOfAnother(container: Container, party: string, now: number): boolean {
    const { requests, asks } = this.parts;
    if (requests.isAnswer(container, now)) return true;
    const dids = [...container.fragments, ...container.datums].map(({ did }) => String(did));
    return dids.some((did) => asks.wasEverybodyAsked(did, party));
  }

  private wasHeard({ mid, text }: Container, now: number): boolean {
    return this.parts.heardCache.find("mid", mid, now).some((entry) => entry.text === text);
  }

  private tellFault(fault: Fault, { from, channel }: HeardLine, mid: string, containerText: string): void {
    this.parts.tally.faults++;
    this.handler.onFault(fault, { speaker: from, channel, mid, containerText });
  }
}

/** By the services account alone: a nick proves nothing. */
function provedName({ settings, account }: Peer): string | null {
  return account !== null && settings?.account === account ? settings.name : null;
}

function isKeyOnly({ datums, fragments }: Container): boolean {
  return fragments.length === 0 && datums.every(isKeyDatum);
}

/** A Datum may have a `code` of its own; it has a src. */
function isFault(taken: Datum | Fault): taken is Fault {
  return typeof (taken as Datum).src !== "string";
}
