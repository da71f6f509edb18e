/** Frames that are kept: in the order of their numbers, over commits that fail, removals and lives. */
import { expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { Line } from "./testing/mesh-net.ts";
import { event, meshStage, sorted } from "./testing/mesh-stage.ts";

const { chain, heard } = meshStage();

test("frames go in the order of their numbers, in whichever order they become safe", async () => {
  const [a, b] = await chain(2);
  const first = a.mesh.prepare(event(2n, "first"));
  const second = a.mesh.prepare(event(2n, "second"));
  const third = a.mesh.prepare(event(2n, "third"));
  third.onCommitted();
  second.onFailed();
  expect(a.mesh.get(2n)!.queue.count).toBe(0);
  first.onCommitted();
  expect(a.mesh.get(2n)!.queue.count).toBe(1); // nobody knows whether the second is in the store
  a.mesh.resume();
  new Line(a, b).join();
  await until(() => heard.get(b)!.length === 2);
  expect(heard.get(b)).toEqual(["first", "third"]);
});

test("what nobody here understands is kept, and nothing is written over it", async () => {
  const [a] = await chain(2);
  const kept = { key: "s/2/2/00000000000001", value: new Uint8Array(40) };
  await new Promise<void>((resolve) => a.store.keep([kept], resolve));
  a.kill();
  await a.start();
  await a.mesh.send(event(2n, "mine"));
  const there = await a.store.records<Uint8Array>("s/2/");
  expect(there.map(([, value]) => value.length > 40)).toEqual([false, true]);
});

test("what is kept for a peer that was removed and is one again outlives what was kept before", async () => {
  const [a, b] = await chain(2);
  const outcomes: string[] = [];
  const first = a.mesh.send({ ...event(2n, "first"), onOutcome: (outcome) => void outcomes.push(outcome) });
  a.mesh.get(2n)!.remove();
  a.mesh.add(2n, null);
  await Promise.all([first, a.mesh.send(event(2n, "second"))]);
  expect(outcomes).toEqual(["peer-removed"]);
  await new Promise<void>((resolve) => a.store.keep([], resolve));
  a.kill();
  await a.start();
  new Line(a, b).join();
  await a.mesh.send(event(2n, "third"));
  await until(() => heard.get(b)!.includes("third"));
  expect(heard.get(b)).toEqual(["second", "third"]);
});

test("a frame behind one whose commit failed comes to its outcome, although their peer is removed before that is known", async () => {
  const [a] = await chain(2);
  const outcomes: string[] = [];
  const onOutcome = (outcome: string) => void outcomes.push(outcome);
  const first = a.mesh.prepare({ ...event(2n, "first"), onOutcome });
  const second = a.mesh.prepare({ ...event(2n, "second"), onOutcome });
  second.onCommitted();
  first.onFailed();
  a.mesh.get(2n)!.remove();
  a.mesh.resume();
  expect(outcomes).toEqual(["peer-removed"]);
});

test("numbers are not given twice over any number of lives", async () => {
  const [a] = await chain(2);
  const seen: number[] = [];
  for (let life = 0; life < 3; life++) {
    for (let i = 0; i < 5; i++) seen.push((await a.mesh.send(event(2n, `${i}`))).id.seq);
    a.kill();
    await a.start();
  }
  expect(new Set(seen).size).toBe(15);
  expect(sorted(seen.map(String))).toEqual(seen.map(String));
});
