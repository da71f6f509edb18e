/** What happened and what is wrong in a gateway without boards: as a test says. */
import type { Problem, ProblemsView } from "../../problems/problem.ts";
import { countLevels } from "../../problems/problem-watch.ts";
import { Topic } from "../../router/router.ts";
import type { Happening, TimelinePage } from "../../timeline/happening.ts";
import type { TimelineQuery } from "../../timeline/timeline.ts";

export class FakeTimeline extends Topic<Happening> {
  /** The oldest first. */
  readonly held: Happening[] = [];
  gaveUpBefore = 0;
  /** What was asked for. */
  readonly asked: TimelineQuery[] = [];

  /** Something happens, to the board sim-1 unless it is said otherwise. */
  happen(seen: Partial<Happening> & Pick<Happening, "kind">): Happening {
    const happening: Happening = {
      ...{ n: this.held.length + 1, at: Date.now(), level: "info" as const, text: seen.kind },
      ...{ subject: { kind: "board" as const, name: "sim-1" }, ...seen },
    };
    this.held.push(happening);
    this.publish(happening);
    return happening;
  }

  get(n: number): Happening | undefined {
    return this.held[n - 1];
  }

  page(query: TimelineQuery): TimelinePage {
    this.asked.push(query);
    const { from, to, subject, limit } = query;
    const happenings = this.held
      .filter(({ at }) => at >= from && at <= to)
      .filter((one) => subject === undefined || JSON.stringify(one.subject) === JSON.stringify(subject));
    return { happenings: happenings.slice(-limit).reverse(), before: [], gaveUpBefore: this.gaveUpBefore };
  }
}

export class FakeProblems extends Topic<ProblemsView> {
  /** Who is shown them. */
  attending = 0;
  private shown: ProblemsView = {
    ...{ state: "ok", problems: [], more: 0, counts: { warning: 0, critical: 0 } },
    ...{ wellSince: Date.now(), checkedAt: Date.now() },
  };

  /** These are wrong now, and nothing else. */
  become(...problems: Problem[]): void {
    const counts = countLevels(problems);
    const state = problems.length === 0 ? "ok" : counts.critical > 0 ? "critical" : "warning";
    const wellSince = state === "ok" ? Date.now() : 0;
    this.shown = { state, problems, more: 0, counts, wellSince, checkedAt: Date.now() };
    this.publish(this.shown);
  }

  view(): ProblemsView {
    return this.shown;
  }

  attend(): () => void {
    this.attending++;
    return () => void this.attending--;
  }
}
