/** The version and whether one is there: asked and answered (IRC-IoT S-9…S-13). */
import { formatAscii } from "./json-text.ts";
import { LineLane } from "./line.ts";
import type { Container } from "./message.ts";
import type { Peer } from "./peer-table.ts";
import { Pings } from "./pings.ts";
import type { Mouth } from "./saying.ts";
import { pongLimit, ServiceLimit, versionLimit } from "./service-limit.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Of the protocol as its source describes it. */
const PROTOCOL_VERSION = "0.3.33";

const LONGEST_PING = 256;
/** A peer is asked again for its version when something was wrong with what it said, but not within ten minutes. */
const VERSION_AGAIN_MS = 600_000;
/** Questions for versions: at once, and a minute. Strangers are as many as they like. */
const VERSION_LINES = { burst: 6, perMs: 6 / 60_000 };

export interface ServiceCounts {
  versionAsked: number;
  versionAnswered: number;
  pingsSent: number;
  pingsAnswered: number;
}

export class Services {
  private readonly pings: Pings;
  private readonly versions = new ServiceLimit(versionLimit);
  private readonly pongs = new ServiceLimit(pongLimit);
  private readonly questions = new TokenBucket(VERSION_LINES.burst, VERSION_LINES.perMs);

  constructor(
    private readonly mouth: Mouth,
    private readonly counts: ServiceCounts,
    private readonly onChange: (peer: Peer) => void,
  ) {
    this.pings = new Pings(() => mouth.random());
  }

  get deadline(): number {
    return this.pings.deadline;
  }

  /** What a Container says beside its Objects. `party`: whose turn it counts as. */
  hear({ ver, ping, pong }: Container, peer: Peer, party: string, now: number): void {
    if (ver === "?") this.answerVersion(peer, party, now);
    else if (ver !== undefined) this.learn(peer, ver);
    if (ping !== undefined) this.answerPing(peer, party, ping, now);
    if (pong !== undefined && this.pings.answer(this.mouth.fold(peer.nick), peer, pong, now))
      this.onChange(peer);
  }

  /** Before the first exchange. */
  introduce(peer: Peer, now: number): void {
    if (!peer.isIntroduced) peer.isIntroduced = this.askVersion(peer, now);
  }

  /** False: it was asked not long ago, or too much is asked. */
  askVersion(peer: Peer, now: number): boolean {
    const { versionAskedAt } = peer;
    if (versionAskedAt !== null && now - versionAskedAt < VERSION_AGAIN_MS) return false;
    if (!this.questions.take(1, now)) return false;
    peer.versionAskedAt = now;
    peer.isIntroduced = true;
    const tail = ',"ver":"?"}';
    this.mouth.say({
      target: peer.nick,
      lane: LineLane.CONTROL,
      maxBytes: this.mouth.bytesOf(tail),
      make: (at) => {
        peer.versionAskedAt = at;
        this.counts.versionAsked++;
        return this.mouth.stamp(tail, peer.nick);
      },
      onOutcome: (outcome) => {
        if (outcome !== "dropped" && outcome !== "withdrawn") return;
        peer.versionAskedAt = null;
        peer.isIntroduced = false;
      },
    });
    return true;
  }

  /** False: a ping waits for its answer, or the peer said that it is overloaded. */
  ping(peer: Peer, now: number): boolean {
    const folded = this.mouth.fold(peer.nick);
    const text = this.pings.begin(folded, peer, now);
    if (text === null) return false;
    const tail = `,"ping":${formatAscii(text)}}`;
    this.mouth.say({
      target: peer.nick,
      lane: LineLane.CONTROL,
      maxBytes: this.mouth.bytesOf(tail),
      make: (at) => {
        if (!this.pings.isWaiting(folded, text)) return null;
        this.pings.said(folded, at);
        this.counts.pingsSent++;
        return this.mouth.stamp(tail, peer.nick);
      },
      onOutcome: (outcome) => {
        if ((outcome === "dropped" || outcome === "withdrawn") && this.pings.isWaiting(folded, text))
          this.pings.cancel(folded);
      },
    });
    return true;
  }

  tick(now: number): void {
    for (const peer of this.pings.tick(now)) this.onChange(peer);
  }

  forget(folded: string): void {
    this.pings.cancel(folded);
  }

  private answerVersion(peer: Peer, party: string, now: number): void {
    if (this.versions.ask(party, now) !== "answer") return;
    this.say(peer.nick, `,"ver":"${PROTOCOL_VERSION}"}`, () => this.counts.versionAnswered++);
  }

  private learn(peer: Peer, version: string): void {
    if (peer.version === version) return;
    peer.version = version;
    this.onChange(peer);
  }

  private answerPing(peer: Peer, party: string, text: string, now: number): void {
    if (text === "" || text.length > LONGEST_PING) return;
    const verdict = this.pongs.ask(party, now);
    if (verdict === "silent") return;
    const pong = verdict === "answer" ? text : "";
    this.say(peer.nick, `,"pong":${formatAscii(pong)}}`, () => this.counts.pingsAnswered++);
  }

  private say(target: string, tail: string, count: () => void): void {
    this.mouth.say({
      target,
      lane: LineLane.CONTROL,
      maxBytes: this.mouth.bytesOf(tail),
      make: () => {
        count();
        return this.mouth.stamp(tail, target);
      },
    });
  }
}
