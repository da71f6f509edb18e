/**
 * `npm run bench [-- P1 P5 …] [--json] [--rounds N] [--quick]`: the rows of performance §2, peers and ours side by side.
 * `--docs docs` puts what was measured into the documents of that folder; `--redraw docs` measures nothing, and makes
 * charts and tables anew of what is kept there. `--profile FOLDER` says of each process
 * where its time went, and leaves its profile there; the profiler takes time, too, so rates are not to be compared then.
 */
import { parseArgs } from "node:util";
import { endProfile, profileInto } from "./child.ts";
import { serveFarEnd } from "./far-end.ts";
import { circumstancesNow, type KeptReport } from "./kept.ts";
import { serveProbe } from "./probe.ts";
import { formatProfiles } from "./profile.ts";
import { publish } from "./publish.ts";
import { formatReport, formatSummary } from "./report.ts";
import type { Row } from "./row.ts";
import { type Effort, serve, startChild } from "./runner.ts";

/** Each is loaded when it is asked for: a process of one contender has no use for the peers of all others. */
const rows: Record<string, () => Promise<Row>> = {
  P1: async () => (await import("./session-decode.ts")).sessionDecode,
  P2: async () => (await import("./stream.ts")).stream,
  P3: async () => (await import("./storing.ts")).storing,
  P4: async () => (await import("./latency.ts")).latency,
  P5: async () => (await import("./link-decode.ts")).linkDecode,
  P6: async () => (await import("./serial.ts")).serial,
  P7: async () => (await import("./board.ts")).board,
  P8: async () => (await import("./gateway-load.ts")).gatewayLoad,
  P9: async () => (await import("./growth.ts")).growth,
  P10: async () => (await import("./queueing.ts")).queueing,
  P11: async () => (await import("./irc-iot.ts")).ircIot,
  P12: async () => (await import("./forwarding.ts")).forwardingRow,
  W1: async () => (await import("./wear.ts")).wear,
  H1: async () => (await import("./history.ts")).historyRow,
  V1: async () => (await import("./page.ts")).page,
};
/** Days of messages: they run when they are named. */
const long = ["W1", "H1"];
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
    docs: { type: "string" },
    profile: { type: "string" },
    redraw: { type: "string" },
    rounds: { type: "string" },
    quick: { type: "boolean" },
    work: { type: "string" },
    far: { type: "string" },
    argument: { type: "string" },
    probe: { type: "string" },
  },
});

if (values.work !== undefined) {
  await serve(await workNamed(values.work));
  endProfile(values.work);
  process.exit(); // its sockets and its far end are left to the kernel
} else if (values.far !== undefined) {
  await serveFarEnd(await named("far end", ({ farEnds }) => farEnds, values.far), values.argument ?? "");
  endProfile(values.far);
  process.exit();
} else if (values.probe !== undefined) {
  await serveProbe(await named("probe", ({ probes }) => probes, values.probe));
  endProfile(values.probe);
  process.exit();
} else if (values.redraw !== undefined) publish(values.redraw, [], Object.keys(rows));
else await runRows(positionals);

async function runRows(names: string[]): Promise<void> {
  const unknown = names.filter((name) => !Object.hasOwn(rows, name));
  if (unknown.length > 0) {
    console.error(`bench: no row ${unknown.join(", ")}; there are ${Object.keys(rows).join(", ")}`);
    process.exitCode = 2;
    return;
  }
  const effort = values.quick ? quick : usual;
  if (values.rounds !== undefined) effort.rounds = Math.max(1, Number(values.rounds) || usual.rounds);
  if (values.profile !== undefined) profileInto(values.profile);
  const reports: KeptReport[] = [];
  const broken: string[] = [];
  for (const [name, load] of Object.entries(rows)) {
    if (names.length > 0 ? !names.includes(name) : long.includes(name)) continue;
    const on = circumstancesNow();
    try {
      const report = { ...(await (await load()).run(effort, startChild)), on };
      reports.push(report);
      // Row by row: what is broken off is not lost.
      if (values.docs !== undefined) publish(values.docs, [report], Object.keys(rows));
      if (!values.json) console.log(`${formatReport(report)}\n`);
    } catch (error) {
      // The other rows are measured all the same.
      broken.push(name);
      console.error(`${name}: ${(error as Error).stack}\n`);
    }
  }
  console.log(
    values.json ? JSON.stringify({ node: process.versions.node, reports }) : formatSummary(reports),
  );
  if (values.profile !== undefined) console.log(`\n${formatProfiles(values.profile)}`);
  if (broken.length === 0) return;
  console.error(`bench: ${broken.join(", ")} did not come to an end, see above`);
  process.exitCode = 1;
}

/** What runs in a process of its own begins with the name of its row. */
function rowOf(name: string): Promise<Row> | undefined {
  const row = name.split(" ", 1)[0];
  return Object.hasOwn(rows, row) ? rows[row]() : undefined;
}

async function workNamed(name: string) {
  const contender = (await rowOf(name))?.contenders.find((one) => one.name === name);
  if (contender === undefined) throw new Error(`bench: no work is named ${name}`);
  return contender.work();
}

async function named<T>(
  what: string,
  table: (row: Row) => Record<string, T> | undefined,
  name: string,
): Promise<T> {
  const row = await rowOf(name);
  const found = row && table(row)?.[name];
  if (found === undefined) throw new Error(`bench: no ${what} is named ${name}`);
  return found;
}
