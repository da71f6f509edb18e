/** What verbs and API are shown of IRC: plain objects, ready for JSON. */
import type { IrcLine } from "../irc/line-log.ts";
import type { IrcNetworkView } from "../irc/settings.ts";
import type { Counts, OpenChain, PeerView, PendingKey } from "../irc-iot/participant-types.ts";
import type { BridgeNetwork } from "./bridge-network.ts";
import type { Skipped } from "./route-plan.ts";

export interface IrcRouteView {
  network: string;
  target: string;
  devices: readonly string[];
  types: readonly string[];
  detail: string;
  /** Messages told, those that wait, lines that the server has not confirmed, and those said a second time. */
  told: number;
  behind: number;
  unconfirmed: number;
  again: number;
  /** Lines that may have been lost, and were too old to be said again. */
  unsure: number;
  skipped: Readonly<Skipped>;
  /** How often the server has refused the line that is next: nobody has that nick, or we may not speak there. */
  refusals: number;
}

export interface IrcNetworkStatus extends IrcNetworkView {
  peers: PeerView[];
  /** Peers that answered, and do not any more: what is said may not be heard there. */
  silent: string[];
  participant: Counts;
  /** Datums that wait for fragments. */
  chains: OpenChain[];
  pendingKeys: PendingKey[];
  answers: { waiting: number; tooOld: number };
}

/** A line that went over a connection, either way. */
export interface IrcLineView extends IrcLine {
  network: string;
}

export interface IrcView {
  /** false: no network is configured. */
  enabled: boolean;
  address: string;
  /** The public key that we sign with; null: we do not. */
  key: string | null;
  networks: IrcNetworkStatus[];
  routes: IrcRouteView[];
  commands: { accepted: number; refused: number; open: number; people: number; silenced: number };
}

export function viewNetwork(network: BridgeNetwork): IrcNetworkStatus {
  const { edge, participant, kept } = network;
  const { answers } = kept;
  return {
    ...edge.view(),
    // Who was only told something may be a person, and speak words alone.
    peers: participant.peers().filter(({ heardAt }) => heardAt > 0),
    silent: network.heart.silentNicks,
    participant: participant.counts,
    chains: participant.openChains(),
    pendingKeys: participant.pendingKeys(),
    answers: { waiting: answers.depth, tooOld: answers.counts.tooOld },
  };
}

export function viewRoutes(network: BridgeNetwork): IrcRouteView[] {
  return network.kept.routes.map(({ feed, stream }) => {
    const { route, behind, leftOut, counts } = feed;
    const { target, devices, types, detail } = route;
    return {
      ...{ network: network.name, target, devices, types, detail, told: counts.told, behind },
      ...{
        unconfirmed: stream.unconfirmed,
        again: stream.counts.again,
        unsure: stream.counts.given,
        skipped: leftOut,
        refusals: stream.refusals,
      },
    };
  });
}
