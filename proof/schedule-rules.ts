/**
 * The rules by which the schedules hold, each switched off once: the schedules, or a story, must find it (session part 5).
 * Each story comes first to a good end with all rules in force.
 */
import { availableParallelism } from "node:os";
import { hold, type Proof } from "./proof.ts";
import { playMany } from "./schedules/play.ts";
import type { Rule } from "./schedules/rule.ts";
import { rulesByChance } from "./schedules/rules-by-chance.ts";
import { rulesByStory } from "./schedules/rules-by-story.ts";
import { buildWorld } from "./schedules/world.ts";

const rules = [...rulesByChance, ...rulesByStory];

export const scheduleRules: Proof = {
  name: "schedule-rules",
  promise: "a rule of D1, D17 or part 4 that is switched off is found by a schedule",
  unit: "schedules a rule at most",
  scale: 500,
  async run(seed, scale) {
    await tellAll(seed);
    const rows: string[] = [];
    const missed: string[] = [];
    for (const [rule, found] of await findAll(seed, scale)) {
      rows.push(`\n  ${rule.clause.padEnd(12)}${rule.rule}\n${" ".repeat(14)}${found ?? "NOT FOUND"}`);
      if (found === null) missed.push(rule.rule);
    }
    const table = rows.join("");
    hold(missed.length === 0, () => `${missed.length} of ${rules.length} rules are not missed:${table}`);
    return `${rules.length} rules, each switched off once and found:${table}\n `;
  },
};

/** With all rules in force every story ends well: else it would find anything. */
async function tellAll(seed: number): Promise<void> {
  const world = await buildWorld();
  for (const story of new Set(rulesByStory.map((rule) => rule.story))) {
    const { broken } = await playMany(world, seed, 1, {}, story);
    hold(broken === null, () => `the story ${story}, with all rules in force: ${broken!.promise}`);
  }
}

/**
 * What shows of each rule that it is off. Whoever is free takes the next: one thread that plays all schedules of a rule is
 * warm when two that share them are not.
 */
async function findAll(seed: number, scale: number): Promise<Map<Rule, string | null>> {
  const found = new Map<Rule, string | null>(rules.map((rule) => [rule, null]));
  const left = [...rules];
  const take = async () => {
    for (let rule = left.shift(); rule !== undefined; rule = left.shift())
      found.set(rule, await find(rule, seed, scale));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, take));
  return found;
}

/** What shows that a rule is off; null: nothing does. */
async function find({ off, focus, story }: Rule, seed: number, scale: number): Promise<string | null> {
  const world = await buildWorld(off);
  const { broken } = await playMany(world, seed, story === undefined ? scale : 1, focus, story, 1);
  if (broken === null) return null;
  const by = story === undefined ? `chance, schedule ${broken.seed}` : `the story ${story}`;
  return `${by}: ${broken.promise.split("\n")[0]}`;
}
