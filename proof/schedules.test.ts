/** Ten thousand random schedules, as the command plays them; and each rule they hold by, switched off once. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { proofs } from "./all.ts";
import { ProveCommand } from "./suite.ts";

let command: ProveCommand;
beforeAll(async () => {
  command = await ProveCommand.make();
});
afterAll(() => command.remove());

const here = proofs.filter(({ name }) => name.startsWith("schedule"));

test.each(here)("$name: $promise", { timeout: 600_000 }, async ({ name }) => {
  const { status, stdout, stderr } = await command.run(name);
  console.log(stdout.trimEnd());
  expect(stderr).toBe("");
  expect(status).toBe(0);
});
