/** V1: how long the page is busy with 200 boards, beside the same page with one. */
import { browserMissing } from "../host/http/testing/browser.ts";
import { type Drawings, MEASURED_MS, probePage, type View } from "./page-work.ts";
import { runProbe } from "./probe.ts";
import { spread } from "./report.ts";
import { versionsOf } from "./root.ts";
import type { Row } from "./row.ts";
import { ratioOf, spreadOf } from "./statistics.ts";
import { atMost } from "./verdict.ts";

const views: View[] = ["overview", "boards"];
/** Above it what a person does waits for the page, and is felt to. */
const MOST_MS = 50;
/** Of 200 boards, to one: far less than 200 times as much. */
const MOST_BUSY = 20;

export const page: Row = {
  name: "V1",
  title: "the page in Chromium: 200 boards at 1 message/s each",
  contenders: [],
  probes: { "V1 page": probePage },
  async run(effort) {
    const report = {
      row: this.name,
      title: this.title,
      notes: [
        "a gateway as it is installed, its page at 1280 x 800, boards on TCP; beside it the same with one board, measured by turns",
        `busy: what the main thread of the page ran, of the browser's own trace, over ${MEASURED_MS / 1000} s a round: scripts, style, layout, paint`,
        "drawing: the same in a fifth of a second, in which the page draws once at most",
      ],
      versions: versionsOf("playwright-core", "preact"),
      groups: [],
      facts: [],
      verdicts: [],
    };
    if (browserMissing !== "") return { ...report, skipped: browserMissing };
    const { one, many } = await runProbe<Drawings>("V1 page", effort);
    const facts = views.flatMap((view) =>
      (
        [
          ["200 boards", many[view]],
          ["one board", one[view]],
        ] as const
      ).map(
        ([who, { busyMs, p50Ms, p95Ms, longestMs, long }]) =>
          `${view}, ${who}: busy ${spread(busyMs, "ms")} a second; drawing p50 ${spread(p50Ms, "ms")}, p95 ${spread(p95Ms, "ms")}; ` +
          `longest task ${spread(longestMs, "ms")}, longer than 50 ms: ${long.join(", ")}`,
      ),
    );
    const verdicts = views.flatMap((view) => [
      atMost(`${view}: busy, 200 boards / one`, ratioOf(many[view].busyMs, one[view].busyMs), MOST_BUSY),
      atMost(`${view}: drawing of 200 boards, p95`, spreadOf(many[view].p95Ms), MOST_MS, "ms"),
      atMost(`${view}: longest task with 200 boards`, spreadOf(many[view].longestMs), MOST_MS, "ms"),
    ]);
    return { ...report, facts, verdicts };
  },
};
