/** What a process uses, as the kernel counts it. */
import { readdirSync, readFileSync } from "node:fs";

export interface Usage {
  /** Bytes of memory that are its own and resident; files that it has mapped, as LevelDB has its tables, are not. */
  memory: number;
  descriptors: number;
  /** Bytes it has caused to be written to disks. */
  written: number;
}

export function usageOf(pid: number): Usage {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const io = readFileSync(`/proc/${pid}/io`, "utf8");
  return {
    memory: field(rollup, "Anonymous") * 1024,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    written: field(io, "write_bytes"),
  };
}

function field(text: string, name: string): number {
  const [, digits] = new RegExp(`^${name}: +(\\d+)`, "m").exec(text) ?? [];
  if (digits === undefined) throw new Error(`/proc says no ${name}`);
  return Number(digits);
}
