/** `bowline kill`: stops a task, and tells whether it did stop (MoniQue KILL2). */
import type { Command } from "commander";
import type { KillView, TaskView } from "../http/work-api.ts";
import { BowlineError } from "../platform/errors.ts";
import { connectClient, type GatewayClient } from "./gateway/client.ts";
import { type GatewayOptions, withGatewayOptions } from "./gateway/locate.ts";
import { formatJson } from "./output/display.ts";
import type { Terminal } from "./process/terminal.ts";
import { allOf, killFault, killWords } from "./tasks/kill-words.ts";
import { taskPath } from "./tasks/task-path.ts";
import { wholeId } from "./tasks/whole-id.ts";

type KillOptions = GatewayOptions & { json?: boolean; children?: boolean };

export function addKill(program: Command, terminal: Terminal): void {
  withGatewayOptions(
    program
      .command("kill")
      .description("stops a task, and tells whether it did stop")
      .argument(
        "<task>",
        "its id, as in `bowline tasks`, or how it begins, 4 letters and more; of a request to a board its number or key",
      )
      .option("--children", "and those that belong to it")
      .option("--json", "what became of it, as one object"),
  )
    .addHelpText(
      "after",
      "\nWaits until that is known, 10 s at most. Who waits for the task's answer is told the error 301, task killed." +
        "\n\nExit codes: 0 it stopped, by this kill; 2 refused: that is no id, or several begin so, and nothing was done; 3 there was nothing" +
        " to stop: it had ended before, with what is told, or is not known here (components are told all the same);" +
        " 6 told, and nothing shows that it stopped, of it or of a child.",
    )
    .action((id: string, options: KillOptions) => kill(id, options, terminal));
}

async function kill(typed: string, options: KillOptions, terminal: Terminal): Promise<void> {
  const client = await connectClient(options, terminal, "what shows that it stopped");
  const path = taskPath(await wholeId(typed, client));
  const view = (await client.delete(`${path}${options.children ? "?children=1" : ""}`)) as KillView;
  const fault = killFault(view, view.outcome === "finished before" ? await endOf(path, client) : undefined);
  if (options.json) terminal.print(formatJson(view));
  // What the fault says needs no line of its own.
  else if (fault === undefined || view.children.length > 0)
    for (const one of allOf(view)) terminal.print(killWords(one));
  if (fault !== undefined) throw fault;
}

/** undefined: it is not kept any more. */
async function endOf(path: string, client: GatewayClient): Promise<TaskView | undefined> {
  try {
    return (await client.get(path)) as TaskView;
  } catch (error) {
    if (error instanceof BowlineError && error.code === "TASK_UNKNOWN") return undefined;
    throw error;
  }
}
