/** Every proof as its command runs it, with the seed and at the size the suite has time for; each prints how to repeat it. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isNgircdAvailable, ngircdNeeded } from "../host/irc/testing/ngircd.ts";
import { proofs } from "./all.ts";
import { Disproof, type Proof, prove } from "./proof.ts";
import { playShortLinks } from "./short-links.ts";
import { ProveCommand } from "./suite.ts";

let command: ProveCommand;
beforeAll(async () => {
  command = await ProveCommand.make();
});
afterAll(() => command.remove());

/** Fuzzing, the schedules and the queue have files of their own. */
const here = proofs.filter(({ name }) => !/^(fuzz|oversized|schedule|queue)/.test(name));
/** What must be installed for some. */
const missing = new Map<string, string>(isNgircdAvailable ? [] : [["irc", ngircdNeeded]]);

test.for(here)("$name: $promise", { timeout: 600_000 }, async ({ name, scale }, { skip }) => {
  skip(missing.has(name), missing.get(name));
  const { status, stdout, stderr } = await command.run(name);
  console.log(stdout.trimEnd());
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(stdout).toContain(`node dist/prove.mjs ${name} --seed 1 --scale ${scale}`);
});

test.each(proofs)("the table of promises names $name", async ({ name }) => {
  const page = await readFile(new URL("../docs/promises.md", import.meta.url), "utf8");
  expect(page).toMatch(new RegExp(`^\\|.*\\|.*\\|.*\`${name}\`.*\\|$`, "m"));
});

describe("the command", () => {
  test("without the name of a proof tells which there are", async () => {
    const { status, stderr } = await command.run("--scale", "1");
    expect(status).toBe(2);
    for (const { name, promise } of proofs) expect(stderr).toContain(`${name.padEnd(13)} ${promise}`);
    expect((await command.run("stream", "--scale", "some")).status).toBe(2);
    expect((await command.run("dream")).status).toBe(2);
  });

  test("what is disproved names the command that shows it again", async () => {
    const broken: Proof = {
      name: "broken",
      promise: "nothing",
      unit: "tries",
      scale: 3,
      run() {
        throw new Disproof("packet 7 is lost");
      },
    };
    await expect(prove(broken, 5)).rejects.toThrow(
      "packet 7 is lost\n  again: node dist/prove.mjs broken --seed 5 --scale 3",
    );
  });
});

describe("a sender of the literal text, which sends all it has on every connection (D2)", () => {
  test.each(["client", "server"] as const)("gets nowhere on links of 8 packets: %s", (sender) => {
    expect(() => playShortLinks(8, sender, 1000, true)).toThrow("nothing was acknowledged");
  });
});
