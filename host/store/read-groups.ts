/** Reading messages back, a few commits at a time. */
import type { Database } from "./database.ts";
import { GROUPS, groupKey, readHead, readMessages } from "./group.ts";
import type { DeliveredMessage } from "./store.ts";

/** Commits read at once. */
const READ_AT_ONCE = 16;

export interface Wanted {
  from: number;
  /** The first number that is not handed out: it may be in the database, but nobody was told so yet. */
  next: number;
  limit: number;
  device: string | undefined;
}

/**
 * The messages, or the key of a damaged value. `oldest` tells the number of the oldest message at that moment: what lies
 * before it may be gone. Anything else that is not there was hidden by damage: LevelDB looks for a key in lists that it
 * does not check.
 */
export async function readGroups(
  database: Database,
  wanted: Wanted,
  oldest: () => number,
): Promise<DeliveredMessage[] | string> {
  const { from, next, limit, device } = wanted;
  const found: DeliveredMessage[] = [];
  // The last commit that begins at or before it; an empty one shares its number with the next.
  const before = { ...GROUPS, lt: groupKey(from + 1, 0), limit: 1, reverse: true };
  let [gte = GROUPS.gte] = await database.keys(before);
  for (let expected = from; ; ) {
    const groups = await database.read({ ...GROUPS, gte, limit: READ_AT_ONCE });
    for (const [key, value] of groups) {
      const head = readHead(key, value);
      if (head === null || head.first > Math.max(expected, oldest())) return key;
      for (const message of readMessages(value, from, device)) if (message.n < next) found.push(message);
      expected = Math.max(from, head.first + head.count);
      if (found.length >= limit) return found.slice(0, limit);
      if (expected >= next) return found;
    }
    if (groups.length < READ_AT_ONCE) return groupKey(expected, 0);
    gte = `${groups[groups.length - 1][0]}\0`;
  }
}
