/** Work that does tasks by their spec: what a handler returns is the result, what it throws the error. */
import { ErrorCode } from "../host/monique/codes.ts";
import type * as Api from "./api.d.ts";
import type { serve as Serve } from "./api.d.ts";
import type { ReceivedMessage } from "./received.ts";
import type { MessageSource } from "./source.ts";
import { TaskError } from "./task-error.ts";
import { faultText } from "./work-thread.ts";

export const serve: typeof Serve = (handlers, { from = "hub", atOnce = 1 } = {}) => {
  const specs = Object.keys(handlers);
  if (specs.length === 0) throw new RangeError("serve(): no handler; allowed are one and more");
  if (!Number.isInteger(atOnce) || atOnce < 1)
    throw new RangeError(`serve(): atOnce ${atOnce}; allowed from 1`);
  return async (context) => {
    const topics = specs.map((spec) => `config:${spec}`);
    const source = from === "controller" ? context.fromController : context.fromHub.subscribe(...topics);
    context.signal.addEventListener("abort", () => (source as MessageSource).close());
    await Promise.all(
      Array.from({ length: atOnce }, () => serveEach(source as MessageSource, handlers, context)),
    );
  };
};

async function serveEach(
  source: MessageSource,
  handlers: Readonly<Record<string, Api.Handler>>,
  context: Api.Context,
): Promise<void> {
  for (let task = await source.take(); task !== undefined; task = await source.take()) {
    const answering = await serveOne(task, handlers, context);
    source.done(task); // before the answer has left: whatever happens meanwhile, it is not to be done again
    await answering.sent;
  }
}

/** Rejects never: whatever a task's data is, the others are done as well. */
async function serveOne(
  task: ReceivedMessage,
  handlers: Readonly<Record<string, Api.Handler>>,
  context: Api.Context,
): Promise<{ sent: Promise<string> }> {
  const { toHub } = context;
  try {
    if (!Object.hasOwn(handlers, task.spec))
      throw new TaskError(ErrorCode.INPUT, `no handler for ${task.spec}`);
    const result = await handlers[task.spec](dataOf(task), task, context);
    return { sent: toHub.reply(task, result ?? null) };
  } catch (error) {
    // A TaskError is an answer; and what was stopped is not at fault.
    if (!(error instanceof TaskError || task.isKilled || context.signal.aborted))
      console.error(`task ${task.id} of ${task.spec}:`, error);
    const [code, text] =
      error instanceof TaskError ? [error.code, error.message] : [ErrorCode.COMPONENT, faultText(error)];
    return { sent: toHub.fail(task, code, text) };
  }
}

function dataOf(task: ReceivedMessage): never {
  try {
    return task.data as never;
  } catch (error) {
    throw new TaskError(ErrorCode.INPUT, (error as Error).message);
  }
}
