/** Answers that wait for their line: whose turn it is. */
import { expect, test } from "vitest";
import { silentLog } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import { openTestStore } from "../testing/stores.ts";
import { Answers } from "./answers.ts";

test("what cannot be told in one channel now holds up no answer elsewhere, and keeps its turn", async () => {
  const store = await openTestStore();
  const open = new Set(["ann"]);
  let order = 0;
  const answers = new Answers("n", {
    ...{ participant: {} as never, store, log: silentLog, clock: { now: () => 0, wall: () => 1000 } },
    ...{ nextOrder: () => String(++order), isOpen: (target) => open.has(target) },
  });
  const keep = (target: string, text: string) =>
    answers.keep({ target, isChannel: target !== "ann", texts: [text], datums: [], at: 1000 }, [], () => {});
  for (const [target, text] of [
    ["#lab", "a"],
    ["ann", "b"],
    ["#lab", "c"],
  ])
    keep(target, text);
  await until(() => answers.depth === 3);
  const told: string[] = [];
  const tell = async () => {
    const draft = await answers.next(400);
    draft?.onCommitted();
    if (draft !== null) told.push(draft.text);
  };
  expect(answers.target).toBe("ann");
  await tell();
  await tell();
  expect([told, answers.depth]).toEqual([["b"], 2]);
  open.add("#lab");
  await tell();
  await tell();
  expect([told, answers.target]).toEqual([["b", "a", "c"], null]);
});
