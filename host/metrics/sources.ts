/** What metrics are read from: views that there are for people as well, and the numbers that are counted where things happen. */
import type { PeersView } from "../gateways/peers-view.ts";
import type { HistoryView } from "../history/series.ts";
import type { Hub } from "../hub/hub.ts";
import type { ComponentView } from "../hub/views.ts";
import type { IrcView } from "../irc-bridge/views.ts";
import type { UpstreamView } from "../northbound/upstream.ts";
import type { ProblemsView } from "../problems/problem.ts";
import type { QueuedPeer } from "../router/queued-peer.ts";
import type { DeviceView } from "../router/views.ts";
import type { Tallies } from "../session/tallies.ts";
import type { StoreFill } from "../store/store.ts";
import type { StoreTally } from "../store/store-tally.ts";

/** Steps taken against the silence of a port. */
interface PortSteps {
  path: string;
  reopened: number;
  reset: number;
  rebound: number;
}

/** How often a port was opened, and was not, by the error's code. */
export interface Openings {
  path: string;
  opened: number;
  failed: ReadonlyMap<string, number>;
}

/** A Gateway fits. */
export interface MetricSources {
  readonly tallies: Tallies;
  readonly store: { readonly fill: StoreFill; readonly tally: StoreTally };
  readonly queues: { all(): QueuedPeer[] };
  readonly problems: { view(): ProblemsView };
  readonly history: { view(): HistoryView };
  readonly irc: { view(): IrcView };
  readonly northbound: { views(): UpstreamView[] };
  readonly work: {
    components(): ComponentView[];
    /** null: there is no hub. */
    hubView(): Pick<Hub, "counts"> | null;
  };
  readonly tcpAddress: object | null;
  devicesView(): DeviceView[];
  peersView(): PeersView;
  serialView(): PortSteps[];
  openings(): Openings[];
}
