/** Our nick: another one while it is taken, at most two, and back to it once it is free. */
import { Backoff } from "../platform/backoff.ts";

/** Tried while it is taken. Servers ban who tries a row of them. */
const SUFFIXES = ["_", "__"];
/** How often it is asked for, ms; later and later when we are renamed again and again. */
const ASK_MS = { leastMs: 60_000, mostMs: 600_000 };

export interface NickOptions {
  wanted: string;
  random: () => number;
  write(line: string): void;
  isSame(one: string, other: string): boolean;
}

export class NickKeeper {
  current: string;
  private tried = 0;
  private askAt = Number.POSITIVE_INFINITY;
  private readonly backoff: Backoff;

  constructor(private readonly options: NickOptions) {
    this.current = options.wanted;
    this.backoff = new Backoff(() => ASK_MS, options.random);
  }

  get deadline(): number {
    return this.askAt;
  }

  /** A connection begins: the server is asked for the wanted one. */
  connecting(): void {
    this.current = this.options.wanted;
    this.tried = 0;
    this.backoff.reset();
    this.askAt = Number.POSITIVE_INFINITY;
  }

  /** Not registered yet, and the nick is taken. -> false: there is no other to try. */
  tryAnother(): boolean {
    const suffix = SUFFIXES[this.tried++];
    if (suffix === undefined) return false;
    this.current = this.options.wanted + suffix;
    this.options.write(`NICK ${this.current}`);
    return true;
  }

  /** Not the wanted one is asked for. */
  get isOther(): boolean {
    return this.tried > 0;
  }

  /** `hasServices`: we are logged in, so services may give it back. */
  online(nick: string, hasServices: boolean, now: number): void {
    this.current = nick;
    if (this.isWanted) return;
    if (hasServices) this.options.write(`PRIVMSG NickServ :REGAIN ${this.options.wanted}`);
    this.askAt = now + ASK_MS.leastMs;
  }

  offline(): void {
    this.askAt = Number.POSITIVE_INFINITY;
  }

  /** We are called otherwise now. */
  renamed(nick: string, now: number): void {
    this.current = nick;
    this.askAt = this.isWanted ? Number.POSITIVE_INFINITY : now + this.backoff.next();
  }

  /** Somebody is not called so any more. */
  freed(nick: string): void {
    if (!this.isWanted && this.options.isSame(nick, this.options.wanted)) this.ask();
  }

  tick(now: number): void {
    if (now < this.askAt) return;
    this.askAt = now + ASK_MS.leastMs;
    this.ask();
  }

  private get isWanted(): boolean {
    return this.options.isSame(this.current, this.options.wanted);
  }

  private ask(): void {
    this.options.write(`NICK ${this.options.wanted}`);
  }
}
