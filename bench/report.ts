/** Reports as text: a table of contenders, and a table of goals. */
import type { Measurement } from "./rounds.ts";
import type { Figure, Report } from "./row.ts";
import { spreadOf } from "./statistics.ts";
import type { Verdict } from "./verdict.ts";

/** All of one row. */
export function formatReport(report: Report): string {
  const { row, title, notes, versions, groups, facts, verdicts, skipped, figures = [] } = report;
  const lines = [`${row}  ${title}`];
  if (versions.length > 0) lines.push(`    ${versions.join(", ")}, Node ${process.versions.node}`);
  for (const note of notes) lines.push(`    ${note}`);
  if (skipped !== undefined) lines.push(`    skipped: ${skipped}`);
  for (const group of groups) lines.push("", ...formatGroup(group.title, group.measurements));
  if (facts.length > 0) lines.push("", ...facts.map((fact) => `    ${fact}`));
  if (figures.length > 0) lines.push("", ...formatFigures(figures));
  if (verdicts.length > 0) lines.push("", ...formatVerdicts(verdicts, "    "));
  return lines.join("\n");
}

/** The goals of all rows together. */
export function formatSummary(reports: readonly Report[]): string {
  const lines = ["Goals"];
  for (const { row, verdicts, skipped } of reports) {
    if (skipped !== undefined) lines.push(`    ${row}  skipped: ${skipped}`);
    lines.push(...formatVerdicts(verdicts, `    ${row}  `));
  }
  const all = reports.flatMap(({ verdicts }) => verdicts);
  lines.push(`    ${all.filter(({ isMet }) => isMet).length} of ${all.length} met`);
  return lines.join("\n");
}

function formatGroup(title: string, measurements: readonly Measurement[]): string[] {
  const head = [title, "Mmsg/s", "(min – max)", "CPU ns/msg", "B/msg", "ours is", "(min – max)", "by CPU"];
  const rows = measurements.map(({ label, rate, cpuNs, bytes, ratio, cpuRatio }, i) => [
    label,
    short(rate.median),
    `(${short(rate.min)} – ${short(rate.max)})`,
    short(cpuNs),
    bytes === undefined ? "" : short(bytes),
    i === 0 ? "" : `${short(ratio.median)} ×`,
    i === 0 ? "" : `(${short(ratio.min)} – ${short(ratio.max)})`,
    i === 0 ? "" : `${short(cpuRatio)} ×`,
  ]);
  return align([head, ...rows], "    ");
}

function formatFigures(figures: readonly Figure[]): string[] {
  const rows = figures.map(({ what, unit, median, min, max }) => [
    what,
    `${short(median)} ${unit}`,
    `(${short(min)} – ${short(max)})`,
  ]);
  return align(rows, "    ");
}

function formatVerdicts(verdicts: readonly Verdict[], indent: string): string[] {
  const rows = verdicts.map(({ what, value, min, max, bound, goal, aim, unit, isMet }) => [
    what,
    `${short(value)} ${unit}`,
    min === undefined || max === undefined ? "" : `(${short(min)} – ${short(max)})`,
    `${bound} ${short(goal)}${aim === undefined ? "" : ` (${short(aim)})`} ${unit}`,
    isMet ? "met" : "NOT MET",
  ]);
  return align(rows, indent);
}

/** The first column to the left, the others to the right. */
function align(rows: readonly string[][], indent: string): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column].length))) ?? [];
  return rows.map((row) => {
    const cells = row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])));
    return `${indent}${cells.join("  ")}`.trimEnd();
  });
}

/** "12.3 µs (11 – 20)": the median and the ends. */
export function spread(values: readonly number[], unit: string): string {
  const { median, min, max } = spreadOf(values);
  return `${short(median)} ${unit} (${short(min)} – ${short(max)})`;
}

/** Three digits: 0.0123, 1.23, 12.3, 123; whole numbers above. */
export function short(value: number): string {
  if (value === 0 || Math.abs(value) >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}
