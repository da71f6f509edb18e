import { expect, test } from "vitest";
import { seededRandom } from "../transports/random.ts";
import { Backlog } from "./backlog.ts";

const message = (size: number, value = 0) => new Uint8Array(size).fill(value);

test("it is full at either mark, and one message is always taken", () => {
  const few = new Backlog({ pendingMessages: 2, pendingBytes: 100 });
  expect([1, 2, 3].map((value) => few.push(message(1, value)))).toEqual([true, true, false]);
  const small = new Backlog({ pendingMessages: 10, pendingBytes: 100 });
  expect(small.push(message(500))).toBe(true);
  expect(small.push(message(1))).toBe(false);
  small.shift();
  expect([60, 40, 1].map((size) => small.push(message(size)))).toEqual([true, true, false]);
  expect([small.length, small.bytes]).toEqual([2, 100]);
});

test("it is a queue, as a plain list is", () => {
  for (let seed = 1; seed <= 5; seed++) {
    const random = seededRandom(seed);
    const backlog = new Backlog({ pendingMessages: 2000, pendingBytes: 50_000 });
    const twin: Uint8Array[] = [];
    let bytes = 0;
    for (let step = 0; step < 5000; step++) {
      const grows = random() < (step % 1000 < 600 ? 0.7 : 0.2);
      if (grows) {
        const one = message(Math.floor(random() * 60), step);
        if (!backlog.push(one)) continue;
        twin.push(one);
        bytes += one.length;
      } else {
        const oldest = twin.shift();
        bytes -= oldest?.length ?? 0;
        expect(backlog.shift(), `seed ${seed}`).toBe(oldest);
      }
      expect([backlog.length, backlog.bytes], `seed ${seed}`).toEqual([twin.length, bytes]);
    }
  }
});
