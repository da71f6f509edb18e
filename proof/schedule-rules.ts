/** The rules by which the schedules hold, each switched off once: the schedules must find it (session part 5). */
import { hold, type Proof } from "./proof.ts";
import { playMany } from "./schedules/play.ts";
import { rules } from "./schedules/rules.ts";
import { buildWorld } from "./schedules/world.ts";

export const scheduleRules: Proof = {
  name: "schedule-rules",
  promise: "a rule of D1, D17 or part 4 that is switched off is found by a schedule",
  unit: "schedules a rule at most",
  scale: 500,
  async run(seed, scale) {
    const rows: string[] = [];
    const missed: string[] = [];
    for (const { clause, rule, off, focus } of rules) {
      const { played, broken } = await playMany(await buildWorld(off), seed, scale, focus);
      const found =
        broken === null ? `NOT FOUND in ${played} schedules` : `schedule ${broken.seed}: ${broken.promise}`;
      rows.push(`\n  ${clause.padEnd(12)}${rule}\n${" ".repeat(14)}${found.split("\n")[0]}`);
      if (broken === null) missed.push(rule);
    }
    const table = rows.join("");
    hold(missed.length === 0, () => `${missed.length} of ${rules.length} rules are not missed:${table}`);
    return `${rules.length} rules, each switched off once and found:${table}\n `;
  },
};
