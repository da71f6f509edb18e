/** What a network consists of while it is kept: who is there, where we are, what we are called, what waits to be said. */
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { AbsentNicks } from "./absent-nicks.ts";
import { ChannelLog } from "./channel-log.ts";
import { Channels } from "./channels.ts";
import type { Connection, Traffic } from "./connection.ts";
import { Identities } from "./identities.ts";
import { LineWriter } from "./line-writer.ts";
import { caseMappingOf, foldName, isChannelName } from "./names.ts";
import { NickKeeper } from "./nick-keeper.ts";
import { OwnMask } from "./own-mask.ts";
import { People } from "./people.ts";
import { Replays } from "./replays.ts";
import type { IrcHandler, IrcNetworkSettings } from "./settings.ts";

export class Station {
  /** Registered or not; null: none. What it said last is asked also when it is over. */
  connection: Connection | null = null;
  readonly people: People;
  readonly channels: Channels;
  readonly nick: NickKeeper;
  readonly identities: Identities;
  readonly writer: LineWriter;
  readonly absent: AbsentNicks;
  mask: OwnMask;
  /** How others see us is known on this connection, or no channel shows it. */
  private isSeen = false;
  replays = new Replays();
  /** PRIVMSG that were not for us. */
  ignored = 0;
  private earlier: Traffic = { linesIn: 0, linesOut: 0, bytesIn: 0, bytesOut: 0, tooLong: 0, faults: 0 };

  constructor(
    readonly settings: IrcNetworkSettings,
    readonly handler: IrcHandler,
    readonly clock: Clock,
    readonly log: Log,
    /** Something may be due at another time than before. */
    onChange: () => void,
  ) {
    const { name, nick, channels, flood, maxQueue, retryMinMs, retryMaxMs, randomSource: random } = settings;
    const fold = (text: string) => this.fold(text);
    const isSame = (one: string, other: string) => this.fold(one) === this.fold(other);
    const write = (line: string) => this.writer.command(line);
    const channelLog = new ChannelLog(name, log);
    this.mask = this.newMask();
    this.people = new People(fold);
    this.absent = new AbsentNicks(fold);
    this.nick = new NickKeeper({
      wanted: nick,
      random,
      isSame,
      write: (line) => this.connection?.write(line),
    });
    this.channels = new Channels({
      channels,
      waits: { leastMs: retryMinMs, mostMs: retryMaxMs },
      random,
      write,
      isSame,
      onState: (...told) => {
        channelLog.became(...told);
        handler.onChannel(...told);
      },
    });
    this.identities = new Identities({
      network: name,
      people: this.people,
      fold,
      hasAccountTag: () => this.connection?.hasCapability("account-tag") ?? false,
      hasAccountNotify: () => this.connection?.hasCapability("account-notify") ?? false,
      ask: write,
    });
    this.writer = new LineWriter({
      ...flood,
      maxQueue,
      clock,
      log,
      budget: (target) => this.mask.budget(target),
      isReady: (target) => this.canSpeak(target),
      onChange,
    });
  }

  fold(name: string): string {
    return foldName(name, caseMappingOf(this.connection?.option("CASEMAPPING")));
  }

  isMe(nick: string): boolean {
    return this.fold(nick) === this.fold(this.nick.current);
  }

  /**
   * Whether a line for it may leave: we are heard in the channel, or the nick was not refused to us of late. Until our own
   * JOIN shows how others see us a line has the least room, and one that was made before may have none: nicks wait for it, too.
   */
  canSpeak(target: string): boolean {
    if (this.isChannel(target)) return this.channels.canSpeak(target);
    this.isSeen ||= this.mask.text !== null || this.channels.areSettled;
    return this.isSeen && !this.absent.has(target);
  }

  isChannel(name: string): boolean {
    const types = this.connection?.option("CHANTYPES");
    return isChannelName(name, Array.isArray(types) ? types.join("") : undefined);
  }

  /** Marks of standing in front of nicks: @ and the like. */
  get standings(): string {
    const prefixes = this.connection?.option("PREFIX");
    return Array.isArray(prefixes) ? prefixes.map(({ symbol }) => symbol).join("") : "~&@%+";
  }

  /** A connection begins, and nothing is known of the one before. */
  begin(connection: Connection): void {
    this.earlier = this.traffic;
    this.connection = connection;
    this.replays = new Replays();
    this.mask = this.newMask();
    this.isSeen = false;
    this.nick.connecting();
  }

  /** Registered, and the server has said how it works. */
  online(nick: string): void {
    const now = this.clock.now();
    this.mask.nick = nick;
    this.writer.connected((line) => this.connection?.write(line));
    this.nick.online(nick, this.connection?.account != null, now);
    this.channels.online(now);
  }

  offline(reason: string): void {
    this.identities.offline();
    this.people.clear();
    this.absent.clear();
    this.nick.offline();
    this.channels.offline(reason);
    this.writer.disconnected();
  }

  /** Of all connections so far. */
  get traffic() {
    const now = this.connection?.traffic;
    return now === undefined ? this.earlier : sum(this.earlier, now);
  }

  get deadline(): number {
    const { writer, channels, nick, identities, absent } = this;
    return Math.min(writer.deadline, channels.deadline, nick.deadline, identities.deadline, absent.deadline);
  }

  /** -> whether the server is gone. */
  tick(): boolean {
    const now = this.clock.now();
    this.channels.tick(now);
    this.nick.tick(now);
    this.identities.tick(now);
    this.absent.tick(now);
    return this.writer.tick();
  }

  private newMask(): OwnMask {
    const said = (name: string) => Number(this.connection?.option(name));
    const { nick } = this.settings;
    return new OwnMask(nick, nick, () => ({ userBytes: said("USERLEN"), hostBytes: said("HOSTLEN") }));
  }
}

function sum(one: Traffic, other: Traffic): Traffic {
  const names = Object.keys(one) as (keyof Traffic)[];
  return Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) as unknown as Traffic;
}
