/** The newest messages, the newest first. */
import { formatNumber, formatTime } from "./format.ts";
import type { Line } from "./model.ts";

export function Newest({ lines, unseen, now }: { lines: Line[]; unseen: number; now: number }) {
  if (lines.length === 0) return null;
  return (
    <section aria-labelledby="newest">
      <h2 id="newest">Newest messages</h2>
      {unseen > 0 && <p class="warn">{formatNumber(unseen)} messages went by unseen</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls is scrolled by keys */}
      <ol class="newest" tabIndex={0} aria-labelledby="newest">
        {lines.map((line) => (
          <li key={line.n}>
            <span class="quiet">{line.n}</span>
            <time dateTime={new Date(line.at).toISOString()}>{formatTime(line.at, now)}</time>
            <span>{line.device}</span>
            <strong>{line.type}</strong>
            <span class="text">{line.text}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
