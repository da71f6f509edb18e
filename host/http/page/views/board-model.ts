/** What one board is asked for while it is looked at: its series, its timeline and its session. */
import type { SeriesList } from "../../../history/series.ts";
import type { TimelinePage } from "../../../timeline/happening.ts";
import type { Session } from "../shapes.ts";
import { Answer, type Slice } from "../slice.ts";
import { ChartsModel } from "./charts-model.ts";

const SERIES_EVERY_MS = 60_000;
const LOOK_EVERY_MS = 5000;
/** Of its timeline; all of it is a view of its own. */
const MAX_HAPPENINGS = 30;

export class BoardModel {
  readonly series: Answer<SeriesList>;
  readonly charts = new ChartsModel();
  readonly timeline: Answer<TimelinePage>;
  readonly sessions = new Answer<{ sessions: Session[] }>("/api/v1/sessions", LOOK_EVERY_MS);

  constructor(readonly id: string) {
    const name = encodeURIComponent(id);
    this.series = new Answer(`/api/v1/history/series?device=${name}`, SERIES_EVERY_MS, "", ({ series }) =>
      this.charts.takeSeries(series),
    );
    const about = `subject=board:${name}&limit=${MAX_HAPPENINGS}`;
    this.timeline = new Answer(`/api/v1/timeline?${about}`, LOOK_EVERY_MS);
  }

  get slices(): Slice[] {
    return [this.series, this.charts, this.timeline, this.sessions];
  }

  get session(): Session | undefined {
    return this.sessions.value?.sessions.find(({ device }) => device === this.id);
  }
}
