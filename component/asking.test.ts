/** Asking others: every answer is told, none is waited for without end, and nothing is left of a question (MoniQue traps 2, 6). */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { messageOf, textOf } from "../host/hub/testing/messages.ts";
import { ErrorCode } from "../host/monique/codes.ts";
import type { Message } from "../host/monique/message.ts";
import { Asking } from "./asking.ts";
import { TaskError } from "./task-error.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const task = messageOf({ type: "config", spec: "example_clock" });
const answer = (type: "result" | "error", data: unknown, more: Partial<Message> = {}) =>
  messageOf({ type, spec: "example_clock", pid: task.id, data: textOf(data), ...more });

/** One question, and what became of it. */
function ask(options: { timeoutMs?: number; signal?: AbortSignal } = {}) {
  const forgotten: string[] = [];
  const asking = new Asking((id) => forgotten.push(id));
  const ending = new AbortController();
  const outcome = asking.wait(task, options, ending.signal).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  return { asking, ending, outcome, forgotten };
}

test("a result is what it holds, also under the other encoding than it says", async () => {
  const { asking, outcome, forgotten } = ask();
  asking.answer(answer("result", { now: 5 }, { encoding: "MessagePack" }));
  expect(await outcome).toEqual({ value: { now: 5 } });
  expect([vi.getTimerCount(), forgotten]).toEqual([0, []]);
});

test.each([
  ["the component's", answer("error", { code: 502, message: "no" }), 502, "no"],
  [
    "the hub's, of a killed task",
    answer("error", { code: 301, message: "task killed" }, { spec: "error" }),
    301,
    "task killed",
  ],
  ["one without a code", answer("error", { message: "no" }), 500, "no"],
  ["one that cannot be read", answer("error", [], {}), ErrorCode.ENCODING, "error: no text"],
  [
    "a result that cannot be read",
    answer("result", 0, { data: Buffer.from([0xc1]) }),
    ErrorCode.ENCODING,
    "data of 1 bytes",
  ],
])("an error is a TaskError with its code: %s", async (_, message, code, text) => {
  const { asking, outcome } = ask();
  asking.answer(message);
  const { error } = (await outcome) as { error: TaskError };
  expect(error).toBeInstanceOf(TaskError);
  expect(error.code).toBe(code);
  expect(error.message).toContain(text);
});

test("an answer to somebody else is none, and the second one is nobody's", async () => {
  const { asking, outcome } = ask();
  asking.answer(answer("result", "wrong", { pid: "1".repeat(40) }));
  asking.answer(answer("result", "right"));
  asking.answer(answer("error", { code: 500, message: "late" }));
  expect(await outcome).toEqual({ value: "right" });
});

test("without an answer it is given up, after ten seconds unless it says otherwise, and what comes then is nobody's", async () => {
  for (const [options, ms] of [
    [{}, 10_000],
    [{ timeoutMs: 50 }, 50],
  ] as const) {
    const { asking, outcome, forgotten } = ask(options);
    vi.advanceTimersByTime(ms - 1);
    expect(forgotten).toEqual([]);
    vi.advanceTimersByTime(1);
    const { error } = (await outcome) as { error: TaskError };
    expect([error.code, error.message]).toEqual([300, `asking example_clock: no answer within ${ms} ms`]);
    expect(forgotten).toEqual([task.id]);
    asking.answer(answer("result", "late"));
  }
});

test("whoever asks may give up, before or meanwhile, and so does work that ends", async () => {
  const reason = new Error("enough");
  const before = ask({ signal: AbortSignal.abort(reason) });
  const own = new AbortController();
  const meanwhile = ask({ signal: own.signal });
  own.abort(reason);
  const ended = ask();
  ended.ending.abort(reason);
  for (const { outcome, forgotten } of [before, meanwhile, ended]) {
    expect(await outcome).toEqual({ error: reason });
    expect(forgotten).toEqual([task.id]);
  }
  expect(vi.getTimerCount()).toBe(0);
});
