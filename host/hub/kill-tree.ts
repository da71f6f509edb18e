/**
 * Killing a task with all that it asked others for.
 *
 * The task itself is told first: one that saw its children end with an error before it knew why would ask for them again.
 * Children that came while it was being stopped are found once it has.
 */
import type { Task } from "./task.ts";
import type { KillView } from "./views.ts";

/** Rounds of looking for children that came meanwhile: a component that makes more of them for ever is not chased. */
const MAX_ROUNDS = 10;

/** `kill`: of one task alone. Resolves with the view of `root`, all its descendants that had not ended in `children`. */
export async function killTree(root: Task, kill: (task: Task) => Promise<KillView>): Promise<KillView> {
  const seen = new Set<Task>([root]);
  const outcomes: Promise<KillView>[] = [];
  const own = kill(root);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const found = openDescendants(root, seen);
    if (round > 0 && found.length === 0) break;
    outcomes.push(...found.map(kill));
    await Promise.all([own, ...outcomes]);
  }
  return { ...(await own), children: await Promise.all(outcomes) };
}

/** Those that have not ended and were not seen, parents before their children; from now on they are. */
function openDescendants(root: Task, seen: Set<Task>): Task[] {
  const found: Task[] = [];
  const rows = [root];
  for (let row = rows.pop(); row !== undefined; row = rows.pop()) {
    for (const child of row.children ?? []) {
      rows.push(child);
      if (child.hasEnded || seen.has(child)) continue;
      seen.add(child);
      found.push(child);
    }
  }
  return found;
}
