/** Puts measured rows into the documents: kept numbers, charts, and the generated parts of performance.md. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawChart } from "./chart.ts";
import { chartName, rewritten } from "./document.ts";
import { type KeptReport, merged, readKept, writeKept } from "./kept.ts";

/** As growth.ts judges, %. */
const BAND = 20;

/** Into `folder`: bench.json, charts/, performance.md. `names`: all rows, in their order; those not in `fresh` stay. */
export function publish(folder: string, fresh: readonly KeptReport[], names: readonly string[]): void {
  const file = join(folder, "bench.json");
  // Read again as it is kept: what is drawn now is what is drawn from the file later.
  writeKept(file, merged(readKept(file), fresh, names));
  const kept = readKept(file);
  const charts = emptied(join(folder, "charts"));
  for (const [name, svg] of chartsOf(kept)) writeFileSync(join(charts, name), svg);
  const document = join(folder, "performance.md");
  writeFileSync(document, rewritten(readFileSync(document, "utf8"), kept));
}

/** Name and text of each. */
export function chartsOf(kept: readonly KeptReport[]): Map<string, string> {
  const charts = kept.flatMap(({ row, curves = [] }) =>
    curves.map((curve): [string, string] => [chartName(row, curve), drawChart(curve, BAND)]),
  );
  return new Map(charts);
}

/** The folder, made, without the charts that were in it: one of a curve that is no more would stay. */
function emptied(charts: string): string {
  mkdirSync(charts, { recursive: true });
  for (const name of readdirSync(charts)) if (name.endsWith(".svg")) rmSync(join(charts, name));
  return charts;
}
