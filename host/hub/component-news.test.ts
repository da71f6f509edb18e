/** What the log says of components: each that comes, goes or fails, and of a crowd a few lines. */
import { expect, test } from "vitest";
import type { Log } from "../platform/log.ts";
import { RepeatLimit } from "../platform/repeat-limit.ts";
import { tellNews } from "./component-news.ts";
import type { HistoryLine } from "./views.ts";

const one = { name: "example_a", creator: "0001", address: "127.0.0.1:5", message: "disk full" };

function linesOf(): { log: Log; lines: [string, object, string][] } {
  const lines: [string, object, string][] = [];
  const at = (level: string) => (fields: object, text: string) => void lines.push([level, fields, text]);
  return { lines, log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") } };
}

test("whoever comes, goes, comes back and fails is told of; who is alive, late or silent is not", () => {
  const { log, lines } = linesOf();
  const states: HistoryLine["state"][] = [
    "unknown",
    "alive",
    "late",
    "silent",
    "gone",
    "recovered",
    "down",
    "up",
  ];
  for (const state of states) tellNews(log, one, state);
  const fields = { component: "example_a", creator: "0001", from: "127.0.0.1:5" };
  expect(lines).toEqual([
    ["info", { ...fields, event: "up" }, "is there"],
    ["info", { ...fields, event: "down" }, "is gone: its connection ended"],
    ["info", { ...fields, event: "up" }, "is there again"],
    [
      "warn",
      { ...fields, event: "fault", code: "COMPONENT_DOWN", message: "disk full" },
      "says that its work is down",
    ],
    ["info", { ...fields, event: "mended" }, "works again"],
  ]);
});

test("a thousand that come at once are ten lines, and the rest are counted", () => {
  const { log, lines } = linesOf();
  const limit = new RepeatLimit(log, { now: () => 5, wall: () => 5 });
  for (let i = 0; i < 1000; i++) tellNews(limit, { ...one, name: `example_${i}` }, "unknown");
  limit.stop();
  expect(lines).toHaveLength(11);
  expect(lines[10][1]).toMatchObject({ component: "example_999", times: 990 });
});
