/** The numbers of runs, kept as a file: of each row the newest. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import type { Report } from "./row.ts";

/** What a row was measured on. */
export interface Circumstances {
  /** The day: 2026-01-31. */
  day: string;
  node: string;
  cpu: string;
  cores: number;
  /** Processes that ran or wanted to in the minute before, on average: on a machine with nothing else to do, next to none. */
  load: number;
}

export type KeptReport = Report & { on: Circumstances };

/** Four digits: more is noise, and would be lines of a change. */
const DIGITS = 4;

export function circumstancesNow(): Circumstances {
  const all = cpus();
  return {
    day: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    cpu: all[0]?.model ?? "unknown",
    cores: all.length,
    load: Number(loadavg()[0].toFixed(1)),
  };
}

/** None where there is no file yet. */
export function readKept(file: string): KeptReport[] {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];
}

/** `fresh` in place of older ones of the same rows, all in the order of `names`. */
export function merged(
  kept: readonly KeptReport[],
  fresh: readonly KeptReport[],
  names: readonly string[],
): KeptReport[] {
  const newest = new Map([...kept, ...fresh].map((report) => [report.row, report]));
  return names.flatMap((name) => newest.get(name) ?? []);
}

export function writeKept(file: string, reports: readonly KeptReport[]): void {
  writeFileSync(file, `${formatKept(reports)}\n`);
}

/** A row a line or more, lists of numbers in one line. */
function formatKept(reports: readonly KeptReport[]): string {
  const text = JSON.stringify(reports, (_, value) => (typeof value === "number" ? rounded(value) : value), 1);
  return text.replace(/\[[\s\d.,e+-]+\]/g, (list) =>
    list.replace(/\s+/g, " ").replace("[ ", "[").replace(" ]", "]"),
  );
}

/** What is whole stays whole: counts, goals. */
const rounded = (value: number) => (Number.isInteger(value) ? value : Number(value.toPrecision(DIGITS)));
