/** Names of boards and types as levels of topics: none has a wildcard, and no two are the same. */
import { expect, test } from "vitest";
import { boardOf, Topics } from "./topics.ts";

const topics = new Topics("house/bowline", "gw1");

test.each([
  ["a", "l:temp", "a/l:temp"],
  ["gw2/sim-1", "l:temp", "gw2:sim-1/l:temp"],
  ["a", "x/y", "a/x%2Fy"],
  ["a", "+", "a/%2B"],
  ["a", "#", "a/%23"],
  ["a", "50%", "a/50%25"],
  ["a", "\0\n", "a/%00%0A"],
  ["a", "\ud800", "a/%EF%BF%BD"],
  ["a", "Küche", "a/Küche"],
  ["a", "", "a/-"],
  ["a", undefined, "a/-"],
  ["a", 7, "a/-"],
  ["a", "availability", "a/%61vailability"],
  ["a", "request", "a/%72equest"],
])("a message of %j of type %j is at %j", (board, type, topic) => {
  expect(topics.message(board, type)).toBe(`house/bowline/gw1/${topic}`);
});

test("what is so now has topics of its own", () => {
  expect(topics.status).toBe("house/bowline/gw1/status");
  expect(topics.availability("gw2/a")).toBe("house/bowline/gw1/gw2:a/availability");
  expect(topics.state("a")).toBe("house/bowline/gw1/a/state");
});

test.each([
  ["b/gw/a/request", { board: "a", name: "request" }],
  ["b/gw/gw2:a/cancel", { board: "gw2/a", name: "cancel" }],
  ["b/gw/a/reply", null],
  ["b/gw/a/request/x", null],
  ["b/gw2/a/request", null],
  ["b/gw", null],
])("%s asks of %j", (topic, found) => {
  expect(boardOf("b/gw", topic)).toEqual(found);
});
