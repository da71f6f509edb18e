/** The dashboard and the alerts of monitoring/: they ask for what a scrape has, and Prometheus understands them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { fullHouse, metricsOf } from "../http/testing/full-house.ts";
import { isPromtoolAvailable, promtool, promtoolNeeded } from "./testing/promtool.ts";
import { familiesOf, samplesOf } from "./testing/samples.ts";

const folder = fileURLToPath(new URL("../../monitoring", import.meta.url));
const read = (name: string) => readFileSync(join(folder, name), "utf8");

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; description: string };
}
interface AlertCase {
  alertname: string;
  exp_alerts: object[];
}

const rules: Rule[] = parse(read("alerts.yml")).groups[0].rules;
const cases: AlertCase[] = parse(read("alerts.test.yml")).tests.flatMap(
  (one: { alert_rule_test: AlertCase[] }) => one.alert_rule_test,
);
const dashboard = JSON.parse(read("grafana.json"));

/** Every query of the dashboard, its variables as Grafana puts them in. */
function queries(): string[] {
  const targets: { expr: string }[] = dashboard.panels.flatMap(
    (panel: { targets?: object[] }) => panel.targets ?? [],
  );
  return targets.map(({ expr }) => expr.replaceAll("$__rate_interval", "5m").replaceAll("$instance", ".*"));
}

/** Metrics that a query names, and the labels that it asks of each. */
function namedIn(expr: string): { metric: string; labels: string[] }[] {
  return [...expr.matchAll(/\b((?:bowline|process|nodejs)_[a-z_0-9]+)(?:\{([^}]*)\})?/g)].map(
    ([, metric, matchers = ""]) => ({
      metric,
      labels: [...matchers.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label]) => label),
    }),
  );
}

/** What Prometheus itself puts to each sample. */
const byPrometheus = ["instance", "job"];

test("whatever the dashboard and the alerts ask for is in a scrape, with the labels they ask for", async () => {
  const { text } = await metricsOf(fullHouse()).scrape("");
  const labels = new Map<string, Set<string>>();
  for (const sample of samplesOf(text).keys()) {
    const [metric, list = ""] = sample.split("{");
    const known = labels.get(metric) ?? new Set(byPrometheus);
    for (const [, label] of list.matchAll(/(\w+)="/g)) known.add(label);
    labels.set(metric, known);
  }
  const asked = [...queries(), ...rules.map(({ expr }) => expr)].flatMap(namedIn);
  expect(asked.length).toBeGreaterThan(60);
  const missing = asked.filter(
    ({ metric, labels: wanted }) =>
      wanted.some((label) => !labels.get(metric)?.has(label)) || !labels.has(metric),
  );
  expect(missing).toEqual([]);
});

test("each alert has been seen to stay silent and to tell, and says how bad it is and what to do", () => {
  const seen = (alert: string) => {
    const counts = cases
      .filter(({ alertname }) => alertname === alert)
      .map(({ exp_alerts }) => exp_alerts.length);
    return [Math.min(...counts), Math.max(...counts)];
  };
  expect(rules.map(({ alert }) => [alert, ...seen(alert)])).toEqual(rules.map(({ alert }) => [alert, 0, 1]));
  for (const { alert, labels, annotations } of rules) {
    expect([alert, ["warning", "critical"].includes(labels.severity)]).toEqual([alert, true]);
    expect([alert, annotations.description.length > 20]).toEqual([alert, true]);
  }
});

test("the dashboard's panels have ids of their own, do not overlap, and fit in the grid", () => {
  const panels: { id: number; title: string; gridPos: { x: number; y: number; w: number; h: number } }[] =
    dashboard.panels;
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = new Map<string, string>();
  for (const { title, gridPos } of panels)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect([title, x < 24, cells.get(`${x},${y}`)]).toEqual([title, true, undefined]);
        cells.set(`${x},${y}`, title);
      }
});

test("docs/metrics.md tells every metric of ours with its labels and what it is", async () => {
  const { text } = await metricsOf(fullHouse()).scrape("");
  const samples = [...samplesOf(text).keys()];
  const rows = [...familiesOf(text).keys()]
    .filter((name) => name.startsWith("bowline_"))
    .map((name) => {
      const all = samples.filter(
        (sample) => sample.replace(/_(bucket|sum|count)(?=\{|$)/, "").split("{")[0] === name,
      );
      const labels = new Set(
        all.flatMap((sample) => [...sample.matchAll(/(\w+)="/g)].map(([, label]) => label)),
      );
      labels.delete("le");
      const shown = labels.size === 0 ? "" : `{${[...labels].join(",")}}`;
      const help = new RegExp(`^# HELP ${name} (.*)$`, "m").exec(text)![1];
      return `| \`${name.slice("bowline_".length)}${shown}\` | ${help} |`;
    });
  const page = readFileSync(join(folder, "../docs/metrics.md"), "utf8");
  expect(/<!-- metrics -->\n\n([\s\S]*?)\n\n<!-- \/metrics -->/.exec(page)?.[1]).toBe(
    ["| metric | is |", "|---|---|", ...rows].join("\n"),
  );
});

describe.skipIf(!isPromtoolAvailable)(`read by Prometheus itself (${promtoolNeeded})`, () => {
  test("the alerts tell what they are to tell, and nothing else", () => {
    expect(promtool(["test", "rules", "alerts.test.yml"], "", folder)).toMatchObject({ code: 0 });
  });

  test("rules, the example of a configuration and every query of the dashboard are understood", () => {
    expect(promtool(["check", "config", "--syntax-only", "prometheus.yml"], "", folder)).toMatchObject({
      code: 0,
    });
    expect(promtool(["check", "rules", "alerts.yml"], "", folder)).toMatchObject({ code: 0 });
    const place = mkdtempSync(join(tmpdir(), "bowline-queries-"));
    const check = (exprs: string[]) => {
      const recorded = exprs.map((expr, i) => ({ record: `query_${i}`, expr }));
      writeFileSync(
        join(place, "queries.json"),
        JSON.stringify({ groups: [{ name: "queries", rules: recorded }] }),
      );
      return promtool(["check", "rules", "queries.json"], "", place);
    };
    try {
      expect(check(queries())).toMatchObject({ code: 0 });
      expect(check(["sum by (a (b)"])).toMatchObject({ code: 1 });
    } finally {
      rmSync(place, { recursive: true });
    }
  });
});
