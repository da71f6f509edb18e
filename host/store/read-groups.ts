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

/** The messages, or the key of a damaged value. */
export async function readGroups(database: Database, wanted: Wanted): Promise<DeliveredMessage[] | string> {
  const { from, next, limit, device } = wanted;
  const found: DeliveredMessage[] = [];
  // The last commit that begins at or before it; an empty one shares its number with the next.
  const before = { ...GROUPS, lt: groupKey(from + 1, 0), limit: 1, reverse: true };
  let [gte = GROUPS.gte] = await database.keys(before);
  for (;;) {
    const groups = await database.read({ ...GROUPS, gte, limit: READ_AT_ONCE });
    for (const [key, value] of groups) {
      if (readHead(key, value) === null) return key;
      for (const message of readMessages(value, from, device)) if (message.n < next) found.push(message);
      if (found.length >= limit) return found.slice(0, limit);
    }
    if (groups.length < READ_AT_ONCE) return found;
    gte = `${groups[groups.length - 1][0]}\0`;
  }
}
