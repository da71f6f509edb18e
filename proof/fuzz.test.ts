/** Ten million streams through every decoder, as the command runs it; prints how to repeat it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { fuzzHost } from "./fuzz-host.ts";
import { fuzzLink } from "./fuzz-link.ts";
import { fuzzSession } from "./fuzz-session.ts";
import { oversized } from "./oversized.ts";
import { ProveCommand } from "./suite.ts";

let command: ProveCommand;
beforeAll(async () => {
  command = await ProveCommand.make();
});
afterAll(() => command.remove());

const fuzzing = [fuzzSession, fuzzLink, fuzzHost];

test.each([...fuzzing, oversized])("$name: $promise", { timeout: 600_000 }, async ({ name }) => {
  const { status, stdout, stderr } = await command.run(name);
  console.log(stdout.trimEnd());
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

test("they are ten million streams", () => {
  expect(fuzzing.reduce((sum, { scale }) => sum + scale, 0)).toBeGreaterThanOrEqual(10_000_000);
});
