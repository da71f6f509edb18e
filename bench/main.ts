/** `npm run bench [-- P1 P5 …] [--json] [--rounds N]`: the rows of performance §2, peers and ours side by side. */
import { parseArgs } from "node:util";
import { board } from "./board.ts";
import { linkDecode } from "./link-decode.ts";
import { formatReport, formatSummary } from "./report.ts";
import type { Report, Row } from "./row.ts";
import { type Effort, serve, startChild } from "./runner.ts";
import { sessionDecode } from "./session-decode.ts";

const rows: Row[] = [sessionDecode, linkDecode, board];
const usual: Effort = { rounds: 9, warmUpMs: 400, roundMs: 150, allocationCycles: 100 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean" }, rounds: { type: "string" }, work: { type: "string" } },
});

if (values.work !== undefined) await serve(workNamed(values.work));
else await runRows(positionals);

async function runRows(names: string[]): Promise<void> {
  const unknown = names.filter((name) => !rows.some((row) => row.name === name));
  if (unknown.length > 0) {
    console.error(
      `bench: no row ${unknown.join(", ")}; there are ${rows.map(({ name }) => name).join(", ")}`,
    );
    process.exitCode = 2;
    return;
  }
  const effort = { ...usual, rounds: Math.max(1, Number(values.rounds) || usual.rounds) };
  const reports: Report[] = [];
  for (const row of rows) {
    if (names.length > 0 && !names.includes(row.name)) continue;
    const report = await row.run(effort, startChild);
    reports.push(report);
    if (!values.json) console.log(`${formatReport(report)}\n`);
  }
  console.log(
    values.json ? JSON.stringify({ node: process.versions.node, reports }) : formatSummary(reports),
  );
}

function workNamed(name: string) {
  const contender = rows.flatMap(({ contenders }) => contenders).find((one) => one.name === name);
  if (contender === undefined) throw new Error(`bench: no work is named ${name}`);
  return contender.work();
}
