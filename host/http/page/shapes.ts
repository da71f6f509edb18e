/** What the page reads of the API's answers; host/http/api.ts is where they come from. */

export interface Message {
  n: number;
  device: string;
  at: number;
  message: Record<string, unknown>;
}

export interface Device {
  id: string;
  connected: boolean;
  via: string;
  board: string;
  firmware: string;
  delivered: number;
  repeats: number;
  missing: number;
  lost: number;
  queued: number;
  lastAt: number;
  last: { n: number } | null;
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
  uptimeS: number;
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
