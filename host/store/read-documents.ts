/**
 * Documents read back, held against those that were committed, key by key: none is missing, none an older value, none one
 * that was removed.
 *
 * The first key that must be there is known, so that no search begins among what was removed: LevelDB walks over that for
 * a tenth of a second after a million (iotgw §10, rule 3).
 */
import type { Database } from "./database.ts";
import type { DocumentDigest } from "./document-digest.ts";
import { checksumOf, isWhole, open } from "./sealed.ts";

export interface Page {
  prefix: string;
  /** The key before the first that is wanted; "" for the first there is. */
  after: string;
  limit: number;
}

/**
 * The documents, or a sentence that names the damage. `room` stands before every key in the database. Which there are is
 * asked of `digest` within the call.
 */
export async function readDocuments<T>(
  database: Database,
  digest: DocumentDigest,
  room: string,
  { prefix, after, limit }: Page,
): Promise<[key: string, value: T][] | string> {
  const from = after < prefix ? prefix : `${after}\0`;
  const keys = digest.keys(`${room}${from}`, `${room}${prefix}\uffff`, limit);
  if (keys.length === 0) return [];
  const checks = keys.map((key) => digest.checksum(key));
  const entries = await database.read({ gte: keys[0], lt: `${keys[keys.length - 1]}\0` });
  const found: [key: string, value: T][] = [];
  for (const [i, key] of keys.entries()) {
    const [there, value] = entries[i] ?? [];
    if (there !== key)
      return `of the documents ${prefix} some are missing, or one that was removed is there: ${key}`;
    if (!isWhole(key, value)) return `the document ${key} is damaged`;
    if (checks[i] !== checksumOf(value)) return `the document ${key} is not the newest`;
    found.push([key.slice(room.length), open(value) as T]);
  }
  return found;
}
