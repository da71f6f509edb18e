import { expect, test } from "vitest";
import type { DeliveredMessage } from "../store/store.ts";
import { BoardWords } from "./board-words.ts";

const kept = [
  { device: "sim-1", message: { ot: "l:status", text: "old" } },
  { device: "sim-1", message: { ot: "l:telemetry", temp: 1 } },
  { device: "sim-2", message: { ot: "l:telemetry", temp: 2 } },
];

async function wordsOf(count: number): Promise<BoardWords> {
  const asked: number[][] = [];
  const store = {
    ...{ next: count + 1, fill: { oldest: 1 } },
    read: async (...range: number[]) => {
      asked.push(range);
      return kept as unknown as DeliveredMessage[];
    },
  };
  const words = new BoardWords(store as never, ({ message }) => `temp ${message.temp} °C`);
  await words.load();
  expect(asked).toEqual([[Math.max(1, count + 1 - 1000), 1000]]);
  return words;
}

test("a board's own status counts before its telemetry, also from before a restart", async () => {
  const words = await wordsOf(5000);
  expect(words.of("sim-1")).toBe("old");
  words.note({ device: "sim-1", message: { ot: "l:status", text: "pumping" } });
  words.note({ device: "sim-1", message: { ot: "l:telemetry", temp: 9 } });
  expect(words.of("sim-1")).toBe("pumping");
});

test("without one its newest telemetry is told in words, and of a board that said nothing nothing", async () => {
  const words = await wordsOf(3);
  expect(words.of("sim-2")).toBe("temp 2 °C");
  expect(words.note({ device: "sim-2", message: { ot: "l:telemetry", temp: 3 } })).toBe(false);
  words.note({ device: "sim-2", message: { ot: "l:status", text: 7 } });
  words.note({ device: "sim-2", message: { ot: "l:button", edge: "up" } });
  expect([words.of("sim-2"), words.of("sim-3")]).toEqual(["temp 3 °C", ""]);
  expect(words.note({ device: "sim-3", message: { ot: "l:button", edge: "up" } })).toBe(false);
  expect(words.note({ device: "sim-3", message: { ot: "l:telemetry", temp: 4 } })).toBe(true);
});
