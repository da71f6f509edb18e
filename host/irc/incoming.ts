/** What the lines of a server mean for us. A line that is not in the table says nothing that anybody here needs. */
import type { IrcMessage } from "irc-framework/src/client.js";
import type { Station } from "./station.ts";

/** A JOIN that is refused (ngIRCd, InspIRCd, Solanum, UnrealIRCd, ergo). */
const joinRefusals = [
  "403",
  "405",
  "437",
  "470",
  "471",
  "473",
  "474",
  "475",
  "476",
  "477",
  "480",
  "489",
  "520",
];
/** A PRIVMSG that is refused; of some of the above too, when we are in the channel. */
const lineRefusals = ["401", "404", "407", "415", "439", "486", "492", "493", "531", "716"];
/** Such a nick is not there, in place of not wishing to hear us. */
const NO_SUCH_NICK = "401";

type Action = (message: IrcMessage) => void;

export class Incoming {
  private readonly actions = new Map<string, Action>();

  constructor(private readonly station: Station) {
    const { identities } = station;
    const table: Record<string, Action> = {
      PRIVMSG: (message) => this.privmsg(message),
      JOIN: (message) => this.join(message),
      PART: (message) => this.part(message),
      KICK: (message) => this.kick(message),
      QUIT: ({ nick }) => this.gone(nick),
      KILL: ({ params }) => this.gone(params[0] ?? ""),
      NICK: (message) => this.nick(message),
      ACCOUNT: ({ nick, params }) => this.account(nick, params[0]),
      CHGHOST: (message) => this.host(message),
      BATCH: (message) => station.replays.batch(message),
      PONG: ({ params }) => station.writer.pong(params.at(-1) ?? ""),
      "353": (message) => this.names(message),
      "396": ({ params }) => station.mask.displayedHost(params[1] ?? ""),
    };
    for (const command of ["276", "330", "318"])
      table[command] = (message) => identities.numeric(message, station.clock.now());
    for (const command of joinRefusals) table[command] = (message) => this.refusedJoin(message);
    for (const command of lineRefusals) table[command] = (message) => this.refusedLine(message);
    for (const [command, action] of Object.entries(table)) this.actions.set(command, action);
  }

  take(message: IrcMessage): void {
    this.station.writer.heard();
    this.actions.get(message.command)?.(message);
  }

  /** irc-iot: NOTICE is never heard, so no two machines can answer each other for ever. */
  private privmsg(message: IrcMessage): void {
    const { station } = this;
    const [target = "", text] = message.params;
    const channel = station.channels.has(target) ? target : null;
    if (text === undefined || !this.isForUs(message, channel, text)) {
      station.ignored++;
      return;
    }
    this.isThere(message.nick);
    station.handler.onHeard({ from: station.identities.speaker(message), channel, text });
  }

  /** Not: servers, CTCP, our own echo, what is replayed, and what is said to others than us and our channels. */
  private isForUs(message: IrcMessage, channel: string | null, text: string): boolean {
    const { station } = this;
    const isPerson = message.nick !== "" && message.hostname !== "";
    const isSaid = !text.startsWith("\x01") && !station.replays.has(message);
    return (
      isPerson &&
      isSaid &&
      !station.isMe(message.nick) &&
      (channel !== null || station.isMe(message.params[0]))
    );
  }

  /** With extended-join the account and the real name stand behind the channel. */
  private join({ nick, ident, hostname, params }: IrcMessage): void {
    const { station } = this;
    const [channel = "", account] = params;
    if (!station.isMe(nick)) {
      const isTold = station.connection?.hasCapability("extended-join") === true && account !== undefined;
      station.people.joined(channel, nick, isTold ? accountOf(account) : undefined);
      this.isThere(nick);
      return;
    }
    station.mask.saw(ident, hostname);
    station.people.entered(channel);
    // A server may send us where we do not want to be.
    const isOurs = station.channels.joined(channel, station.clock.now());
    if (!isOurs && station.isChannel(channel)) station.writer.command(`PART ${channel}`);
    station.writer.pump();
  }

