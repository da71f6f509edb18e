/** What one IRC network is told, what it tells, and what it shows. */
import type { HeardLine } from "../irc-iot/line.ts";
import type { IrcLine } from "./line-log.ts";

/** PEM. */
export interface TlsSettings {
  /** Whom to believe in place of the system's authorities. */
  ca?: string;
  /** Who we are. */
  cert?: string;
  key?: string;
  /** The name in the server's certificate where it is not the host's. */
  servername?: string;
}

export interface SaslSettings {
  /** EXTERNAL: by the certificate in `tls`. */
  mechanism: "PLAIN" | "EXTERNAL";
  user?: string;
  password?: string;
}

export interface IrcNetworkSettings {
  /** In our configuration. */
  name: string;
  host: string;
  port: number;
  tls: false | TlsSettings;
  nick: string;
  user: string;
  realname: string;
  /** Of the server. */
  password?: string | undefined;
  sasl: SaslSettings | null;
  channels: readonly { name: string; key?: string | undefined }[];
  /** Lines that may leave at once, and how many a second after that. */
  flood: { burst: number; perS: number };
  /** Lines that wait at most. */
  maxQueue: number;
  /** Between two tries to connect, and to join. */
  retryMinMs: number;
  retryMaxMs: number;
  /** 0 ≤ n < 1. */
  randomSource: () => number;
}

/** absent: not there, and not trying just now (offline, or between two tries). muted: there, and not allowed to speak. */
export type ChannelState = "absent" | "joining" | "joined" | "muted" | "refused" | "kicked";

export interface IrcHandler {
  onHeard(line: HeardLine): void;
  onOnline(): void;
  onOffline(reason: string): void;
  /** `reason`: "" where there is none to tell. */
  onChannel(name: string, state: ChannelState, reason: string): void;
  /** Somebody, or we, are called otherwise from now on. */
  onNick(old: string, now: string): void;
  /** Somebody has left the network, or the last channel that we share. */
  onGone(nick: string): void;
  /** A line went over the connection, either way. */
  onLine(line: IrcLine): void;
}

export type NetworkState = "waiting" | "connecting" | "registering" | "online";

/** For people: what went wrong last, and what mends it ("" where nothing but time does). */
export interface Failure {
  code: string;
  text: string;
  mend: string;
}

export interface ChannelView {
  name: string;
  state: ChannelState;
  reason: string;
  /** "": nothing but time, or an operator of the channel. */
  mend: string;
  members: number;
  /** When it is tried again, ms from now; null: not to be. */
  nextTryMs: number | null;
}

export interface IrcNetworkView {
  name: string;
  server: string;
  state: NetworkState;
  nick: string;
  /** nick!user@host as others see it; null: not known yet. */
  mask: string | null;
  /** Of services, that we are logged in to. */
  account: string | null;
  channels: ChannelView[];
  counts: {
    linesIn: number;
    linesOut: number;
    bytesIn: number;
    bytesOut: number;
    /** Lines of the server that were longer than it may send. */
    tooLong: number;
    /** Lines that could not be understood, and what a listener made of one that ended in an error. */
    faults: number;
    /** PRIVMSG that are not for us: CTCP, our own echo, what a server replays, to others than us and our channels. */
    ignored: number;
    confirmed: number;
    withdrawn: number;
    dropped: number;
    lost: number;
    /** ms that something which could have been said was held back, so that the server does not take us for a flood. */
    throttledMs: number;
    /** Times that it was online. */
    connections: number;
  };
  queue: { control: number; fresh: number; again: number; unconfirmed: number };
  /** When it is tried again, ms from now; null: it is not waiting for that. */
  nextTryMs: number | null;
  lastError: Failure | null;
}

/** Who somebody is, as the network vouches for it. */
export interface Proof {
  /** Of services. */
  account: string | null;
  /** Fingerprint of the certificate: lower case hex. */
  certfp: string | null;
}
