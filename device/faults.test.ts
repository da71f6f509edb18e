/** What went wrong is told with the telemetry, which must fit into a packet, however much went wrong. */
import { beforeEach, expect, test } from "vitest";
import { clearFaults, notedFaults, noteFaults } from "./faults.ts";

beforeEach(clearFaults);

test("a fault is told once, in the order in which they came", () => {
  noteFaults(["FIFO_FULL", "key"]);
  noteFaults(["key", "wifi lost"]);
  expect(notedFaults()).toEqual(["FIFO_FULL", "key", "wifi lost"]);
});

test("eight that come again are not more", () => {
  for (let i = 0; i < 16; i++) noteFaults([`value ${i % 8}`]);
  expect(notedFaults()).toHaveLength(8);
});

test("of more than eight the first are told, and that there were more: a program may throw another text each time", () => {
  for (let i = 1; i <= 1000; i++) noteFaults([`value ${i}`]);
  expect(notedFaults()).toEqual([...[1, 2, 3, 4, 5, 6, 7, 8].map((i) => `value ${i}`), "more"]);
  clearFaults();
  noteFaults(["key"]);
  expect(notedFaults()).toEqual(["key"]);
});

test("a long text is cut, and told once", () => {
  noteFaults(["x".repeat(500)]);
  noteFaults(["x".repeat(600)]);
  expect(notedFaults()).toEqual(["x".repeat(48)]);
});
