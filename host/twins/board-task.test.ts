import { expect, test } from "vitest";
import type { RequestFacts, RequestView } from "../peers/request-book.ts";
import { viewBoardTask } from "./board-task.ts";

const asked: RequestView = { rq: 17, device: "sim-1", ot: "l:led", state: "waiting", deadline: 5000 };
const facts: RequestFacts = { isSent: false, acceptedAt: 1000, deadline: 5000 };
const ended = { ...facts, isSent: true };

test("a request that waits is a task in the queue, under its number", () => {
  expect(viewBoardTask(asked, facts)).toEqual({
    ...{ id: "17", spec: "l:led", creator: "", parent: "", children: [], state: "queued", on: "" },
    ...{ createdAt: 1000, expiresAt: 5000, at: 1000, deliveries: 0, isSilent: false },
  });
});

test("one that may have left runs on its board, under the key it came with", () => {
  const view = viewBoardTask(asked, { ...facts, isSent: true, key: "lamp-on-17" });
  expect(view).toMatchObject({ id: "lamp-on-17", state: "running", on: "sim-1", deliveries: 1 });
});

test.each([
  [
    { state: "delivered", reply: { re: 17, on: true } },
    { state: "result", result: { on: true } },
  ],
  [
    { state: "delivered", reply: { re: 17, err: "no such pin" } },
    { state: "error", error: { code: 501, message: "no such pin" } },
  ],
  [
    { state: "expired" },
    { state: "expired", error: { code: 300, message: "the board was not there, or took nothing" } },
  ],
  [{ state: "cancelled" }, { state: "killed", error: { code: 301, message: "task killed" } }],
  [
    { state: "unknown", reason: "no answer in time" },
    { state: "error", error: { code: 300, message: "it may or may not have been done: no answer in time" } },
  ],
  [
    { state: "rejected", code: "QUEUE_FULL", reason: "too much waits" },
    { state: "error", error: { code: 300, message: "too much waits (QUEUE_FULL)" } },
  ],
] as const)("its outcome %j is told as a task's", (outcome, expected) => {
  const { deadline, ...rest } = asked;
  const view = viewBoardTask({ ...rest, ...outcome, at: 3000 } as RequestView, ended);
  expect(view).toMatchObject({ ...expected, on: "sim-1", createdAt: 1000, expiresAt: 5000, at: 3000 });
});
