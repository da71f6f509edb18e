/** The gateway in one line: who it is, for how long, and what it keeps. */
import { formatBytes, formatDuration, formatNumber } from "./format.ts";
import type { Feed } from "./model.ts";
import type { Status } from "./shapes.ts";

const words: Record<Feed, string> = {
  connecting: "connecting",
  live: "live",
  lost: "connection lost",
  refused: "no access",
  tokenless: "no access",
};

export function StatusLine({ status, feed }: { status: Status | null; feed: Feed }) {
  return (
    <ul class="status" aria-label="Gateway">
      <li class={`badge ${feed}`}>{words[feed]}</li>
      {status !== null && <Details status={status} />}
    </ul>
  );
}

function Details({ status: { gateway, version, uptimeS, store, tcp } }: { status: Status }) {
  return (
    <>
      <li>
        <strong>{gateway}</strong>, version {version}
      </li>
      <li>up {formatDuration(uptimeS)}</li>
      <li>
        {formatNumber(store.messages)} messages, {formatBytes(store.bytes)}{" "}
        {store.kind === "memory" && <em>in memory: gone when the gateway stops</em>}
        {store.dropped > 0 && <em>, {formatNumber(store.dropped)} older ones given up</em>}
        {store.low !== "" && <em>, keeps nothing new for other gateways: {store.low}</em>}
        {store.fault !== "" && <em>, takes nothing now: {store.fault}</em>}
      </li>
      <li>{tcp === null ? "no boards on the network" : `boards on the network: ${addressOf(tcp)}`}</li>
    </>
  );
}

export function addressOf({ host, port }: { host: string; port: number }): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
