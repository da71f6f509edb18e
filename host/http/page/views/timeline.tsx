/** What happened: when each board, port, gateway and network was there, what befell it, and all of it in words. */
import { useMemo } from "preact/hooks";
import { type Happening, kindWord } from "../../../timeline/happening.ts";
import { formatDuration, formatNumber, formatTime } from "../format.ts";
import { href } from "../router.ts";
import { Heading, Section } from "../shell/heading.tsx";
import { memo } from "../shell/memo.tsx";
import { Empty, Fault } from "../shell/parts.tsx";
import { Time } from "../shell/times.tsx";
import type { ViewProps } from "../views.tsx";
import { HappeningRows } from "./happenings.tsx";
import { type Bar, type Mark, presenceOf, type Unwatched, unwatchedOf } from "./presence.ts";
import { nameOf, type Range, ranges } from "./timeline-model.ts";

/** Lines of the list; a person who looks for more has the filter. */
const MAX_LINES = 200;
const titles: Record<Range, string> = { "1h": "1 hour", "24h": "24 hours", "7d": "7 days" };
/** Times at which nobody watched, in words. */
const MAX_SPANS = 5;
/** More than its pixels. */
const CHART_STEPS = 2000;
/** Parts of the axis, so that each is a round time. */
const steps: Record<Range, number> = { "1h": 6, "24h": 6, "7d": 7 };

export function Timeline({ model, desk, now }: ViewProps) {
  const { timeline } = model;
  const { range, happenings, before, begin, fault, gaveUpBefore, filter } = timeline;
  const shown = timeline.shown;
  const unwatched = useMemo(
    () => unwatchedOf(happenings ?? [], begin, now - ranges[range]),
    [happenings, begin, range],
  );
  // The chart is drawn anew when a pixel of it may be another one, not each second.
  const step = ranges[range] / CHART_STEPS;
  const to = Math.ceil(now / step) * step;
  return (
    <>
      <Heading note={<Ranges open={range} />}>Timeline</Heading>
      <Fault text={fault} />
      {happenings !== null && happenings.length + before.length === 0 ? (
        <Empty title="Nothing has happened yet">
          <p>
            When a board connects, its line breaks, a session goes on after a break, or something is lost, it
            is told here. <a href={href("boards")}>Boards</a> tells how to connect one.
          </p>
        </Empty>
      ) : (
        <>
          <Filter
            filter={timeline.filter}
            isFaultsOnly={timeline.isFaultsOnly}
            onChange={(filter, isFaultsOnly) => {
              Object.assign(timeline, { filter, isFaultsOnly });
              desk.changed();
            }}
          />
          <Chart {...{ begin, range, to, unwatched }} happenings={shown} isFiltered={filter !== ""} />
          <Unseen spans={unwatched} now={now} />
          <List happenings={shown} now={now} gaveUpBefore={gaveUpBefore} from={now - ranges[range]} />
        </>
      )}
    </>
  );
}

function Ranges({ open }: { open: Range }) {
  return (
    <ul class="ranges" aria-label="How far back">
      {(Object.keys(ranges) as Range[]).map((range) => (
        <li key={range}>
          <a href={href("timeline", range)} aria-current={range === open ? "true" : undefined}>
            {titles[range]}
          </a>
        </li>
      ))}
    </ul>
  );
}

interface FilterProps {
  filter: string;
  isFaultsOnly: boolean;
  onChange(filter: string, isFaultsOnly: boolean): void;
}

function Filter({ filter, isFaultsOnly, onChange }: FilterProps) {
  return (
    <search class="filter">
      <label>
        Filter
        <input
          type="search"
          spellcheck={false}
          autocapitalize="off"
          placeholder="a board, loss, serial, …"
          value={filter}
          onInput={(event) => onChange(event.currentTarget.value, isFaultsOnly)}
        />
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={isFaultsOnly}
          onChange={(event) => onChange(filter, event.currentTarget.checked)}
        />
        Only what went wrong
      </label>
    </search>
  );
}

interface ChartProps {
  happenings: readonly Happening[];
  begin: readonly Happening[];
  isFiltered: boolean;
  unwatched: readonly Unwatched[];
  range: Range;
  to: number;
}

