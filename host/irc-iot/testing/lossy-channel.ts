/**
 * Participants on one IRC network in simulated time, whose lines get lost and are repeated as a seed has it. Each has the
 * flood bucket of an IRC client. Nothing waits: time jumps from one event to the next.
 */
import type { Datum } from "../datum.ts";
import type { Fault } from "../fault-code.ts";
import { defaultLimits } from "../limits.ts";
import { LineLane, type OutLine } from "../line.ts";
import type { Counters } from "../pack.ts";
import { Participant } from "../participant.ts";
import type { ParticipantSettings, PeerView, Source } from "../participant-types.ts";
import { isChannel } from "../voice.ts";

export interface SaidLine {
  at: number;
  from: string;
  target: string;
  text: string;
  lane: LineLane;
}

export interface ChannelOptions {
  random: () => number;
  /** Of each line at each listener, 0…1. */
  loss?: number;
  repeat?: number;
}

const BUDGET = 400;
const BURST = 5;
const LINE_MS = 2000;

export class Member {
  readonly participant: Participant;
  readonly datums: { datum: Datum; source: Source }[] = [];
  readonly relayed: { datum: Datum; source: Source }[] = [];
  readonly faults: Fault[] = [];
  readonly peers: PeerView[] = [];
  readonly queue: OutLine[] = [];
  account: string | null = null;
  /** It hears, and says nothing any more: as the reference, when it is asked. */
  isMute = false;
  tokens = BURST;
  filledAt = 0;
  isTaking = false;

  constructor(
    readonly nick: string,
    readonly network: LossyChannel,
    settings: Partial<ParticipantSettings>,
    counters: Counters,
  ) {
    const random = network.options.random;
    const whole: ParticipantSettings = {
      limits: defaultLimits,
      schemes: { scheme: "b64p" },
      checksum: "",
      sign: null,
      peers: [],
      random,
      now: () => network.now,
      wall: () => Date.UTC(2026, 0, 2, 3, 4, 5) + network.now,
      ...settings,
    };
    this.participant = new Participant(
      whole,
      {
        onDatum: (datum, source) => this.datums.push({ datum, source }),
        onRelayed: (datum, source) => this.relayed.push({ datum, source }),
        onLine: (line) => this.queue.push(line),
        onFault: (fault) => this.faults.push(fault),
        onPeer: (view) => this.peers.push(view),
        budget: (target) => network.budgetOf(target),
        isMember: (channel, nick) => network.isMember(channel, nick),
      },
      counters,
    );
    this.participant.ownNick = nick;
  }

  join(channel: string): this {
    this.participant.channels.add(channel);
    return this;
  }

  /** Puts lines for these Datums into the queue. */
  send(target: string, ...datums: Datum[]): void {
    for (const unsent of this.participant.pack(datums, { name: target }, this.network.budgetOf(target)))
      this.queue.push({
        target,
        lane: LineLane.FRESH,
        maxBytes: unsent.maxBytes,
        take: async () => this.participant.stamp(unsent, target, this.network.now),
        onOutcome: () => {},
      });
  }

  /** What stands in `v` of each Datum, in the order they came. */
  get fields(): unknown[] {
    return this.datums.map(({ datum }) => datum.v);
  }

  get relayedFields(): unknown[] {
    return this.relayed.map(({ datum }) => datum.v);
  }
}

interface Flight {
  at: number;
  to: Member;
  from: string;
  channel: string | null;
  text: string;
}

export class LossyChannel {
  now = 0;
  readonly said: SaidLine[] = [];
  readonly members: Member[] = [];
  /** Lines that a test wants lost, on top of those that the seed loses. */
  isLost: (line: SaidLine, to: Member) => boolean = () => false;
  /** Bytes of a line. */
  budgetOf: (target: string) => number = () => BUDGET;
  private readonly strangers = new Map<string, Set<string>>();
  private flights: Flight[] = [];

  constructor(readonly options: ChannelOptions) {}

  add(
    nick: string,
    settings: Partial<ParticipantSettings> = {},
    counters: Counters = { mid: 10_000, oid: 1000, did: 100 },
  ): Member {
    const member = new Member(nick, this, settings, counters);
    this.members.push(member);
    return member;
  }

  /** Somebody who is no Participant. */
  addStranger(nick: string, ...channels: string[]): void {
    this.strangers.set(nick, new Set(channels));
  }

  isMember(channel: string, nick: string): boolean {
    const member = this.members.find((one) => one.nick === nick);
    return member?.participant.channels.has(channel) ?? this.strangers.get(nick)?.has(channel) ?? false;
  }

  /** A line of whoever, on its way now. */
  say(from: string, target: string, text: string, lane: LineLane = LineLane.FRESH): void {
    const line = { at: this.now, from, target, text, lane };
    this.said.push(line);
    for (const to of this.members) {
      if (to.nick === from || !this.hears(to, target) || this.isLost(line, to)) continue;
      const { random, loss = 0, repeat = 0 } = this.options;
      if (random() < loss) continue;
      const channel = isChannel(target) ? target : null;
      const times = random() < repeat ? 2 : 1;
      for (let i = 0; i < times; i++)
        this.flights.push({ at: this.now + 20 + random() * 200 * i, to, from, channel, text });
    }
  }

  /** Lets so many ms pass. */
  async run(ms: number): Promise<void> {
    const end = this.now + ms;
    while (this.now < end) {
      await this.write();
      const next = Math.min(
        end,
        ...this.members.map((one) => this.nextOf(one)),
        ...this.flights.map(({ at }) => at),
      );
      this.now = Math.max(this.now + 1, Math.ceil(next));
      const due = this.flights.filter(({ at }) => at <= this.now).sort((a, b) => a.at - b.at);
      this.flights = this.flights.filter(({ at }) => at > this.now);
      for (const flight of due) this.deliver(flight);
      for (const { participant } of this.members)
        if (participant.deadline <= this.now) participant.tick(this.now);
    }
  }

  /** Lines of this nick, with what was in each. */
  saidBy(nick: string): SaidLine[] {
    return this.said.filter(({ from }) => from === nick);
  }

  private hears(member: Member, target: string): boolean {
    return isChannel(target) ? member.participant.channels.has(target) : member.nick === target;
  }

  private deliver({ to, from, channel, text }: Flight): void {
    const account = this.members.find(({ nick }) => nick === from)?.account ?? null;
    const speaker = { network: "net", nick: from, user: "u", host: "h", account };
    to.participant.receive({ from: speaker, channel, text }, this.now);
  }

  private nextOf(member: Member): number {
    if (member.queue.length === 0) return member.participant.deadline;
    this.fill(member);
    const ms = member.tokens >= 1 ? 0 : (1 - member.tokens) * LINE_MS;
    return Math.min(member.participant.deadline, this.now + ms);
  }

  private fill(member: Member): void {
    member.tokens = Math.min(BURST, member.tokens + (this.now - member.filledAt) / LINE_MS);
    member.filledAt = this.now;
  }

  private async write(): Promise<void> {
    for (const member of this.members) {
      this.fill(member);
      while (member.queue.length > 0 && member.tokens >= 1 - 1e-9) {
        const line = member.queue.reduce((a, b) => (b.lane < a.lane ? b : a));
        member.queue.splice(member.queue.indexOf(line), 1);
        const text = member.isMute ? null : await line.take();
        if (text !== null) {
          member.tokens--;
          this.say(member.nick, line.target, text, line.lane);
        }
        line.onOutcome(text === null ? "withdrawn" : "confirmed");
      }
    }
  }
}
