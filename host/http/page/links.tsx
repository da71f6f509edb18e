/** Serial lines and sockets, with what the lines counted; ports that wait, and for what; ports that are lent. */
import { formatBytes, formatNumber, formatTime } from "./format.ts";
import type { Link, Ports } from "./shapes.ts";

export function Links({ ports: { serial, links }, now }: { ports: Ports; now: number }) {
  const waiting = serial.filter(({ open, waitingFor }) => !open && waitingFor !== "");
  const lent = serial.filter((port) => port.lent !== null);
  if (waiting.length + lent.length + links.length === 0) return null;
  return (
    <section aria-labelledby="links">
      <h2 id="links">Links</h2>
      <ul class="links">
        {waiting.map(({ path, waitingFor }) => (
          <li key={path}>
            <code>{path}</code>
            <span class="badge lost">waiting</span>
            <span>{waitingFor}</span>
          </li>
        ))}
        {lent.map(({ path, lent }) => (
          <li key={path}>
            <code>{path}</code>
            <span class="badge connecting">lent</span>
            <span>
              to {lent?.to} since {formatTime(lent?.since ?? 0, now)}
            </span>
          </li>
        ))}
        {links.map((link) => (
          <LinkRow key={link.name} link={link} />
        ))}
      </ul>
    </section>
  );
}

function LinkRow({ link: { name, open, stalled, frames, noise = 0, stale = 0 } }: { link: Link }) {
  const [look, word] = stalled ? ["lost", "stalled"] : open ? ["live", "open"] : ["connecting", "opening"];
  return (
    <li>
      <code>{name}</code>
      <span class={`badge ${look}`}>{word}</span>
      {frames === undefined ? null : (
        <span>
          frames {formatNumber(frames)} · noise{" "}
          <span class={noise > 0 ? "warn" : ""}>{formatBytes(noise)}</span>
          {stale > 0 && ` · stale frames ${formatNumber(stale)}`}
        </span>
      )}
    </li>
  );
}
