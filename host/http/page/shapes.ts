/** What the page reads of the API's answers; host/http/api.ts is where they come from. */

export interface Message {
  n: number;
  device: string;
  at: number;
  message: Record<string, unknown>;
}

export interface Device {
  id: string;
  /** The one it is behind; "": this one. */
  gateway: string;
  connected: boolean;
  via: string;
  board: string;
  firmware: string;
  delivered: number;
  repeats: number;
  missing: number;
  mayBeMissing: number;
  lost: number;
  sessions: number;
  connections: number;
  queued: number;
  lastAt: number;
  last: { n: number } | null;
}

export interface Session {
  id: string;
  device: string;
  state: "detached" | "opening" | "open" | "closing" | "ended";
  via: string;
  received: number;
  acknowledged: number;
  unacknowledged: number;
  skipped: number;
  connections: number;
}

export interface Link {
  name: string;
  open: boolean;
  stalled: boolean;
  frames?: number;
  noise?: number;
  stale?: number;
}

export interface SerialPort {
  path: string;
  open: boolean;
  waitingFor: string;
  /** What mends that; "" where nothing is known to. */
  mend?: string;
  state: "waiting" | "open" | "speaking" | "silent" | "stalled" | "lent";
  openings: number;
  reopened: number;
  reset: number;
  rebound: number;
  lent: { to: string; since: number } | null;
}

export interface Ports {
  serial: SerialPort[];
  links: Link[];
}

export interface Status {
  gateway: string;
  version: string;
  epoch: string;
  /** The gateway's clock, ms since 1970. */
  at: number;
  uptimeS: number;
  /** Of the token that the page was opened with: only control may run and kill. */
  role: "read" | "control";
  store: {
    kind: string;
    messages: number;
    bytes: number;
    next: number;
    dropped: number;
    fault: string;
    low: string;
  };
  tcp: { host: string; port: number } | null;
}

export interface Gap {
  from: number;
  to: number;
}

export interface Component {
  name: string;
  creator: string;
  state: "unknown" | "alive" | "late" | "dead" | "recovered";
  isDown: boolean;
  isSilent: boolean;
  message: string;
  heardAt: number;
  rhythmMs: number;
  invalid: number;
  address: string;
}

export interface Task {
  id: string;
  spec: string;
  creator: string;
  parent: string;
  state: "queued" | "delivered" | "running" | "result" | "error" | "killed" | "expired";
  on: string;
  at: number;
  isSilent: boolean;
  /** Of one that was published for everyone: to how many connections. */
  listeners?: number;
  /** It was to be stopped, and whether it did is not known yet, or nothing showed that it did. */
  kill?: "pending" | "unconfirmed";
  result?: unknown;
  error?: { code: number; message: string };
}

export interface Kill {
  task: string;
  outcome: "pending" | "confirmed" | "unconfirmed" | "finished before" | "unknown" | "refused";
  how: string;
  why: string;
  ms: number;
  children: Kill[];
}
