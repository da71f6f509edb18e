/** What went wrong since the last telemetry: error flags as the board names them, and what programs threw. */

/** They are told in one packet, which must find room, and kept where it never leaves. */
const MAX_FAULTS = 8;
/** Characters of each. */
const MAX_TEXT = 48;

let faults: string[] = [];

/** Of more than MAX_FAULTS the first count, and "more" stands for the rest. */
export function noteFaults(names: string[]): void {
  "cold";
  for (let i = 0; i < names.length; i++) {
    const name = names[i].substr(0, MAX_TEXT);
    if (faults.length <= MAX_FAULTS && faults.indexOf(name) < 0)
      faults.push(faults.length < MAX_FAULTS ? name : "more");
  }
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
