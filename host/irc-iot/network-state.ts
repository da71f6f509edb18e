/** What an IRC network says of itself, as whoever holds the connection has told. */

export class NetworkState {
  ownNick = "";
  /** Channels we are in, as they are written. */
  readonly channels = new Set<string>();
  /** The casemapping; before the network has told its own, ASCII. */
  casemapping: (name: string) => string = (name) => name.toLowerCase();

  /** Also when handed over as a function. */
  readonly fold = (name: string): string => this.casemapping(name);

  /** As it is written; null: we are not in it. */
  channelOf(folded: string): string | null {
    return [...this.channels].find((name) => this.fold(name) === folded) ?? null;
  }

  isOwn(nick: string): boolean {
    return this.fold(nick) === this.fold(this.ownNick);
  }
}
