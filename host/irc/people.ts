/** Who is in our channels, and since when it is the same: what is known of somebody ends with NICK, QUIT and the last PART. */

/** One presence of somebody. Another after a NICK, or after having been away, is another object. */
export interface Presence {
  readonly nick: string;
  /** Of services; undefined: the server has not said. */
  account: string | null | undefined;
}

/** Of a channel: bounds what a server can make us hold. */
const MAX_MEMBERS = 20_000;

export class People {
  /** By the folded name of the channel, then of the nick. */
  private readonly channels = new Map<string, Map<string, Presence>>();

  constructor(private readonly fold: (name: string) => string) {}

  /** Somebody who shares a channel with us now. */
  find(nick: string): Presence | undefined {
    const folded = this.fold(nick);
    for (const members of this.channels.values()) {
      const presence = members.get(folded);
      if (presence !== undefined) return presence;
    }
    return undefined;
  }

  members(channel: string): string[] {
    return [...(this.channels.get(this.fold(channel))?.values() ?? [])].map(({ nick }) => nick);
  }

  /** Who is there, without their names. */
  count(channel: string): number {
    return this.channels.get(this.fold(channel))?.size ?? 0;
  }

  /** We have come in. */
  entered(channel: string): void {
    this.channels.set(this.fold(channel), new Map());
  }

  /** `account`: undefined where the server does not say. */
  joined(channel: string, nick: string, account: string | null | undefined): void {
    const members = this.channels.get(this.fold(channel));
    if (members === undefined || members.size >= MAX_MEMBERS) return;
    const presence = this.find(nick) ?? { nick, account };
    if (account !== undefined) presence.account = account;
    members.set(this.fold(nick), presence);
  }

  /** -> whether the two of us share no channel any more. */
  left(channel: string, nick: string): boolean {
    const wasThere = this.channels.get(this.fold(channel))?.delete(this.fold(nick)) ?? false;
    return wasThere && this.find(nick) === undefined;
  }

  /** We have left it. -> who shares no other with us. */
  exited(channel: string): string[] {
    const nicks = this.members(channel);
    this.channels.delete(this.fold(channel));
    return nicks.filter((nick) => this.find(nick) === undefined);
  }

  quit(nick: string): void {
    for (const members of this.channels.values()) members.delete(this.fold(nick));
  }

  renamed(old: string, nick: string): void {
    const before = this.find(old);
    if (before === undefined) return;
    const presence: Presence = { nick, account: before.account };
    for (const members of this.channels.values())
      if (members.delete(this.fold(old))) members.set(this.fold(nick), presence);
  }

  clear(): void {
    this.channels.clear();
  }
}
