import { expect, test } from "vitest";
import { componentView, killView, taskView } from "../http/testing/fake-work.ts";
import type { TaskQuery, TaskView } from "../hub/views.ts";
import { sayComponents, sayKill, sayTasks } from "./task-words.ts";

const facts = (tasks: TaskView[], components = [] as ReturnType<typeof componentView>[]) => ({
  components: () => components,
  task: () => undefined,
  tasks: ({ state }: TaskQuery) => tasks.filter((one) => one.state === state),
});

test("tasks that have not ended are told, the newest first, by how their ids begin", () => {
  const tasks = [
    taskView({ at: 2 }),
    taskView({ id: "17", spec: "l:led", state: "running", on: "sim-1", at: 3 }),
    taskView({ state: "delivered", on: "0000-calculator-py", isSilent: true, at: 1 }),
    taskView({ state: "result", at: 9 }),
  ];
  expect(sayTasks("kitchen", facts(tasks))).toBe(
    "kitchen: 17 l:led running on sim-1, EbQ5cBYA example_calculator queued, " +
      "EbQ5cBYA example_calculator delivered on 0000-calculator-py, silent",
  );
  expect(sayTasks("kitchen", facts([]))).toBe("kitchen: no task is open");
});

test("components are told, those first that are not well, and of many how many more there are", () => {
  const names = Array.from({ length: 11 }, (_, i) => componentView(`a_${i}`));
  const ill = [
    componentView("a_down", { isDown: true }),
    componentView("a_mute", { isSilent: true }),
    componentView("a_dead", { state: "dead" }),
  ];
  const said = sayComponents("kitchen", facts([], [...names, ...ill]));
  expect(said).toMatch(
    /^kitchen: a_down down, a_mute silent, a_dead dead, a_0 alive, .*a_6 alive, and 4 more$/,
  );
  expect(sayComponents("kitchen", facts([]))).toBe("kitchen: no component has been heard");
});

test.each([
  [{}, "EbQ5cBYA: killed, withdrawn from the queue"],
  [{ outcome: "finished before", how: "" }, "EbQ5cBYA: it had finished before"],
  [{ outcome: "unconfirmed" }, "EbQ5cBYA: nothing has shown that it stopped"],
  [{ outcome: "unknown" }, "EbQ5cBYA: no such task is known here; everyone was told all the same"],
  [{ outcome: "refused", why: "it is being killed" }, "EbQ5cBYA: not killed: it is being killed"],
] as const)("a kill that is %j is told in words", (fields, words) => {
  expect(sayKill(killView(fields))).toBe(words);
});
