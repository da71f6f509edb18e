/** What the page reads of sessions, queues, other gateways and IRC; host/http/api.ts is where they come from. */

export interface Amount {
  packets: number;
  bytes: number;
}

export interface StoreFill {
  messages: number;
  bytes: number;
  maxBytes: number;
  /** ms since 1970; 0 when it is empty. */
  oldestAt: number;
  dropped: number;
  refused: number;
  isHeld: boolean;
  fault: string;
  low: string;
  bytesPerS: number;
  fullInS: number | null;
}

export interface BoardQueue {
  device: string;
  queued: number;
  unacknowledged: number;
  open: number;
  /** ms since 1970; 0 for none. */
  deadline: number;
}

export interface PeerQueue extends Amount {
  kind: "board" | "gateway";
  id: string;
  name: string;
  oldestMs: number | null;
  places: Record<"new" | "working" | "session" | "wire", Amount>;
  lanes: Amount[];
  limits: { maxPackets: number; maxBytes: number | null };
  added: number;
  refused: number;
  outcomes: Record<string, number>;
  inPerS: number;
  outPerS: number;
  fullInS: number | null;
}

export interface Queues {
  store: StoreFill;
  boards: BoardQueue[];
  peers: PeerQueue[];
}

/** A system that messages are handed on to. */
export interface Upstream {
  name: string;
  target: string;
  state: "connected" | "idle" | "away";
  behind: number;
  oldestAt: number;
  sent: number;
  repeated: number;
  missed: number;
  refused: number;
  fault: string;
  /** Boards whose messages are held, while those of others pass. */
  aside: { device: string; behind: number; fault: string; mend: string; since: number }[];
}

/** What will not arrive. */
export interface Letter {
  n: number;
  at: number;
  /** What the gateway that it waited for is called here. */
  name: string;
  outcome: string;
  maybeDelivered: boolean;
  lane: number;
  command: string;
  bytes: number;
}

export interface OtherGateway {
  id: string;
  name: string;
  state: "absent" | "connecting" | "suspended" | "open";
  via: string;
  isDialled: boolean;
  nextTryMs: number | null;
  fault: string;
  waiting: Amount & { oldestMs: number | null };
  received: number;
  repeats: number;
  faults: number;
  sessions: number;
  connections: number;
  leadsTo: string[];
  subscribe: string[];
}

export interface Peers {
  gateway: { id: string; name: string; listen: { host: string; port: number; isOpen: boolean } | null };
  peers: OtherGateway[];
}

export interface IrcChannel {
  name: string;
  state: "absent" | "joining" | "joined" | "muted" | "refused" | "kicked";
  reason: string;
  mend: string;
  members: number;
}

export interface IrcNetwork {
  name: string;
  server: string;
  state: "waiting" | "connecting" | "registering" | "online";
  nick: string;
  account: string | null;
  channels: IrcChannel[];
  counts: { linesIn: number; linesOut: number; lost: number; connections: number };
  queue: { control: number; fresh: number; again: number; unconfirmed: number };
  nextTryMs: number | null;
  lastError: { code: string; text: string; mend: string } | null;
  peers: { nick: string }[];
  silent: string[];
}

export interface IrcRoute {
  network: string;
  target: string;
  devices: string[];
  types: string[];
  detail: string;
  told: number;
  behind: number;
  unconfirmed: number;
  again: number;
  refusals: number;
}

export interface Irc {
  enabled: boolean;
  address: string;
  networks: IrcNetwork[];
  routes: IrcRoute[];
  commands: { accepted: number; refused: number; open: number; people: number; silenced: number };
}

export interface IrcLine {
  network: string;
  n: number;
  at: number;
  way: "in" | "out";
  text: string;
}
