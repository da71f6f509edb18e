/** A network as people see it. */
import { LineLane } from "../irc-iot/line.ts";
import type { Failure, IrcNetworkSettings, IrcNetworkView, NetworkState } from "./settings.ts";
import type { Station } from "./station.ts";

interface State {
  state: NetworkState;
  connections: number;
  nextTryMs: number | null;
  lastError: Failure | null;
}

export function networkView(settings: IrcNetworkSettings, station: Station, now: State): IrcNetworkView {
  const { name, host, port } = settings;
  const { writer, nick, mask, channels, people, connection, clock } = station;
  return {
    name,
    server: `${host}:${port}`,
    state: now.state,
    lastError: now.lastError,
    nextTryMs: now.nextTryMs === null ? null : Math.max(0, Math.round(now.nextTryMs)),
    nick: nick.current,
    mask: mask.text,
    account: now.state === "online" ? (connection?.account ?? null) : null,
    channels: channels.view(clock.now(), (channel) => people.count(channel)),
    counts: { ...station.traffic, ...writer.counts, ignored: station.ignored, connections: now.connections },
    queue: {
      control: writer.lengthOf(LineLane.CONTROL),
      fresh: writer.lengthOf(LineLane.FRESH),
      again: writer.lengthOf(LineLane.AGAIN),
      unconfirmed: writer.unconfirmed,
    },
  };
}
