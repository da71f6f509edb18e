/** Tasks in a row: their order, and that none is in two. */
import { expect, test } from "vitest";
import { Task } from "./task.ts";
import { TaskList } from "./task-list.ts";

const fields = { spec: "example_clock", creator: "c", parent: "", createdAt: 0, expiresAt: 0 };
const task = (number: number) => new Task({ id: `t${number}`, ...fields }, number, "controller", 0, 0);
function numbers(list: TaskList): number[] {
  const all: number[] = [];
  for (let one = list.first; one !== null; one = one.after) all.push(one.number);
  return all;
}

test("what comes back stands between what came before and after it, any is taken out, the first is shifted", () => {
  const list = new TaskList();
  const [one, two, three, four] = [1, 2, 3, 4].map(task);
  for (const it of [two, four]) list.push(it);
  for (const it of [three, one]) list.insertInOrder(it);
  expect([numbers(list), list.count]).toEqual([[1, 2, 3, 4], 4]);
  list.remove(three);
  list.remove(four);
  expect([list.shift(), list.shift(), list.shift(), list.count]).toEqual([one, two, null, 0]);
});

test("a task is in one list: it is put into no second one, and taken from none that it is not in", () => {
  const [list, other] = [new TaskList(), new TaskList()];
  const one = task(1);
  expect(() => list.remove(one)).toThrow("task t1 is taken from a list that it is not in");
  list.push(one);
  expect(() => other.push(one)).toThrow("task t1 is put into a second list");
  expect(() => other.remove(one)).toThrow(RangeError);
  expect([list.count, other.count]).toEqual([1, 0]);
});
