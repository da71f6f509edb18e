/** What happened, the newest first, in words. */
import type { Happening, TimelinePage } from "../../../timeline/happening.ts";
import { formatNumber } from "../format.ts";
import { Time } from "../shell/times.tsx";

export function Happenings({ page, now }: { page: TimelinePage | null; now: number }) {
  if (page === null) return null;
  if (page.happenings.length === 0) return <p class="quiet">Nothing has happened yet.</p>;
  return (
    <ol class="happenings">
      {page.happenings.map((one) => (
        <li key={one.n} class={`happening ${one.level}`}>
          <Time at={one.at} now={now} />
          <span class={`kind-mark ${one.kind}`}>{one.kind}</span>
          <span>
            {one.text} <span class="quiet">{wordsOf(one)}</span>
          </span>
          {one.mend !== undefined && <code class="happening-mend">{one.mend}</code>}
        </li>
      ))}
    </ol>
  );
}

/** Fields that say something: "missing 3, via tcp". */
function wordsOf({ fields = {} }: Happening): string {
  const told = Object.entries(fields).filter(([, value]) => value !== "" && value !== null);
  return told
    .map(([name, value]) => `${name} ${typeof value === "number" ? formatNumber(value) : textOf(value)}`)
    .join(", ");
}

const textOf = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
