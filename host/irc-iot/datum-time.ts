/** When a Datum was made: `t` as IRC-IoT writes it, and as boards do. */

const WRITTEN = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:?\d\d)?$/;
/** From here on a number is milliseconds since 1970 (September 2001); below it is something else. */
const FIRST_MS = 1e12;

/** Milliseconds since 1970; undefined: it does not say. Without a zone it counts as UTC, which is what we write. */
export function parseDatumTime(t: unknown): number | undefined {
  if (typeof t === "number") return t >= FIRST_MS && Number.isFinite(t) ? t : undefined;
  if (typeof t !== "string") return undefined;
  // A board's number, which a Datum carries as text.
  if (/^\d{13}$/.test(t)) return parseDatumTime(Number(t));
  const [, day, time, zone = "Z"] = WRITTEN.exec(t) ?? [];
  if (day === undefined) return undefined;
  // Date.parse takes three decimals everywhere, and more where it likes.
  const ms = Date.parse(`${day}T${time.slice(0, 12)}${zone}`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** `2026-01-02 03:04:05.006`, UTC: what every reader of IRC-IoT takes. */
export function formatDatumTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 23).replace("T", " ");
}
