/** The id that is meant by how it begins. */
import type { TaskList } from "../../http/work-api.ts";
import { isId } from "../../monique/id.ts";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import type { GatewayClient } from "../gateway/client.ts";
import { printable } from "../output/display.ts";
import { taskPath } from "./task-path.ts";

/** Fewer letters are too easily somebody else's. */
const LEAST_LETTERS = 4;
/** As many as the API lists. */
const LOOKED_THROUGH = 10_000;
/** The number of a request to a board, which is no beginning of anything. */
const NUMBER = /^\d+$/;
const MOST_SHOWN = 10;

/** -> `typed` itself when it is whole, or nothing begins so: the gateway says what it is then. Rejects with TASK_AMBIGUOUS. */
export async function wholeId(typed: string, client: GatewayClient): Promise<string> {
  if (typed.length < LEAST_LETTERS || isId(typed) || NUMBER.test(typed)) return typed;
  // The key of a request to a board may be how another id begins.
  if (await isKnown(typed, client)) return typed;
  const { tasks } = (await client.get(`api/v1/tasks?limit=${LOOKED_THROUGH}`)) as TaskList;
  const ids = tasks.map(({ id }) => id).filter((id) => id.startsWith(typed));
  if (ids.length > 1) throw ambiguous(typed, ids);
  return ids[0] ?? typed;
}

async function isKnown(id: string, client: GatewayClient): Promise<boolean> {
  try {
    await client.get(taskPath(id));
    return true;
  } catch (error) {
    if (error instanceof BowlineError && error.code === "TASK_UNKNOWN") return false;
    throw error;
  }
}

function ambiguous(typed: string, ids: readonly string[]): BowlineError {
  const more = ids.length > MOST_SHOWN ? `, and ${ids.length - MOST_SHOWN} more` : "";
  const seen = `${ids.slice(0, MOST_SHOWN).map(printable).join(", ")}${more}`;
  const text = `looking for task ${printable(typed)}: several begin so: ${seen}; allowed: so many letters that one does`;
  return new BowlineError("TASK_AMBIGUOUS", text, ExitCode.usage, "bowline tasks");
}
