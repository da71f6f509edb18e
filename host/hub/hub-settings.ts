/** What the hub is started with. */
import type { TlsMaterial } from "../transports/tls-files.ts";

export interface ControllerSpec {
  spec: string;
  /** Workers connect here; 0: any free one. */
  port: number;
  /** A worker that has answered nothing for so long is given the next task, ms. */
  patienceMs: number;
}

export interface TaskLimits {
  tasks: number;
  bytes: number;
}

export interface HubSettings {
  /** Of the gateway: the creator of what the hub says of itself. */
  creator: string;
  /** false: no port is opened, and only the gateway's own parts are heard. */
  listens?: boolean;
  host: string;
  com: { in: number; out: number };
  tech: { in: number; out: number };
  tls: TlsMaterial | null;
  /** Specs that may pass on com; [] = all. */
  allow: string[];
  controller: ControllerSpec[];
  maxMessageBytes: number;
  /** Tasks that wait for workers and boards, or are with them; what they take. As in controller.ts when absent. */
  taskLimits?: TaskLimits;
  /** Rhythm of a component in place of the one that is learned, by name, ms. */
  frequenciesMs: Record<string, number>;
}

export interface HubAddresses {
  host: string;
  com: { in: number; out: number };
  tech: { in: number; out: number };
  /** By spec. */
  controller: Record<string, number>;
}
