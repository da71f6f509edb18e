/** The hub's promises about tasks and kills, with components that come and go at random. */
import { expect, test } from "vitest";
import { HubWorld } from "./testing/hub-world.ts";

/** HUB_SEED=5 replays one, HUB_SEEDS=3000 tries more. */
const { HUB_SEED, HUB_SEEDS = "40" } = process.env;
const seeds =
  HUB_SEED === undefined ? Array.from({ length: Number(HUB_SEEDS) }, (_, i) => i + 1) : [Number(HUB_SEED)];

test("no task is lost, none is with two workers, order is kept, every kill has an outcome, all comes to an end", () => {
  const seen = { tasks: 0, results: 0, killed: 0, expired: 0, errors: 0, again: 0 };
  const kills: Record<string, number> = {};
  for (const seed of seeds) {
    const figures = new HubWorld(seed).play(400);
    for (const name of Object.keys(seen) as (keyof typeof seen)[]) seen[name] += figures[name];
    for (const [outcome, count] of Object.entries(figures.kills))
      kills[outcome] = (kills[outcome] ?? 0) + count;
  }
  // That these worlds try what they are to try.
  if (seeds.length === 1) return;
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
  expect(Object.keys(kills).sort()).toEqual([
    "confirmed",
    "finished before",
    "refused",
    "unconfirmed",
    "unknown",
  ]);
});
