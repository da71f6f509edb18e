/** The gateway in few words: who it is, for how long, and what it keeps. */
import { formatBytes, formatDuration, formatNumber } from "../format.ts";
import type { Feed } from "../model.ts";
import type { Status } from "../shapes.ts";
import { Badge, type Look } from "./parts.tsx";

const words: Record<Feed, [Look, string]> = {
  connecting: ["warn", "connecting"],
  live: ["good", "live"],
  lost: ["bad", "connection lost"],
  refused: ["bad", "no access"],
  tokenless: ["bad", "no access"],
};

export function FeedBadge({ feed }: { feed: Feed }) {
  const [look, word] = words[feed];
  return <Badge look={look}>{word}</Badge>;
}

export function GatewayLine({ status: { version, uptimeS, store, role } }: { status: Status }) {
  return (
    <ul class="gateway-line">
      <li>up {formatDuration(uptimeS)}</li>
      <li>
        {formatNumber(store.messages)} messages, {formatBytes(store.bytes)}{" "}
        {store.kind === "memory" && <em>in memory: gone when the gateway stops</em>}
        {store.dropped > 0 && <em>, {formatNumber(store.dropped)} older ones given up</em>}
        {store.low !== "" && <em>, keeps nothing new for other gateways: {store.low}</em>}
        {store.fault !== "" && <em>, takes nothing now: {store.fault}</em>}
      </li>
      <li>
        version {version} · {role === "control" ? "may act" : "may only look"}
      </li>
    </ul>
  );
}

export function addressOf({ host, port }: { host: string; port: number }): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
