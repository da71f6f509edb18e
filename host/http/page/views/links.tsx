/** Serial lines and sockets, with what the lines counted; ports that wait, and for what; ports that are lent. */
import { formatBytes, formatNumber, formatTime } from "../format.ts";
import type { Link } from "../shapes.ts";
import { Heading } from "../shell/heading.tsx";
import { Empty, Fault } from "../shell/parts.tsx";
import type { ViewProps } from "../views.tsx";

export function Links({ model, now }: ViewProps) {
  const { value, fault } = model.ports;
  const { serial, links } = value ?? { serial: [], links: [] };
  const waiting = serial.filter(({ open, waitingFor }) => !open && waitingFor !== "");
  const lent = serial.filter((port) => port.lent !== null);
  const count = waiting.length + lent.length + links.length;
  return (
    <>
      <Heading>Links</Heading>
      <Fault text={fault} />
      {value !== null && count === 0 && (
        <Empty title="No line is open, and no port waits">
          <p>A board that is plugged in, or connects over the network, appears here.</p>
        </Empty>
      )}
      <ul class="links">
        {waiting.map(({ path, waitingFor }) => (
          <li key={path}>
            <code>{path}</code>
            <span class="badge bad">waiting</span>
            <span>{waitingFor}</span>
          </li>
        ))}
        {lent.map(({ path, lent }) => (
          <li key={path}>
            <code>{path}</code>
            <span class="badge warn">lent</span>
            <span>
              to {lent?.to} since {formatTime(lent?.since ?? 0, now)}
            </span>
          </li>
        ))}
        {links.map((link) => (
          <LinkRow key={link.name} link={link} />
        ))}
      </ul>
    </>
  );
}

function LinkRow({ link: { name, open, stalled, frames, noise = 0, stale = 0 } }: { link: Link }) {
  const [look, word] = stalled ? ["bad", "stalled"] : open ? ["good", "open"] : ["warn", "opening"];
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
