/** Who others see us as, and how much of a line that leaves. A server cuts what it passes on at 512 bytes, without a word. */

/** RFC 1459 §2.3: 512 with CR LF. */
const LINE_BYTES = 510;
/** Assumed until seen, bytes: what servers allow at most where they say nothing (ISUPPORT USERLEN, HOSTLEN). */
const WORST_USER = 10;
const WORST_HOST = 63;
/** Room for the two other nicks that are tried: a line that was made ready must fit also when our own is taken. */
const OTHER_NICK_BYTES = 2;

export class OwnMask {
  private user: string | null = null;
  private host: string | null = null;

  constructor(
    private readonly wantedNick: string,
    public nick: string,
    /** What the server allows at most; NaN where it does not say. */
    private readonly limits: () => { userBytes: number; hostBytes: number },
  ) {}

  /** nick!user@host; null: not seen yet. */
  get text(): string | null {
    return this.user === null || this.host === null ? null : `${this.nick}!${this.user}@${this.host}`;
  }

  /** A line of ours came back with it. */
  saw(user: string, host: string): void {
    if (user !== "") this.user = user;
    if (host !== "") this.host = host;
  }

  /** RPL 396: "host", or "user@host". */
  displayedHost(said: string): void {
    const at = said.indexOf("@");
    this.saw(at < 0 ? "" : said.slice(0, at), said.slice(at + 1));
  }

  /** Bytes of text that a PRIVMSG to the target has room for: ":nick!user@host PRIVMSG target :" stands in front of it. */
  budget(target: string): number {
    const nick = Math.max(bytes(this.nick), bytes(this.wantedNick) + OTHER_NICK_BYTES);
    const limits = this.limits();
    const user = this.user === null ? limits.userBytes || WORST_USER : bytes(this.user);
    const host = this.host === null ? limits.hostBytes || WORST_HOST : bytes(this.host);
    return LINE_BYTES - (1 + nick + 1 + user + 1 + host) - bytes(" PRIVMSG ") - bytes(target) - bytes(" :");
  }
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}
