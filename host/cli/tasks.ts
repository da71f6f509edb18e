/** `bowline tasks`: the work that components and boards do, have done and are to do. */
import type { Command } from "commander";
import type { TaskList, TaskView } from "../http/work-api.ts";
import { asTree, type TaskRow } from "../hub/task-tree.ts";
import { parseCount } from "./arguments/options.ts";
import { connectClient } from "./gateway/client.ts";
import { type GatewayOptions, withGatewayOptions } from "./gateway/locate.ts";
import { formatAge } from "./output/amounts.ts";
import { formatJson } from "./output/display.ts";
import { printListing } from "./output/listing.ts";
import type { Column } from "./output/table.ts";
import type { Terminal } from "./process/terminal.ts";
import { addKills } from "./tasks/kills.ts";
import { addRun } from "./tasks/run.ts";
import { taskPath } from "./tasks/task-path.ts";
import { describeTask, endWords, stateTone, stateWords } from "./tasks/task-words.ts";
import { wholeId } from "./tasks/whole-id.ts";

interface TasksOptions extends GatewayOptions {
  json?: boolean;
  state?: string;
  spec?: string;
  limit: string;
}

const columnsAt = (now: number): readonly Column<TaskRow<TaskView>>[] => [
  {
    title: "task",
    value: ({ task, depth }) => `${depth === 0 ? "" : `${"  ".repeat(depth - 1)}└ `}${task.id}`,
  },
  { title: "spec", value: ({ task }) => task.spec },
  { title: "state", value: ({ task }) => stateWords(task), tone: ({ task }) => stateTone(task) },
  { title: "for", value: ({ task }) => formatAge(Math.max(0, now - task.at)) },
  { title: "on", value: ({ task }) => task.on || "-" },
  { title: "asked by", value: ({ task }) => task.creator || "-" },
  { title: "end", value: ({ task }) => endWords(task) || "-" },
];

export function addTasks(program: Command, terminal: Terminal): void {
  const verb = withGatewayOptions(
    program
      .command("tasks")
      .description("what components and boards were asked to do, and what became of it")
      .argument(
        "[id]",
        "one task in detail; the beginning of its id does, 4 letters and more that no other has",
      )
      .option(
        "--state <state>",
        "only those: queued, delivered, running, result, error, killed, expired, silent",
      )
      .option("--spec <spec>", "only what was asked for under that name")
      .option("--limit <n>", "the newest so many", "100")
      .option("--json", "one object a line"),
  )
    // Options behind a verb of its own are that one's.
    .enablePositionalOptions()
    .addHelpText(
      "after",
      "\nqueued: waits for a worker, or was published and nobody has answered; delivered: a worker was given it;" +
        "\nrunning: its worker said so; silent: whoever was given it has answered nothing within" +
        " its patience (monique.patienceS), and it is open all the same. Children stand below their parent." +
        "\nRequests to boards are tasks as well, under their number or the key they came with." +
        "\n\nExamples:" +
        "\n  bowline tasks --state running" +
        '\n  bowline tasks run example_calculator \'{"first":12,"second":42,"action":"+"}\'' +
        "\n  bowline tasks kills                  who stopped what, and whether it did stop" +
        "\n  bowline kill TASK",
    )
    .action((id: string | undefined, options: TasksOptions) =>
      id === undefined ? list(options, terminal) : showOne(id, options, terminal),
    );
  // Options before the verb say as well which gateway is meant.
  const outer = () => verb.opts<TasksOptions>();
  addRun(verb, outer, terminal);
  addKills(verb, outer, terminal);
}

async function list(options: TasksOptions, terminal: Terminal): Promise<void> {
  const { state, spec, json } = options;
  const limit = parseCount("--limit", options.limit);
  const query = new URLSearchParams({ limit: `${limit}`, ...(state && { state }), ...(spec && { spec }) });
  const client = await connectClient(options, terminal);
  const { tasks } = (await client.get(`api/v1/tasks?${query}`)) as TaskList;
  if (json) for (const task of tasks) terminal.print(formatJson(task));
  else
    printListing(
      { rows: asTree(tasks), columns: columnsAt(Date.now()), nothing: nothing(options) },
      {},
      terminal,
    );
  if (!json && tasks.length === limit) terminal.warn(`the newest ${limit}: --limit tells more`);
}

const nothing = ({ state, spec }: TasksOptions) =>
  state === undefined && spec === undefined ? "nothing was asked for yet" : "there is no such task";

async function showOne(typed: string, options: TasksOptions, terminal: Terminal): Promise<void> {
  const client = await connectClient(options, terminal);
  const task = (await client.get(taskPath(await wholeId(typed, client)))) as TaskView;
  if (options.json) terminal.print(formatJson(task));
  else for (const line of describeTask(task, Date.now())) terminal.print(line);
}
