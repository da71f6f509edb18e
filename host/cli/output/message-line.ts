/** A delivered message as one line for people: `12:04:05 sim-1  l:telemetry  temp 22.4 °C  free 1830  up 00:00:10`. */
import type { DeliveredMessage } from "../../store/store.ts";
import { formatUptime } from "../arguments/duration.ts";
import { formatJson, printable } from "./display.ts";

type Fields = Record<string, unknown>;

/** Fields that the line shows in other ways, or that only programs need. */
const leftOut = ["ot", "t", "re", "rq", "err", "kill"];

/** `now`: ms since 1970; a message of another day has its date. */
export function formatMessage({ device, at, message }: DeliveredMessage, now = Date.now()): string {
  const fields = message.ot === "l:telemetry" ? telemetryOf(message) : fieldsOf(message);
  return [`${formatWhen(at, now)} ${printable(device)}`, kindOf(message), ...fields].join("  ");
}

/** `12:04:05` of the machine's own time. */
export function formatTime(ms: number): string {
  const time = new Date(ms);
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((n) => String(n).padStart(2, "0"))
    .join(":");
}

/** `2026-11-27 12:04:05` of the machine's own time. */
export function formatDate(ms: number): string {
  return `${formatDay(ms)} ${formatTime(ms)}`;
}

/** The time of today, the date with it of any other day. `now`: ms since 1970. */
export function formatWhen(ms: number, now: number): string {
  return formatDay(ms) === formatDay(now) ? formatTime(ms) : formatDate(ms);
}

function formatDay(ms: number): string {
  const time = new Date(ms);
  const day = [time.getFullYear(), time.getMonth() + 1, time.getDate()];
  return day.map((n) => String(n).padStart(2, "0")).join("-");
}

function kindOf({ ot, re, rq, kill }: Fields): string {
  if (typeof re === "number") return `reply ${re}`;
  if (typeof kill === "number") return `cancel ${kill}`;
  const type = typeof ot === "string" ? printable(ot) : "message";
  return typeof rq === "number" ? `request ${rq} ${type}` : type;
}

function fieldsOf(message: Fields): string[] {
  const err = message.err === undefined ? [] : [`error: ${show(message.err)}`];
  const names = Object.keys(message).filter((name) => !leftOut.includes(name));
  return [...err, ...names.map((name) => `${printable(name)} ${show(message[name])}`)];
}

/** The standard firmware's (interface: messages); a sensor that is not there sends null. */
function telemetryOf({ ot, t, temp, supply, free, total, uptime, flags, lost, ...others }: Fields): string[] {
  const fields = [
    typeof temp === "number" ? `temp ${temp} °C` : "",
    typeof supply === "number" ? `supply ${supply} V` : "",
    free === undefined ? "" : `free ${show(free)}`,
    typeof uptime === "number" ? `up ${formatUptime(uptime)}` : "",
    Array.isArray(flags) && flags.length > 0 ? `flags ${flags.map(show).join(" ")}` : "",
    lost === 0 || lost === undefined ? "" : `lost ${show(lost)}`,
  ];
  return [...fields.filter((field) => field !== ""), ...fieldsOf(others)];
}

function show(value: unknown): string {
  return typeof value === "string" ? printable(value) : formatJson(value);
}
