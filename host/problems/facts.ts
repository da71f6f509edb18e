/** What is looked at for problems: the views that people are shown, and what no view tells. */
import type { CableView } from "../cables/cable.ts";
import type { ShownPeer } from "../gateways/peers-view.ts";
import type { ComponentView, KillView, TaskView } from "../hub/views.ts";
import type { IrcView } from "../irc-bridge/views.ts";
import type { UpstreamView } from "../northbound/upstream.ts";
import type { QueueView } from "../router/queue-view.ts";
import type { DeviceView, LinkView } from "../router/views.ts";
import type { Happening } from "../timeline/happening.ts";
import type { AuthFailures } from "./auth-failures.ts";

/** Why something does not take what it is given. */
export interface Fault {
  message: string;
  mend: string;
}

export interface Facts {
  /** ms since 1970. */
  now: number;
  devices: readonly DeviceView[];
  links: readonly LinkView[];
  ports: readonly CableView[];
  queue: QueueView;
  store: { whenFull: "dropOldest" | "refuse"; maxMessages: number; fault: Fault | null; low: Fault | null };
  /** null: history is disabled, or as it should be. */
  history: Fault | null;
  /** null: the keys of boards and of other gateways can be read. */
  keys: Fault | null;
  peers: readonly ShownPeer[];
  /** Frames that will not arrive, of each gateway by its name here: how many, and since when there are any. */
  letters: ReadonlyMap<string, { count: number; since: number }>;
  irc: IrcView;
  upstreams: readonly UpstreamView[];
  components: readonly ComponentView[];
  silentTasks: readonly TaskView[];
  /** Of tasks that have not ended. */
  unconfirmed: readonly KillView[];
  /** Losses of messages in the last day, the oldest first. */
  losses: readonly Happening[];
  /** Of the last minutes. */
  authFailures: AuthFailures;
  /** Boards that said something in a steady rhythm, and do not any more. */
  silent: readonly SilentBoard[];
}

export interface SilentBoard {
  device: string;
  type: string;
  /** Its rhythm, and when it was heard last, ms since 1970. */
  everyMs: number;
  lastAt: number;
}
