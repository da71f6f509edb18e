/** Who waits for the end of a task, and who has given up waiting. */
import { expect, test } from "vitest";
import { Task } from "./task.ts";
import { TaskWaiters } from "./task-waiters.ts";

const fields = { id: "t1", spec: "example_clock", creator: "c", parent: "", createdAt: 0, expiresAt: 0 };
const newTask = () => new Task(fields, 1, "everyone", 0, 0);

test("one who gives up takes nothing from the others", async () => {
  const waiters = new TaskWaiters();
  const task = newTask();
  const patience = new AbortController();
  const impatient = waiters.whenEnded(task, patience.signal);
  const patient = waiters.whenEnded(task);
  patience.abort(new Error("no longer"));
  await expect(impatient).rejects.toThrow("no longer");
  task.state = "killed";
  waiters.tell(task);
  expect(await patient).toMatchObject({ id: "t1", state: "killed" });
});

test("who had given up before asking is told so at once, and later ends tell nobody", async () => {
  const waiters = new TaskWaiters();
  const task = newTask();
  const reason = new Error("too late");
  await expect(waiters.whenEnded(task, AbortSignal.abort(reason))).rejects.toBe(reason);
  task.state = "result";
  expect(() => waiters.tell(task)).not.toThrow();
});
