/** Values, counts and times in few characters, for people. */
import { fieldsOf, numberOf } from "./fields.ts";

/** Fields of a message beyond this are left out, and longer values cut: one message must not fill the page. */
const MAX_FIELDS = 12;
const MAX_VALUE = 60;
/** Fields that the line or the card shows in a place of their own. */
const shownElsewhere = new Set(["ot", "t", "re"]);

const TELEMETRY = "l:telemetry";
/** Of the standard firmware's telemetry (interface: messages); a sensor that is not there sends null. */
const telemetry: Record<string, (value: number) => string> = {
  temp: (value) => `${formatNumber(value)} °C`,
  supply: (value) => `${formatNumber(value)} V`,
  uptime: formatDuration,
};

export interface ShownField {
  name: string;
  text: string;
  /** What can be drawn of it; null: nothing. */
  value: number | null;
}

export function formatFields(message: Record<string, unknown>): ShownField[] {
  const isTelemetry = message.ot === TELEMETRY;
  const fields = fieldsOf(message).filter(
    ([name, value]) => !shownElsewhere.has(name) && !(isTelemetry && saysNothing(name, value)),
  );
  const shown = fields.slice(0, MAX_FIELDS).map(([name, value]): ShownField => {
    const text = formatField(isTelemetry ? TELEMETRY : "", name, value);
    return { name, text, value: numberOf(value) };
  });
  if (fields.length > MAX_FIELDS)
    shown.push({ name: "…", text: `${fields.length - MAX_FIELDS} more`, value: null });
  return shown;
}

/** `type`: of the message it is a field of. */
export function formatField(type: string, name: string, value: unknown): string {
  const hasUnit = type === TELEMETRY && typeof value === "number" && Object.hasOwn(telemetry, name);
  return hasUnit ? telemetry[name](value) : formatValue(value);
}

/** No faults, nothing lost, no sensor. */
function saysNothing(name: string, value: unknown): boolean {
  if (name === "flags") return Array.isArray(value) && value.length === 0;
  return name === "lost" ? value === 0 : value === null;
}

export function formatValue(value: unknown): string {
  const text = typeof value === "number" ? formatNumber(value) : textOf(value);
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE - 1)}…` : text;
}

/** "1 204", "22.47", "-0.003", "0.00042": three decimals, or digits of what is less; thousands parted by a narrow space. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || size >= 1e15) return String(value);
  // Something is not nothing.
  if (size > 0 && size < 0.001) return String(Number(value.toPrecision(3)));
  const [whole, decimals] = String(Number(value.toFixed(3))).split(".");
  const parted = whole.replace(/\B(?=(\d{3})+$)/g, "\u202f");
  return decimals === undefined ? parted : `${parted}.${decimals}`;
}

const units = ["B", "KiB", "MiB", "GiB", "TiB"];

export function formatBytes(bytes: number): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** power;
  return `${value >= 100 || power === 0 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

/** The two largest units: "3 d 4 h", "2 min 10 s". */
export function formatDuration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [Math.floor(seconds) % 60, "s"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

/** The time of day, with the date unless it is today's. */
export function formatTime(at: number, now: number): string {
  const [day, time] = stampOf(at);
  return day === stampOf(now)[0] ? time : `${day} ${time}`;
}

/** The first moment of a day where the reader is: times of day are written alike all through it. */
export const dayOf = (now: number): number => new Date(now).setHours(0, 0, 0, 0);

/** ["2026-11-22", "09:03:07"], where the reader is. */
export function stampOf(at: number): [string, string] {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return [day, [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")];
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value === "" ? "–" : value;
  return JSON.stringify(value) ?? String(value);
}
