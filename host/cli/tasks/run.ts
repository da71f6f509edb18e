/** `bowline tasks run`: hands a task to whoever does it, and prints its result. */
import type { Command } from "commander";
import type { NewTask, TaskView } from "../../http/work-api.ts";
import { type Encoding, encodings } from "../../monique/message.ts";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { parseDuration, parseUpToHour } from "../arguments/duration.ts";
import { parseJson } from "../arguments/json-argument.ts";
import { misreadText } from "../arguments/misread.ts";
import { type GatewayOptions, withGatewayOptions } from "../gateway/locate.ts";
import { formatJson, printable } from "../output/display.ts";
import type { Terminal } from "../process/terminal.ts";
import { RunningTask } from "./running-task.ts";
import { endWords } from "./task-words.ts";

interface RunOptions extends GatewayOptions {
  wait?: boolean;
  timeout: string;
  expires?: string;
  encoding: string;
  parent?: string;
  json?: boolean;
}

export function addRun(tasks: Command, outer: () => GatewayOptions, terminal: Terminal): void {
  withGatewayOptions(
    tasks
      .command("run")
      .description("hands over a task; prints its result; Ctrl-C kills it")
      .argument("<spec>", "what is to be done: example_calculator, or bowline_ID for the board ID")
      .argument("[json]", "what it is to be done with; {} when absent")
      .option("--wait", "waits for its end, as it does without")
      .option("--no-wait", "prints its id, and leaves it")
      .option("--timeout <duration>", "how long its end is waited for; takes s, m, h", "30s")
      .option("--expires <duration>", "not done any more after so long")
      .option("--encoding <encoding>", "of what it is done with: JSON or MessagePack", "JSON")
      .option("--parent <task>", "the task that it belongs to: killing that one with --children kills it")
      .option("--json", "the whole task, as one object"),
  )
    .addHelpText(
      "after",
      "\nA gateway that is restarted meanwhile is waited for: it is the same task, by its id." +
        "\nCtrl-C kills it and tells whether it stopped; once more, and that is not waited for." +
        "\n\nExit codes: 0 its result is printed; 1 somebody killed it; 6 not ended in time, and goes on, or expired;" +
        " 8 it ended with an error, which is printed." +
        "\nExamples:" +
        '\n  bowline tasks run example_calculator \'{"first":12,"second":42,"action":"+"}\'' +
        '\n  bowline tasks run bowline_sim-1 \'{"ot":"l:led","on":true}\'',
    )
    .action((spec: string, json: string | undefined, own: RunOptions) =>
      run(spec, json, { ...outer(), ...own }, terminal),
    );
}

async function run(
  spec: string,
  json: string | undefined,
  options: RunOptions,
  terminal: Terminal,
): Promise<void> {
  const task: NewTask = {
    spec,
    data: json === undefined ? {} : parseJson("JSON", json, `JSON, as '{"first":12}'`),
    encoding: parseEncoding(options.encoding),
    ...(options.parent !== undefined && { pid: options.parent }),
    ...(options.expires !== undefined && { expiresInMs: parseDuration("--expires", options.expires) }),
  };
  const timeoutMs = parseUpToHour("--timeout", options.timeout);
  const running = new RunningTask(options, terminal, task);
  if (options.wait === false) {
    const view = await running.submit();
    terminal.print(options.json ? formatJson(view) : view.id);
    return;
  }
  const view = await running.untilEnded(timeoutMs).catch(async (error) => {
    if (terminal.signal.aborted) terminal.warn(`run: ${await running.kill()}`);
    throw error;
  });
  if (options.json) terminal.print(formatJson(view));
  else printEnd(view, terminal);
  const fault = faultOf(view);
  if (fault !== undefined) throw fault;
}

function printEnd({ result, error, state }: TaskView, terminal: Terminal): void {
  if (error !== undefined && state === "error") terminal.print(formatJson(error));
  else if (result !== undefined) terminal.print(formatJson(result));
  else if (state === "result") terminal.warn("run: it is done; what was answered could not be read");
}

function faultOf(view: TaskView): BowlineError | undefined {
  const { id, spec, state, on } = view;
  const fault = (code: string, seen: string, exitCode: ExitCode) =>
    new BowlineError(code, printable(`running ${spec}: ${seen}`), exitCode, `bowline tasks ${id}`);
  const end = endWords(view);
  switch (state) {
    case "error":
      return fault(
        "TASK_FAILED",
        `${on === "" ? "it was answered" : `${on} answered`} with the error ${end}`,
        ExitCode.refused,
      );
    case "killed":
      return fault("TASK_KILLED", "it was killed; bowline tasks kills tells by whom", ExitCode.failure);
    case "expired":
      return fault("TASK_EXPIRED", `it expired${end === "" ? "" : `: ${end}`}`, ExitCode.timeout);
    default:
      return undefined;
  }
}

function parseEncoding(text: string): Encoding {
  const found = encodings.find((one) => one.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found;
  throw misreadText("--encoding", text, encodings.join(", "));
}
