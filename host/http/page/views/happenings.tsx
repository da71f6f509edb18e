/** What happened, the newest first, in words. */
import type { Happening, TimelinePage } from "../../../timeline/happening.ts";
import { dayOf, formatNumber } from "../format.ts";
import { mendParts } from "../mend.ts";
import { memo } from "../shell/memo.tsx";
import { Time } from "../shell/times.tsx";
import { SubjectLink } from "./subject.tsx";

export function Happenings({ page, now }: { page: TimelinePage | null; now: number }) {
  if (page === null) return null;
  if (page.happenings.length === 0) return <p class="quiet">Nothing has happened yet.</p>;
  return <HappeningRows happenings={page.happenings} now={now} />;
}

interface RowsProps {
  happenings: readonly Happening[];
  now: number;
  /** They are of several subjects. */
  hasSubject?: boolean;
}

export function HappeningRows({ happenings, now, hasSubject = false }: RowsProps) {
  const day = dayOf(now);
  return (
    <ol class={hasSubject ? "happenings of-all" : "happenings"}>
      {happenings.map((one) => (
        <Row key={one.n} one={one} day={day} hasSubject={hasSubject} />
      ))}
    </ol>
  );
}

const Row = memo(({ one, day, hasSubject }: { one: Happening; day: number; hasSubject: boolean }) => (
  <li class={`happening ${one.level}`}>
    <Time at={one.at} now={day} />
    <span class={`kind-mark kind-${one.kind}`}>{one.kind}</span>
    {hasSubject && <SubjectLink subject={one.subject} />}
    <span class="happening-text">
      {hasSubject ? withoutName(one) : one.text}
      {reasonOf(one)} <span class="quiet">{wordsOf(one)}</span>
    </span>
    {one.mend !== undefined && (
      <span class="happening-mend">
        {mendParts(one.mend).map(({ text, isCommand }) =>
          isCommand ? <code key={text}>{text} </code> : `${text} `,
        )}
      </span>
    )}
  </li>
));

/** Its subject stands beside it. */
function withoutName({ text, subject: { name } }: Happening): string {
  return name !== "" && text.startsWith(name) ? text.slice(name.length).replace(/^:? /, "") : text;
}

/** "disconnected: closed by the other side" */
function reasonOf({ fields = {} }: Happening): string {
  return typeof fields.why === "string" && fields.why !== "" ? `: ${fields.why}` : "";
}

/** Other fields that say something: "missing 3, via tcp". */
function wordsOf({ fields: { why: _, ...fields } = {} }: Happening): string {
  const told = Object.entries(fields).filter(([, value]) => value !== "" && value !== null);
  return told
    .map(
      ([name, value]) =>
        `${inWords(name)} ${typeof value === "number" ? formatNumber(value) : textOf(value)}`,
    )
    .join(", ");
}

/** "sent again" of `sentAgain`. */
const inWords = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const textOf = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
