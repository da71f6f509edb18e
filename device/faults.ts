/** What went wrong since the last telemetry: error flags as the board names them, and what programs threw. */

let faults: string[] = [];

export function noteFaults(names: string[]): void {
  "cold";
  for (let i = 0; i < names.length; i++) if (faults.indexOf(names[i]) < 0) faults.push(names[i]);
}

/** Those noted so far; they stay until clearFaults(). */
export function notedFaults(): string[] {
  "cold";
  return faults;
}

export function clearFaults(): void {
  "cold";
  faults = [];
}
