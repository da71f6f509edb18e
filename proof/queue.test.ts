/** The queue of a peer: random runs with a seed that stays and one drawn anew, and faults that must be found. */
import { randomInt } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ProveCommand } from "./suite.ts";

let command: ProveCommand;
beforeAll(async () => {
  command = await ProveCommand.make();
});
afterAll(() => command.remove());

const drawn = `${randomInt(2 ** 31)}`;

test.each([
  ["queue", "1"],
  ["queue", drawn],
  ["queue-faults", "1"],
  ["queue-claims", "1"],
  ["queue-flat", "1"],
])("%s holds with seed %s", { timeout: 600_000 }, async (name, seed) => {
  const { status, stdout, stderr } = await command.run(name, "--seed", seed);
  console.log(stdout.trimEnd());
  expect(stderr).toBe("");
  expect(status).toBe(0);
});
