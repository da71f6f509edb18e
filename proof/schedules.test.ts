/** Random schedules, fewer than the command plays by itself; and each rule they hold by, switched off once. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { proofs } from "./all.ts";
import { ProveCommand } from "./suite.ts";

let command: ProveCommand;
beforeAll(async () => {
  command = await ProveCommand.make();
});
afterAll(() => command.remove());

const here = proofs.filter(({ name }) => name.startsWith("schedule"));
/** Of the ten thousand that the command plays: of the rules that chance finds, the last is missed by the 220th. */
const PLAYED = 1500;

test.each(here)("$name: $promise", { timeout: 600_000 }, async ({ name }) => {
  const scale = name === "schedules" ? ["--scale", `${PLAYED}`] : [];
  const { status, stdout, stderr } = await command.run(name, ...scale);
  console.log(stdout.trimEnd());
  expect(stderr).toBe("");
  expect(status).toBe(0);
});
