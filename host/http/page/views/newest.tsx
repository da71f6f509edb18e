/** The newest messages, the newest first. */
import { formatNumber } from "../format.ts";
import type { Line, NewestModel } from "../newest-model.ts";
import { Section } from "../shell/heading.tsx";
import { memo } from "../shell/memo.tsx";
import { Time } from "../shell/times.tsx";

/** `day`: any moment of today. */
export function Newest({ newest: { lines, unseen }, day }: { newest: NewestModel; day: number }) {
  if (lines.length === 0) return null;
  return (
    <Section title="Newest messages" note={unseen > 0 && `${formatNumber(unseen)} messages went by unseen`}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls is scrolled by keys */}
      <ol class="newest" tabIndex={0} aria-label="Newest messages">
        {lines.map((line) => (
          <Row key={line.n} line={line} day={day} />
        ))}
      </ol>
    </Section>
  );
}

const Row = memo(({ line: { n, at, device, type, text }, day }: { line: Line; day: number }) => (
  <li>
    <span class="quiet num">{n}</span>
    <Time at={at} now={day} />
    <span>{device}</span>
    <strong>{type}</strong>
    <span class="text">{text}</span>
  </li>
));
