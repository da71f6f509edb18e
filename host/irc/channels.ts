/**
 * The channels we are to be in. All are asked for at once, and then no more than one line a second; who keeps us out, or throws us
 * out, is asked again later and later.
 *
 *   ABSENT ──due──▶ JOINING ──our JOIN──▶ JOINED ──404──▶ MUTED
 *      ▲               │ 471 473 474 …       │ KICK, PART   │ due
 *      └─── REFUSED ◀──┘      KICKED ◀───────┴──────────────┘ (JOINED again)
 */
import { Backoff, type Waits } from "../platform/backoff.ts";
import { channelMend } from "./failure.ts";
import type { ChannelState, ChannelView } from "./settings.ts";

/** Of a JOIN line: what the server takes at most (RFC 1459). */
const LINE_BYTES = 510;
/** Between two JOIN lines, ms: servers count them towards a flood. */
const JOIN_GAP_MS = 1000;
/** A JOIN that nobody answers is over after so long, ms. */
const JOIN_ANSWER_MS = 30_000;
/** In a channel so long, ms: the next wait begins small again. */
const STABLE_MS = 60_000;
/** After a refused line so long nothing is said there, ms, so that a +m channel is not asked in vain all the time. */
const MUTED_MS = 60_000;

interface Channel {
  readonly name: string;
  readonly key: string | undefined;
  state: ChannelState;
  reason: string;
  /** When it is tried again, or a JOIN without an answer is over, or it may be spoken to again; Infinity: nothing is due. */
  dueAt: number;
  joinedAt: number;
  readonly backoff: Backoff;
}

export interface ChannelsOptions {
  channels: readonly { name: string; key?: string | undefined }[];
  waits: Waits;
  random: () => number;
  /** A JOIN line. */
  write(line: string): void;
  /** Whether two names are one. */
  isSame(one: string, other: string): boolean;
  onState(name: string, state: ChannelState, reason: string): void;
}

export class Channels {
  private readonly channels: Channel[];
  private isOnline = false;
  /** When a JOIN line may leave. */
  private nextLineAt = 0;

  constructor(private readonly options: ChannelsOptions) {
    const { waits, random } = options;
    this.channels = options.channels.map(({ name, key }) => ({
      name,
      key,
      state: "absent",
      reason: "",
      dueAt: Number.POSITIVE_INFINITY,
      joinedAt: 0,
      backoff: new Backoff(() => waits, random),
    }));
  }

  has(name: string): boolean {
    return this.find(name) !== undefined;
  }

  /** Whether what is said there is heard. */
  canSpeak(name: string): boolean {
    return this.find(name)?.state === "joined";
  }

  isIn(name: string): boolean {
    const state = this.find(name)?.state;
    return state === "joined" || state === "muted";
  }

  /** The server has said of each whether we are in it, or did not say in time. */
  get areSettled(): boolean {
    return this.channels.every(({ state }) => state !== "absent" && state !== "joining");
  }

  online(now: number): void {
    this.isOnline = true;
    this.nextLineAt = now;
    for (const channel of this.channels) channel.dueAt = now;
    this.tick(now);
  }

  offline(reason: string): void {
    this.isOnline = false;
    for (const channel of this.channels) {
      channel.dueAt = Number.POSITIVE_INFINITY;
      this.become(channel, "absent", reason);
    }
  }

  get deadline(): number {
    if (!this.isOnline) return Number.POSITIVE_INFINITY;
    return Math.min(
      ...this.channels.map((one) => (asks(one) ? Math.max(one.dueAt, this.nextLineAt) : one.dueAt)),
    );
  }

  tick(now: number): void {
    if (!this.isOnline) return;
    for (const channel of this.channels) if (channel.dueAt <= now) this.due(channel, now);
    this.join(now);
  }

  /** Our own JOIN came back. -> whether we are to be there. */
  joined(name: string, now: number): boolean {
    const channel = this.find(name);
    if (channel === undefined) return false;
    channel.joinedAt = now;
    channel.dueAt = Number.POSITIVE_INFINITY;
    this.become(channel, "joined", "");
    return true;
  }

  refused(name: string, reason: string, now: number): void {
    this.lost(name, "refused", reason, now);
  }

  /** Thrown out, or taken out. */
  kicked(name: string, reason: string, now: number): void {
    this.lost(name, "kicked", reason, now);
  }

  /** We are there, and what we say is refused. */
  muted(name: string, reason: string, now: number): void {
    const channel = this.find(name);
    if (channel === undefined || !this.isIn(name)) return;
    channel.dueAt = now + MUTED_MS;
    this.become(channel, "muted", reason);
  }

  view(now: number, members: (channel: string) => number): ChannelView[] {
    return this.channels.map(({ name, state, reason, dueAt }) => ({
      name,
      state,
      reason,
      mend: channelMend(reason),
      members: members(name),
      nextTryMs: dueAt === Number.POSITIVE_INFINITY ? null : Math.max(0, Math.round(dueAt - now)),
    }));
  }

  private lost(name: string, state: ChannelState, reason: string, now: number): void {
    const channel = this.find(name);
    if (channel === undefined) return;
    if (this.isIn(name) && now - channel.joinedAt >= STABLE_MS) channel.backoff.reset();
    channel.dueAt = now + channel.backoff.next();
    this.become(channel, state, reason);
  }

  private due(channel: Channel, now: number): void {
    if (channel.state === "joining") this.lost(channel.name, "refused", "the server does not answer", now);
    else if (channel.state === "muted") {
      channel.dueAt = Number.POSITIVE_INFINITY;
      this.become(channel, "joined", "");
    }
  }

  /** One line for as many of those that are due as fit. */
  private join(now: number): void {
    if (now < this.nextLineAt) return;
    const due = this.channels.filter((channel) => asks(channel) && channel.dueAt <= now);
    if (due.length === 0) return;
    // Those with keys first: keys are matched by place.
    due.sort((one, other) => Number(other.key !== undefined) - Number(one.key !== undefined));
    const some = due.slice(0, fitting(due));
    this.nextLineAt = now + JOIN_GAP_MS;
    this.options.write(joinLine(some));
    for (const channel of some) {
      channel.dueAt = now + JOIN_ANSWER_MS;
      this.become(channel, "joining", channel.reason);
    }
  }

  private find(name: string): Channel | undefined {
    return this.channels.find((channel) => this.options.isSame(channel.name, name));
  }

  private become(channel: Channel, state: ChannelState, reason: string): void {
    if (channel.state === state && channel.reason === reason) return;
    channel.state = state;
    channel.reason = reason;
    this.options.onState(channel.name, state, reason);
  }
}

/** Whether a JOIN is what is due. */
function asks({ state }: Channel): boolean {
  return state === "absent" || state === "refused" || state === "kicked";
}

function joinLine(channels: readonly Channel[]): string {
  const keys = channels.flatMap(({ key }) => (key === undefined ? [] : [key]));
  return `JOIN ${channels.map(({ name }) => name).join(",")}${keys.length > 0 ? ` ${keys.join(",")}` : ""}`;
}

function fitting(channels: readonly Channel[]): number {
  let count = channels.length;
  while (count > 1 && Buffer.byteLength(joinLine(channels.slice(0, count))) > LINE_BYTES) count--;
  return count;
}
