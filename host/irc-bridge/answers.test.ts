/** Answers that wait: whom they are for by then, what becomes of those that are too old, and of what cannot be told. */
import { beforeEach, expect, test } from "vitest";
import { FaultCode, IrcIotError } from "../irc-iot/fault-code.ts";
import { silentLog } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import type { DurableStore } from "../store/durable-store.ts";
import { openTestStore } from "../testing/stores.ts";
import { ANSWER_MS, ANSWERS, type Answer, Answers } from "./answers.ts";
import type { ParticipantPort } from "./ports.ts";

const ROOM = 400;

let store: DurableStore;
let wall: number;
/** What no Datum can be packed for. */
let fault: Error | null;
let warnings: string[];
let answers: Answers;

beforeEach(async () => {
  store = await openTestStore();
  wall = 1_000_000;
  fault = null;
  warnings = [];
  let order = 0;
  const participant = {
    pack: () => {
      if (fault !== null) throw fault;
      return [];
    },
  } as unknown as ParticipantPort;
  answers = new Answers("n", {
    ...{ store, participant, clock: { now: () => 0, wall: () => wall } },
    log: { ...silentLog, warn: (_: object, text: string) => void warnings.push(text) },
    nextOrder: () => String(++order),
  });
});

function keep(target: string, more: Partial<Answer>): Promise<void> {
  const answer = { target, isChannel: target.startsWith("#"), texts: [], datums: [], at: wall, ...more };
  return new Promise((resolve) => answers.keep(answer, [], resolve));
}

const kept = async () => (await store.records<Answer>(ANSWERS)).map(([, { target }]) => target);

test("a new nick is that of who had the old one, and of no channel or other nick", async () => {
  for (const target of ["Ann", "#ann", "bob"]) await keep(target, { texts: ["fine"] });
  answers.rename("ann", "anna", (name) => name.toLowerCase().replace("#", ""));
  expect([...answers.targets]).toEqual(["anna", "#ann", "bob"]);
});

test("what is too old by the time of its turn is not said, and not kept any more", async () => {
  await keep("ann", { texts: ["fine"] });
  const source = answers.sourceOf("ann");
  expect(source.target).toBe("ann");
  wall += ANSWER_MS + 1;
  expect(await source.next(ROOM)).toBeNull();
  expect([source.target, answers.counts.tooOld]).toEqual([null, 1]);
  await until(async () => (await kept()).length === 0);
});

test("one that became too old while it was written down takes no other answer with it", async () => {
  await keep("ann", { texts: ["fine"] });
  wall += ANSWER_MS;
  await keep("bob", { texts: ["fine"] });
  const draft = await answers.sourceOf("ann").next(ROOM);
  wall += 1;
  expect([...answers.targets]).toEqual(["bob"]);
  draft?.onCommitted();
  expect([...answers.targets]).toEqual(["bob"]);
});

test("what cannot be written as a Datum is told in the log, and holds nothing up", async () => {
  await keep("ann", { datums: [{ ot: "l:led", src: "sim-1@kitchen", dst: "ann@phone" }] });
  await keep("ann", { texts: ["fine"] });
  fault = new IrcIotError(FaultCode.INVALID_MESSAGE, "no form for it");
  const source = answers.sourceOf("ann");
  expect(await source.next(ROOM)).toBeNull();
  expect(warnings).toEqual(["an answer cannot be told on IRC"]);
  expect((await source.next(ROOM))?.text).toBe("fine");
  await until(async () => (await kept()).length === 1);
});

test("a fault of ours is none of the answer: it stays", async () => {
  await keep("ann", { datums: [{ ot: "l:led", src: "sim-1@kitchen", dst: "ann@phone" }] });
  fault = new TypeError("x is undefined");
  await expect(answers.sourceOf("ann").next(ROOM)).rejects.toBe(fault);
  expect([answers.depth, await kept()]).toEqual([1, ["ann"]]);
});
