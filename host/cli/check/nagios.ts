/** What a monitoring plugin says: one line, performance data behind a bar, and one of four exit codes (Nagios plugin guidelines). */
import type { StatusView } from "../../http/api.ts";
import { BowlineError, type ExitCode, typedMend } from "../../platform/errors.ts";
import type { Problem, ProblemsView } from "../../problems/problem.ts";
import type { DeviceView } from "../../router/views.ts";
import { isAbortError, lossCodes } from "../gateway/http-call.ts";
import { formatAge } from "../output/amounts.ts";
import { printable } from "../output/display.ts";
import { formatSubject } from "../output/happening-words.ts";

/** The guidelines give these numbers; what else ends with them does not matter here. */
const nagiosCodes = { OK: 0, WARN: 1, CRIT: 2, UNKNOWN: 3 } as const satisfies Record<string, ExitCode>;
type NagiosState = keyof typeof nagiosCodes;
/** Told one by one: a pager shows a line. */
const MOST_TOLD = 3;

export interface NagiosResult {
  exitCode: ExitCode;
  state: NagiosState;
  text: string;
  /** "": none. */
  data: string;
}

export function nagiosLine({ state, text, data }: NagiosResult): string {
  // A bar would begin the performance data, and a line break what is shown to nobody.
  const plain = printable(text.replace(/\|/g, "/").replace(/\s+/g, " "));
  return `BOWLINE ${state} - ${plain}${data === "" ? "" : `|${data}`}`;
}

export function nagiosOf(
  { state, problems, more }: ProblemsView,
  status: StatusView,
  devices: readonly DeviceView[],
): NagiosResult {
  const connected = devices.filter((device) => device.connected).length;
  const boards = `${connected} of ${devices.length} boards connected`;
  const told = problems.slice(0, MOST_TOLD).map((problem) => wordsOf(problem, Date.now()));
  const rest = problems.length - told.length + more;
  const words = [...told, ...(rest > 0 ? [`and ${rest} more`] : [])].join("; ");
  return {
    ...result(state === "ok" ? "OK" : state === "warning" ? "WARN" : "CRIT"),
    text: state === "ok" ? `${boards}, nothing is wrong` : `${words} (${boards})`,
    data: dataOf(status, devices.length, connected),
  };
}

/** A gateway that is not there is what such a check is for; that we may not ask it says nothing of it. */
export function unaskable(error: unknown): NagiosResult {
  if (isAbortError(error)) return { ...result("CRIT"), text: "the gateway does not answer", data: "" };
  if (!(error instanceof BowlineError)) return { ...result("UNKNOWN"), text: wordsOfOther(error), data: "" };
  const { code, message, mend } = error;
  const how = mend === "" ? "" : `; mend: ${typedMend(mend)}`;
  const state = lossCodes.includes(code) ? "CRIT" : "UNKNOWN";
  return { ...result(state), text: `${message} [${code}]${how}`, data: "" };
}

const wordsOfOther = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).replace(/^error: /, "");

const result = (state: NagiosState) => ({ state, exitCode: nagiosCodes[state] });

function wordsOf({ subject, what, since }: Problem, now: number): string {
  return `${formatSubject(subject)} ${what}, for ${formatAge(Math.max(0, now - since))}`;
}

/** 'label'=value[unit];warn;crit;min;max */
function dataOf({ problems, store, uptimeS }: StatusView, boards: number, connected: number): string {
  return [
    `boards=${boards};;;0`,
    `connected=${connected};;;0;${boards}`,
    `warnings=${problems.warning};0;;0`,
    `criticals=${problems.critical};;0;0`,
    `messages=${store.next - 1}c`,
    `store=${store.bytes}B;;;0;${store.maxBytes}`,
    `uptime=${uptimeS}s`,
  ].join(" ");
}
