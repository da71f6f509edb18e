/** Subscriptions are kept for whoever has asked, and for the work that begins anew. */
import { expect, test } from "vitest";
import { Topics } from "./topics.ts";

function start() {
  const lines: string[] = [];
  const topics = new Topics({
    subscribe: (topic) => void lines.push(`+${topic}`),
    unsubscribe: (topic) => void lines.push(`-${topic}`),
  });
  return { topics, take: () => lines.splice(0) };
}

test("a topic is given up with the last source that asks for it, an answer's never", () => {
  const { topics, take } = start();
  topics.open(1, ["config:a:", "data:"]);
  topics.open(2, ["config:a:"]);
  topics.await("result:a:");
  take();
  topics.close(1);
  expect([take(), topics.isWanted("data:x:1::me"), topics.isWanted("config:a:1::me")]).toEqual([
    ["-data:"],
    false,
    true,
  ]);
  topics.close(2);
  expect(take()).toEqual(["-config:a:"]);
  topics.open(3, ["result:a:"]);
  topics.close(3);
  expect(take()).toEqual(["+result:a:"]);
});

test("an answer is wanted by nobody else", () => {
  const { topics } = start();
  topics.await("result:a:");
  expect(topics.isWanted("result:a:1:2:me")).toBe(false);
});

test("while the work begins anew its topics stay; those it asks for no more go when it ends the next time", () => {
  const { topics, take } = start();
  topics.open(1, ["config:a:"]);
  topics.open(2, ["config:b:"]);
  topics.restart();
  topics.open(1, ["config:a:"]);
  expect(topics.isWanted("config:b:1::me")).toBe(true);
  take();
  topics.restart();
  expect([take(), topics.isWanted("config:b:1::me"), topics.isWanted("config:a:1::me")]).toEqual([
    ["-config:b:"],
    false,
    true,
  ]);
});

test("work that ends before it has asked for anything leaves its topics to the next; a topic given up again is kept for nobody", () => {
  const { topics, take } = start();
  topics.open(1, ["config:a:", "data:"]);
  topics.restart();
  topics.restart();
  expect(topics.isWanted("data:x:1::me")).toBe(true);
  topics.open(1, ["data:"]);
  take();
  topics.close(1);
  expect([take(), topics.isWanted("data:x:1::me"), topics.isWanted("config:a:1::me")]).toEqual([
    ["-data:"],
    false,
    true,
  ]);
});
