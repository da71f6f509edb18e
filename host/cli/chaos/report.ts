/** What a run of `bowline chaos` has counted, in words, and whether the promise held. */
import { printable } from "../output/display.ts";
import { formatTable } from "../output/table.ts";
import { type ChainPart, faultsOf, formatWithdrawals } from "./chain/chain-part.ts";
import type { GatewayCounts } from "./gateway-counts.ts";
import type { Counts } from "./ledger.ts";
import type { ReadBack } from "./message-reader.ts";

export interface Report extends GatewayCounts {
  seed: number;
  boards: number;
  serial: boolean;
  powercut: boolean;
  wanted: { packets: number; cuts: number; kills: number };
  /** Everything was counted to the end. */
  isOver: boolean;
  isInterrupted: boolean;
  /** From the boards, and to them. */
  up: Counts;
  down: Counts;
  cuts: number;
  kills: number;
  /** Carried by the lines, both ways. */
  bytes: number;
  readBack: ReadBack | undefined;
  seconds: number;
  /** What boards said that they should not have to say. */
  complaints: readonly string[];
  /** Of a run with several gateways. */
  chain?: ChainPart;
}

const wrongs = ["lost", "repeated", "reordered", "corrupted"] as const;
/** A run that goes wrong goes wrong often; the first say what of. */
const MOST_LINES = 20;

/** What is wrong in few words, of all that formatReport() tells; "": the promise held. */
export function summaryOf(report: Report): string {
  const { readBack } = report;
  const ways = waysOf(report);
  const counts = [
    ...wrongs.map((name) => [ways.reduce((sum, { counts }) => sum + counts[name], 0), name] as const),
    [readBack?.vanished ?? 0, "vanished from the store"] as const,
    [readBack?.changed ?? 0, "changed in the store"] as const,
  ];
  const words = counts.filter(([count]) => count > 0).map(([count, name]) => `${count} ${name}`);
  const others = othersOf(report).length;
  if (others > 0) words.push(`${others} more, told above`);
  return words.join(", ");
}

function waysOf({ up, down, chain }: Report): { way: string; counts: Counts }[] {
  return [
    { way: "from boards", counts: up },
    ...(chain === undefined ? [] : [{ way: "to far end", counts: chain.far }]),
    { way: "to boards", counts: down },
  ];
}

/** What the table and what was read back do not show, a sentence each. */
function othersOf(report: Report): string[] {
  const { up, readBack, wanted, cuts, kills, complaints, isOver, chain } = report;
  const faults = chain === undefined ? [] : faultsOf(chain, isOver);
  if (readBack !== undefined && readBack.gaps > 0)
    faults.push(`${readBack.gaps} gaps in the store's numbers`);
  if (isOver && up.acknowledged < up.sent)
    faults.push(`${up.sent - up.acknowledged} never acknowledged to the boards`);
  if (isOver && (cuts < wanted.cuts || kills < wanted.kills))
    faults.push(`it stood still after ${cuts} of ${wanted.cuts} cuts and ${kills} of ${wanted.kills} kills`);
  return [...faults, ...complaints];
}

function verdictOf(report: Report): "PASS" | "FAIL" | "INTERRUPTED" {
  if (summaryOf(report) !== "") return "FAIL";
  return report.isInterrupted ? "INTERRUPTED" : "PASS";
}

/** `width`: columns of the terminal. */
export function formatReport(report: Report, width?: number): string[] {
  const { seed, up, readBack, isInterrupted, chain } = report;
  const rows = waysOf(report).map(({ way, counts }) => ({ way, ...counts }));
  const names = Object.keys(rows[0]) as (keyof (typeof rows)[0])[];
  const columns = names.map((title) => ({ title, value: (row: (typeof rows)[0]) => row[title] }));
  const lines = [...formatTable(columns, rows, width), formatFaults(report)];
  if (chain !== undefined) lines.push(formatWithdrawals(chain));
  if (readBack !== undefined) {
    const { kept, vanished, changed } = readBack;
    lines.push(`store read back: ${kept} messages, ${vanished} vanished, ${changed} changed`);
  }
  if (isInterrupted) lines.push(`stopped: ${up.sent - up.delivered} messages were on their way`);
  const others = othersOf(report);
  for (const fault of others.slice(0, MOST_LINES)) lines.push(`wrong: ${printable(fault)}`);
  if (others.length > MOST_LINES) lines.push(`wrong: ${others.length - MOST_LINES} more, in --json`);
  return [...lines, `${verdictOf(report)}  seed ${seed}`];
}

/** What was done to it, and what came of that. */
function formatFaults(report: Report): string {
  const { cuts, kills, powercut, connections, resumes, resent, suppressed, bytes, seconds } = report;
  return [
    `${cuts} cuts, ${kills} ${powercut ? "power cuts" : "kills"}, ${connections} connections, ${resumes} of them resumed a session`,
    `${resent} packets resent, ${suppressed} duplicates suppressed`,
    `${(bytes / 1e6).toFixed(1)} MB in ${seconds.toFixed(1)} s`,
  ].join("; ");
}

/** One line for a terminal that is looked at. */
export function formatProgress({ up, down, cuts, kills, wanted, seconds }: Report): string {
  const rate = Math.round(up.delivered / Math.max(0.1, seconds));
  const killed = wanted.kills === 0 ? "" : `  ${kills}/${wanted.kills} kills`;
  const bad = `lost ${up.lost + down.lost}  repeated ${up.repeated + down.repeated}`;
  return `${up.delivered} from boards (${rate}/s), ${down.delivered} to boards  ${cuts}/${wanted.cuts} cuts${killed}  ${bad}`;
}

/** For programs: every count, flat where it can be. */
export function jsonOf(report: Report): object {
  const { isOver, isInterrupted, readBack, chain, ...rest } = report;
  return { verdict: verdictOf(report).toLowerCase(), ...rest, ...chain, store: readBack };
}