/** A picture of the list below it, which says the same in words: so it is hidden from who does not see it. */
const Chart = memo(({ happenings, begin, isFiltered, unwatched, range, to: now }: ChartProps) => {
  const from = now - ranges[range];
  const names = new Set(happenings.map(({ subject }) => nameOf(subject)));
  const { rows, unshown } = presenceOf(
    happenings,
    begin.filter(({ subject }) => !isFiltered || names.has(nameOf(subject))),
    from,
    now,
    unwatched,
  );
  if (rows.length === 0) return null;
  const ticks = Array.from({ length: steps[range] }, (_, i) => i / steps[range]);
  return (
    <div class="card presence" aria-hidden="true">
      <ul class="presence-key">
        {keys.map(([look, words]) => (
          <li key={look} class="presence-key-item">
            <span class={`swatch ${look}`} />
            {words}
          </li>
        ))}
      </ul>
      <div class="presence-rows">
        {rows.map(({ subject, bars, marks }) => (
          <div key={nameOf(subject)} class="presence-row">
            <span class="presence-name">
              <span class="quiet">{kindWord(subject)}</span> {subject.name}
            </span>
            <span class="track">
              {bars.map((bar) => (
                <span
                  key={bar.from}
                  class={`bar ${lookOf(bar)}`}
                  style={{ left: percent(bar.from), width: percent(bar.to - bar.from) }}
                />
              ))}
              {marks.map((mark) => (
                <span
                  key={mark.at}
                  class={`mark mark-${mark.kind}`}
                  style={{ left: percent(mark.at) }}
                  title={titleOf(mark, now)}
                />
              ))}
            </span>
          </div>
        ))}
        <div class="presence-row axis">
          <span />
          <span class="track">
            {ticks.map((tick) => (
              <span key={tick} class="tick" style={{ left: percent(tick) }}>
                {tickOf(from + tick * (now - from), range)}
              </span>
            ))}
          </span>
        </div>
      </div>
      {unshown > 0 && (
        <p class="quiet">{formatNumber(unshown)} more have no room here: the filter leads to them.</p>
      )}
    </div>
  );
});

const keys = [
  ["there", "there"],
  ["away", "away"],
  ["unwatched", "not watched"],
  ["stroke mark-down", "break"],
  ["stroke mark-resumed", "went on"],
  ["stroke mark-repeats", "repeats dropped"],
  ["stroke mark-loss", "messages missing"],
  ["stroke mark-reset", "began anew"],
  ["stroke mark-fault", "fault"],
] as const;

const lookOf = ({ isThere }: Bar) => (isThere === null ? "unwatched" : isThere ? "there" : "away");

/** What the chart shows of it, in words. */
function Unseen({ spans, now }: { spans: readonly Unwatched[]; now: number }) {
  if (spans.length === 0) return null;
  const shown = spans.slice(-MAX_SPANS).reverse();
  const words = shown.map(({ from, to }) => {
    const forS = formatDuration(Math.ceil((to - from) / 1000));
    return `${formatTime(from, now)} to ${formatTime(to, now)} (${forS})`;
  });
  const more = spans.length - shown.length;
  return (
    <p class="quiet unwatched-words">
      This gateway did not run, and watched nothing, from {words.join("; from ")}
      {more > 0 && `; and ${formatNumber(more)} times before`}.
    </p>
  );
}

function List({
  happenings,
  now,
  gaveUpBefore,
  from,
}: {
  happenings: readonly Happening[];
  now: number;
  gaveUpBefore: number;
  from: number;
}) {
  const more = happenings.length - MAX_LINES;
  return (
    <Section title="In words" note={`${formatNumber(happenings.length)} in this time, the newest first`}>
      {happenings.length === 0 && <p class="quiet">Nothing of the kind in this time.</p>}
      <HappeningRows happenings={happenings.slice(0, MAX_LINES)} now={now} hasSubject />
      {more > 0 && (
        <p class="quiet">{formatNumber(more)} older ones: a shorter time or a filter leads to them.</p>
      )}
      {gaveUpBefore > from && (
        <p class="quiet">
          What was before <Time at={gaveUpBefore} now={now} /> is not kept any more.
        </p>
      )}
    </Section>
  );
}

function titleOf({ happening, count }: Mark, now: number): string {
  const more = count === 1 ? "" : ` (and ${count - 1} more here)`;
  return `${formatTime(happening.at, now)} ${happening.text}${more}`;
}

const percent = (part: number) => `${(part * 100).toFixed(3)}%`;

/** "14:05", or the day where a range has several. */
function tickOf(at: number, range: Range): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const date = new Date(at);
  if (range === "7d") return `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}
