import { expect, test } from "vitest";
import { takesOver } from "./choose-session.ts";

const [LOW, HIGH] = [5n, 2n ** 53n + 1n];

test.each([
  ["the lower's after the higher's", LOW, HIGH, true, true],
  ["the higher's after the lower's", HIGH, LOW, true, false],
  ["the lower's own next one", LOW, LOW, true, true],
  ["the higher's own next one", HIGH, HIGH, true, true],
  ["the higher's after the lower's that has no connection", HIGH, LOW, false, true],
  ["the lower's after the higher's that has no connection", LOW, HIGH, false, true],
])("%s", (_, newer, older, isConnected, expected) => {
  expect(takesOver({ dialler: newer, isConnected: true }, { dialler: older, isConnected })).toBe(expected);
});

test("two that are connected are chosen between alike, whichever came first", () => {
  const low = { dialler: LOW, isConnected: true };
  const high = { dialler: HIGH, isConnected: true };
  const survivor = (newer: typeof low, older: typeof low) => (takesOver(newer, older) ? newer : older);
  expect([survivor(low, high), survivor(high, low)]).toEqual([low, low]);
});
