/** Durations on the command line: a number with s, m or h (interface: durations). */
import { misread } from "./misread.ts";

const unitMs: Readonly<Record<string, number>> = { "": 1000, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** The longest a timer of Node can wait. */
const LONGEST_MS = 2 ** 31 - 1;

/** ms of `5`, `5s`, `1.5m`, `2h` or `500ms`; `name` is the option's, for the error. */
export function parseDuration(name: string, text: string): number {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const ms = Math.round(Number(number) * unitMs[unit]);
  if (number !== "" && ms >= 1 && ms <= LONGEST_MS) return ms;
  throw misread(name, `${JSON.stringify(text)} is no duration`, "1ms to 596h, as 500ms, 5s, 2m or 1h");
}

/** The same, of what is bound to an hour: replies that are waited for, pairing. */
export function parseUpToHour(name: string, text: string): number {
  const ms = parseDuration(name, text);
  if (ms <= unitMs.h) return ms;
  throw misread(name, text, "up to 1h");
}

/** `00:00:10`, hours beyond two digits as they come. */
export function formatUptime(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}
