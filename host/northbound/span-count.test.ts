/** How many of a board's messages wait: against a list of their numbers. */
import { expect, test } from "vitest";
import { randomInteger, seededRandom } from "../transports/random.ts";
import { SpanCount } from "./span-count.ts";

test("nothing added is nothing, and of nothing none is taken", () => {
  const spans = new SpanCount();
  spans.add(5, 0);
  spans.take();
  expect([spans.total, spans.drop(10)]).toEqual([0, 0]);
});

test("as many wait as a list has; what the store gives up is told at last, and never too much of it", () => {
  for (let seed = 1; seed <= 8; seed++) {
    const random = seededRandom(seed);
    const spans = new SpanCount();
    const waiting: number[] = [];
    let dropped = 0;
    let gone = 0;
    for (let n = 1; n <= 300; n++) {
      if (random() < 0.7) {
        spans.add(n);
        waiting.push(n);
      }
      if (random() < 0.3 && waiting.length > 0 && dropped === gone) {
        spans.take();
        waiting.shift();
      }
      if (random() < 0.05) {
        const oldest = (waiting[0] ?? n) + randomInteger(random, 0, 5);
        while (waiting.length > 0 && waiting[0] < oldest) gone += Number(waiting.shift() !== undefined);
        dropped += spans.drop(oldest);
      }
      expect(dropped, `seed ${seed}, ${n}`).toBeLessThanOrEqual(gone);
      expect(spans.total + dropped, `seed ${seed}, ${n}`).toBe(waiting.length + gone);
    }
  }
});
