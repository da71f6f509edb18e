/** What is wrong now: the answer in one line, then each problem with since when and what mends it. */
import type { Problem, ProblemsView } from "../../../problems/problem.ts";
import { Heading } from "../shell/heading.tsx";
import { Mend } from "../shell/mend.tsx";
import { Badge } from "../shell/parts.tsx";
import { Ago, Time } from "../shell/times.tsx";
import type { Answer } from "../slice.ts";
import { SubjectLink } from "./subject.tsx";

interface VerdictProps {
  problems: Answer<ProblemsView>;
  /** When the page last heard of a gateway that it hears no more, ms since 1970; 0: it hears it. */
  pastAt: number;
  now: number;
}

export function Verdict({ problems: { value, fault }, pastAt, now }: VerdictProps) {
  if (fault !== "") return <Heading note={fault}>Whether all is well is not known</Heading>;
  if (value === null) return <Heading>Looking…</Heading>;
  const { state, problems, more, wellSince, checkedAt } = value;
  const count = problems.length + more;
  // How it is now nobody knows: what was said last must not read as an answer.
  if (pastAt > 0) {
    const note = (
      <>
        when last heard, at <Time at={pastAt} now={now} />
      </>
    );
    return (
      <Heading look="verdict" note={note}>
        {count === 0 ? "All was well" : count === 1 ? "One thing was wrong" : `${count} things were wrong`}
      </Heading>
    );
  }
  if (state === "ok") {
    const since = (
      <>
        since <Time at={wellSince} now={now} />, <Ago since={wellSince} now={now} />
      </>
    );
    return (
      <Heading look="verdict good" note={since}>
        All is well
      </Heading>
    );
  }
  const note = (
    <>
      looked at <Time at={checkedAt} now={now} />
    </>
  );
  return (
    <Heading look={`verdict ${state === "critical" ? "bad" : "warn"}`} note={note}>
      {count === 1 ? "One thing is wrong" : `${count} things are wrong`}
    </Heading>
  );
}

export function Problems({ view, now }: { view: ProblemsView | null; now: number }) {
  if (view === null || view.problems.length === 0) return null;
  return (
    <ul class="problems" aria-label="Problems">
      {view.problems.map((problem) => (
        <Row
          key={`${problem.code} ${problem.subject.kind} ${problem.subject.name}`}
          problem={problem}
          now={now}
        />
      ))}
      {view.more > 0 && <li class="quiet">{view.more} more</li>}
    </ul>
  );
}

function Row({ problem: { level, subject, what, since, mend }, now }: { problem: Problem; now: number }) {
  return (
    <li class={`problem ${level === "critical" ? "bad" : "warn"}`}>
      <div class="problem-head">
        <SubjectLink subject={subject} />
        <Badge look={level === "critical" ? "bad" : "warn"}>{level}</Badge>
        <span class="problem-since">
          since <Time at={since} now={now} />, <Ago since={since} now={now} />
        </span>
      </div>
      <p>{what}</p>
      <Mend text={mend} />
    </li>
  );
}
