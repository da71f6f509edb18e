/** One task in words. */
import type { TaskView } from "../../http/work-api.ts";
import { formatAge } from "../output/amounts.ts";
import type { Tone } from "../output/colour.ts";
import { formatJson, printable } from "../output/display.ts";
import { formatWhen } from "../output/message-line.ts";

/** `running`, `running, silent` */
export function stateWords({ state, isSilent }: TaskView): string {
  return isSilent ? `${state}, silent` : state;
}

export function stateTone({ state, isSilent }: TaskView): Tone | undefined {
  if (state === "error") return "bad";
  if (state === "expired" || state === "killed" || isSilent) return "warn";
  return state === "result" ? "good" : undefined;
}

/** Its result or its error, in one line; "" while it has neither. */
export function endWords({ result, error }: TaskView): string {
  if (error !== undefined) return printable(`${error.code} ${error.message}`);
  return result === undefined ? "" : formatJson(result);
}

/** `now`: ms since 1970. */
export function describeTask(task: TaskView, now: number): string[] {
  const { id, spec, creator, parent, children, on, createdAt, expiresAt, at, deliveries, error } = task;
  const where = on === "" ? "" : ` on ${on}`;
  const asked = createdAt === 0 ? "" : `, at ${formatWhen(createdAt, now)}`;
  const lines: [string, string][] = [
    ["task", id],
    ["spec", spec],
    ["state", `${stateWords(task)}${where}, for ${formatAge(Math.max(0, now - at))}`],
    ["asked by", `${creator || "-"}${asked}`],
    ["expires", expiresWords(expiresAt, now)],
    ["parent", parent || "-"],
    ["children", children.join(", ") || "-"],
  ];
  if (deliveries > 1) lines.push(["given", `${deliveries} times: it was with a worker that went`]);
  if (!isOver(task) && task.listeners !== undefined) lines.push(["heard by", heardWords(task.listeners)]);
  if (task.kill !== undefined) lines.push(["kill", killWords[task.kill]]);
  const end = endWords(task);
  if (end !== "") lines.push([error === undefined ? "result" : "error", end]);
  return lines.map(([title, text]) => printable(`${title.padEnd(9)} ${text}`));
}

const killWords = {
  pending: "asked for; whether it stops is not known yet",
  unconfirmed: "asked for, and nothing showed that it stopped",
} as const;

const isOver = ({ state }: TaskView) => state !== "queued" && state !== "delivered" && state !== "running";

function heardWords(listeners: number): string {
  if (listeners === 0) return "nobody: nobody listened for it";
  return listeners === 1 ? "1 connection" : `${listeners} connections`;
}

function expiresWords(at: number, now: number): string {
  if (at === 0) return "never";
  return at > now ? `in ${formatAge(at - now)}` : `at ${formatWhen(at, now)}`;
}
