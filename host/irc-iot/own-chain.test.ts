import { expect, test } from "vitest";
import { OwnChain } from "./own-chain.ts";

test("a line stands behind the last to the same target; the first to a nick behind the last in any channel", () => {
  const chain = new OwnChain();
  expect(chain.previousFor("#lab", true, 10_000)).toBe("10000");
  chain.said("#lab", true, "a");
  chain.said("#two", true, "b");
  expect(chain.previousFor("#lab", true, 10_000)).toBe("a");
  expect(chain.previousFor("eve", false, 10_000)).toBe("b");
  chain.said("eve", false, "c");
  expect(chain.previousFor("eve", false, 10_000)).toBe("c");
  expect(chain.previousFor("mal", false, 10_000)).toBe("b");
  // A channel has heard nothing of what was said elsewhere.
  expect(chain.previousFor("#three", true, 10_000)).toBe("10000");
});

test("of targets the latest are kept, of mids the latest sixteen", () => {
  const chain = new OwnChain();
  for (let i = 0; i < 1025; i++) chain.said(`nick${i}`, false, `${i}`);
  expect(chain.previousFor("nick0", false, 7)).toBe("7");
  expect(chain.previousFor("nick1", false, 7)).toBe("1");
  expect(chain.recent).toEqual(Array.from({ length: 16 }, (_, i) => `${1009 + i}`));
});