  private part({ nick, params }: IrcMessage): void {
    this.left(params[0] ?? "", nick, "taken out of the channel");
  }

  private kick({ nick, prefix, params }: IrcMessage): void {
    const [channel = "", whom = "", why = ""] = params;
    this.left(channel, whom, `kicked by ${nick || prefix}${why === "" ? "" : `: ${why}`}`);
  }

  private left(channel: string, nick: string, reason: string): void {
    const { station } = this;
    if (!station.isMe(nick)) {
      if (station.people.left(channel, nick)) station.handler.onGone(nick);
      return;
    }
    const others = station.people.exited(channel);
    station.channels.kicked(channel, reason, station.clock.now());
    for (const other of others) if (!station.isMe(other)) station.handler.onGone(other);
  }

  private gone(nick: string): void {
    const { station } = this;
    if (nick === "" || station.isMe(nick)) return; // of ours: the end of the connection follows
    station.people.quit(nick);
    station.nick.freed(nick);
    station.handler.onGone(nick);
  }

  private nick({ nick, params }: IrcMessage): void {
    const { station } = this;
    const [now = ""] = params;
    if (now === "") return;
    const isOurs = station.isMe(nick);
    station.people.renamed(nick, now);
    if (isOurs) {
      station.nick.renamed(now, station.clock.now());
      station.log.info({ network: station.settings.name }, `IRC: our nick is ${now} now`);
      station.mask.nick = now;
    } else if (station.fold(nick) !== station.fold(now)) station.nick.freed(nick);
    this.isThere(now);
    station.handler.onNick(nick, now);
  }

  private account(nick: string, account: string | undefined): void {
    const presence = this.station.people.find(nick);
    if (presence === undefined || account === undefined) return;
    presence.account = accountOf(account);
    this.station.identities.changed(presence);
  }

  private host({ nick, params }: IrcMessage): void {
    const [user = "", host = ""] = params;
    if (this.station.isMe(nick)) this.station.mask.saw(user, host);
  }

  /** NAMES: marks of standing in front, and with userhost-in-names the mask behind. */
  private names({ params }: IrcMessage): void {
    const { station } = this;
    const channel = params.at(-2) ?? "";
    for (const name of (params.at(-1) ?? "").split(" ")) {
      let start = 0;
      while (start < name.length && station.standings.includes(name[start])) start++;
      const nick = name.slice(start).split("!", 1)[0];
      if (nick !== "") station.people.joined(channel, nick, undefined);
    }
  }

  private refusedJoin(message: IrcMessage): void {
    const { station } = this;
    const [, channel = ""] = message.params;
    if (station.channels.isIn(channel)) this.refusedLine(message);
    else station.channels.refused(channel, reasonOf(message), station.clock.now());
  }

  private refusedLine(message: IrcMessage): void {
    const { station } = this;
    const target = refusedTarget(message);
    const now = station.clock.now();
    const [reason, isAbsent] = [reasonOf(message), message.command === NO_SUCH_NICK];
    if (station.channels.has(target)) station.channels.muted(target, reason, now);
    else if (!station.isChannel(target)) station.absent.add(target, { isAbsent, reason }, now);
    const folded = station.fold(target);
    station.writer.refused((one) => station.fold(one) === folded);
    if (isAbsent && station.people.find(target) === undefined) station.handler.onGone(target);
  }

  /** What waits for it may be said again. */
  private isThere(nick: string): void {
    if (this.station.absent.seen(nick)) this.station.writer.pump();
  }
}

/** "*": none. */
function accountOf(said: string): string | null {
  return said === "*" || said === "0" ? null : said;
}

/** Of 486 and 493 ngircd and older servers name it behind their words alone: "486 gw :You must … message bob". */
function refusedTarget({ params }: IrcMessage): string {
  return (params.length > 2 ? params[1] : params.at(-1)?.split(" ").at(-1)) ?? "";
}

function reasonOf({ command, params }: IrcMessage): string {
  return `${command} ${params.at(-1) ?? ""}`;
}
