import { expect, test } from "vitest";
import { BoardWords } from "./board-words.ts";

const noWords = () => new BoardWords(({ message }) => `temp ${message.temp} °C`);

test("a board's own status counts before its telemetry", () => {
  const words = noWords();
  words.note({ device: "sim-1", message: { ot: "l:status", text: "pumping" } });
  words.note({ device: "sim-1", message: { ot: "l:telemetry", temp: 9 } });
  expect(words.of("sim-1")).toBe("pumping");
});

test("without one its newest telemetry is told in words, and of a board that said nothing nothing", () => {
  const words = noWords();
  expect(words.note({ device: "sim-2", message: { ot: "l:telemetry", temp: 2 } })).toBe(true);
  expect(words.note({ device: "sim-2", message: { ot: "l:telemetry", temp: 3 } })).toBe(false);
  words.note({ device: "sim-2", message: { ot: "l:status", text: 7 } });
  words.note({ device: "sim-2", message: { ot: "l:button", edge: "up" } });
  expect([words.of("sim-2"), words.of("sim-3")]).toEqual(["temp 3 °C", ""]);
  expect(words.note({ device: "sim-3", message: { ot: "l:button", edge: "up" } })).toBe(false);
  expect(words.note({ device: "sim-3", message: { ot: "l:telemetry", temp: 4 } })).toBe(true);
});
