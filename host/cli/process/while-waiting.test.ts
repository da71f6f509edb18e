import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeTerminal } from "../testing/fake-terminal.ts";
import { whileWaiting } from "./while-waiting.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("what takes longer than a second is told each second, and the line is gone at the end", async () => {
  const terminal = new FakeTerminal();
  const work = whileWaiting(terminal, "sim-1", new Promise((resolve) => setTimeout(resolve, 2500, "done")));
  await vi.advanceTimersByTimeAsync(2500);
  expect(await work).toBe("done");
  expect(terminal.progressed).toEqual(["waiting for sim-1: 1 s", "waiting for sim-1: 2 s", ""]);
  await vi.advanceTimersByTimeAsync(5000);
  expect(terminal.progressed).toHaveLength(3);
});

test("what is there sooner, or fails sooner, needs no line", async () => {
  const terminal = new FakeTerminal();
  expect(await whileWaiting(terminal, "sim-1", Promise.resolve(1))).toBe(1);
  await expect(whileWaiting(terminal, "sim-1", Promise.reject(new Error("no")))).rejects.toThrow("no");
  await vi.advanceTimersByTimeAsync(5000);
  expect(terminal.progressed).toEqual([]);
});
