/** `npm run bench [-- P1 P5 …] [--json] [--rounds N] [--quick]`: the rows of performance §2, peers and ours side by side. */
import { parseArgs } from "node:util";
import { board } from "./board.ts";
import { serveFarEnd } from "./far-end.ts";
import { forwardingRow } from "./forwarding.ts";
import { gatewayLoad } from "./gateway-load.ts";
import { ircIot } from "./irc-iot.ts";
import { latency } from "./latency.ts";
import { linkDecode } from "./link-decode.ts";
import { serveProbe } from "./probe.ts";
import { queueing } from "./queueing.ts";
import { formatReport, formatSummary } from "./report.ts";
import type { Report, Row } from "./row.ts";
import { type Effort, serve, startChild } from "./runner.ts";
import { serial } from "./serial.ts";
import { sessionDecode } from "./session-decode.ts";
import { storing } from "./storing.ts";
import { stream } from "./stream.ts";

const rows: Row[] = [
  sessionDecode,
  stream,
  storing,
  latency,
  linkDecode,
  serial,
  board,
  gatewayLoad,
  queueing,
  ircIot,
  forwardingRow,
];
const usual: Effort = {
  rounds: 9,
  warmUpMs: 400,
  roundMs: 150,
  allocationCycles: 100,
  allocationProcesses: 3,
};
/** Whether everything runs; the figures say nothing. */
const quick: Effort = { rounds: 1, warmUpMs: 0, roundMs: 0, allocationCycles: 1, allocationProcesses: 1 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean" },
    rounds: { type: "string" },
    quick: { type: "boolean" },
    work: { type: "string" },
    far: { type: "string" },
    argument: { type: "string" },
    probe: { type: "string" },
  },
});

if (values.work !== undefined) {
  await serve(workNamed(values.work));
  process.exit(); // its sockets and its far end are left to the kernel
} else if (values.far !== undefined) {
  await serveFarEnd(
    named("far end", ({ farEnds }) => farEnds, values.far),
    values.argument ?? "",
  );
  process.exit();
} else if (values.probe !== undefined) {
  await serveProbe(named("probe", ({ probes }) => probes, values.probe));
  process.exit();
} else await runRows(positionals);

async function runRows(names: string[]): Promise<void> {
  const unknown = names.filter((name) => !rows.some((row) => row.name === name));
  if (unknown.length > 0) {
    console.error(
      `bench: no row ${unknown.join(", ")}; there are ${rows.map(({ name }) => name).join(", ")}`,
    );
    process.exitCode = 2;
    return;
  }
  const effort = values.quick ? quick : usual;
  if (values.rounds !== undefined) effort.rounds = Math.max(1, Number(values.rounds) || usual.rounds);
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

function named<T>(what: string, table: (row: Row) => Record<string, T> | undefined, name: string): T {
  const found = rows.map(table).find((entries) => entries?.[name] !== undefined);
  if (found === undefined) throw new Error(`bench: no ${what} is named ${name}`);
  return found[name];
}
