/** What docs/performance.md shows of kept numbers: tables between markers, and the charts beside it. */
import type { MeasuredCurve } from "./curve.ts";
import type { KeptReport } from "./kept.ts";
import { short } from "./report.ts";
import type { Figure } from "./row.ts";
import type { Verdict } from "./verdict.ts";

/** `text` with all its generated parts made anew. Throws when a marker is missing. */
export function rewritten(text: string, reports: readonly KeptReport[]): string {
  const parts = {
    goals: goalsOf(reports),
    curves: curvesOf(reports),
    figures: figuresOf(reports),
    circumstances: circumstancesOf(reports),
  };
  return Object.entries(parts).reduce((rest, [name, part]) => replaced(rest, name, part), text);
}

/** "P2: 64 KiB: session / raw TCP in slabs": how the section is headed that gives the reason of a goal that is not met. */
export function headingOf(row: string, { what }: Verdict): string {
  return `${row}: ${what}`;
}

/** The charts' files, by their names. */
export function chartName(row: string, { name }: MeasuredCurve): string {
  return `${row}-${name}.svg`.toLowerCase();
}

function replaced(text: string, name: string, part: string): string {
  const [begin, end] = [`<!-- ${name}: generated -->`, `<!-- ${name}: end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`document: no ${begin} … ${end} in it, which are to be there`);
  return `${text.slice(0, from + begin.length)}\n${part}\n${text.slice(to)}`;
}

function goalsOf(reports: readonly KeptReport[]): string {
  const lines = reports.flatMap(({ row, verdicts, skipped }) =>
    skipped === undefined
      ? verdicts.map((verdict) => [row, ...goalCells(row, verdict)])
      : [[row, `skipped: ${skipped}`, "", "", "", ""]],
  );
  return table(["", "compared", "goal", "measured", "spread", ""], lines);
}

function goalCells(row: string, verdict: Verdict): string[] {
  const { what, value, min, max, bound, goal, aim, unit, isMet } = verdict;
  const bounds = aim === undefined ? "" : ` (${short(aim)})`;
  return [
    what,
    `${bound} ${short(goal)}${bounds} ${unit}`,
    `${short(value)} ${unit}`,
    min === undefined || max === undefined ? "" : `${short(min)} – ${short(max)}`,
    isMet ? "met" : `[not met](#${anchorOf(headingOf(row, verdict))})`,
  ];
}

function curvesOf(reports: readonly KeptReport[]): string {
  const lines = reports.flatMap(({ row, curves = [] }) =>
    curves.map((curve) => `![${curve.title}, by ${curve.axis}](charts/${chartName(row, curve)})`),
  );
  return lines.join("\n\n");
}

function figuresOf(reports: readonly KeptReport[]): string {
  const lines = reports.flatMap(({ figures = [] }) =>
    figures.map(({ what, unit, median, min, max }: Figure) => [
      what,
      `${short(median)} ${unit}`,
      `${short(min)} – ${short(max)}`,
    ]),
  );
  return table(["one more", "takes", "spread"], lines);
}

/** Rows that were measured alike in one line. */
function circumstancesOf(reports: readonly KeptReport[]): string {
  const groups = new Map<string, string[]>();
  for (const { row, on, versions } of reports) {
    const where = `${on.day}, ${on.cores} cores of ${on.cpu}, Node ${on.node}`;
    const beside = versions.length > 0 ? `, ${versions.join(", ")}` : "";
    groups.set(where, [...(groups.get(where) ?? []), `${row} (load ${on.load}${beside})`]);
  }
  return [...groups].map(([where, rows]) => `* ${where}: ${rows.join("; ")}`).join("\n");
}

function table(head: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replace(/\|/g, "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** As GitHub makes it of a heading. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
}
