/** Deadlines against a list that is sorted each time. */
import { expect, test } from "vitest";
import { randomInteger, seededRandom } from "../transports/random.ts";
import { Deadlines, Timed } from "./deadlines.ts";

test("whatever is set, moved and cleared, the soonest comes first, and each once", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const random = seededRandom(seed);
    const deadlines = new Deadlines<Timed>();
    const items = Array.from({ length: 40 }, () => new Timed());
    const due = new Map<Timed, number>();
    for (let i = 0; i < 300; i++) {
      const item = items[randomInteger(random, 0, items.length - 1)];
      const roll = random();
      if (roll < 0.6) {
        const at = randomInteger(random, 0, 1000);
        deadlines.set(item, at);
        due.set(item, at);
      } else if (roll < 0.7) {
        deadlines.set(item, Infinity);
        due.delete(item);
      } else if (roll < 0.8) {
        deadlines.clear(item);
        due.delete(item);
      } else {
        const now = randomInteger(random, 0, 1000);
        const soonest = Math.min(...due.values());
        const taken = deadlines.take(now);
        if (soonest > now) expect(taken, `seed ${seed}, step ${i}`).toBeNull();
        else {
          expect(due.get(taken!), `seed ${seed}, step ${i}`).toBe(soonest);
          due.delete(taken!);
        }
      }
      expect(deadlines.count, `seed ${seed}, step ${i}`).toBe(due.size);
      expect(deadlines.next, `seed ${seed}, step ${i}`).toBe(Math.min(Infinity, ...due.values()));
    }
  }
});
