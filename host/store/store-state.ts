/** What a store knows of itself when it opens, and the check that nothing is missing (iotgw §10, rules 5–7). */
import type { Database } from "./database.ts";
import { DocumentDigest } from "./document-digest.ts";
import { Documents, RECORDS } from "./documents.ts";
import { commitOf, firstOf, GROUPS, type GroupHead, readHead } from "./group.ts";
import { HOLES, PACKS, Pack, packNumber } from "./pack.ts";
import { isWhole, seal, unseal } from "./sealed.ts";
import { WATERMARKS, Watermarks } from "./watermarks.ts";

export const IDENTITY_KEY = "m/identity";
export const HEAD_KEY = "m/head";
/** Keys, and documents, looked at at once. */
const KEYS_AT_ONCE = 20_000;
const DOCUMENTS_AT_ONCE = 1000;
/** Packs are a hundred times as large. */
const PACKS_AT_ONCE = 64;
/** Every key that is no group's: holes come before the packs that have them. */
const DOCUMENTS = [
  { gte: "\0", lt: GROUPS.gte, limit: DOCUMENTS_AT_ONCE },
  { gte: GROUPS.lt, lt: PACKS.gte, limit: DOCUMENTS_AT_ONCE },
  { ...PACKS, limit: PACKS_AT_ONCE },
  { gte: PACKS.lt, lt: "\uffff", limit: DOCUMENTS_AT_ONCE },
];

/** Made with the store, and anew on another machine: boards must not take it for the one they knew. */
export interface Identity {
  epoch: string;
  machine: string;
}

/** Where the oldest commit stands, and what was given up before it. */
export interface Head {
  commit: number;
  dropped: number;
}

export interface StoreState {
  identity: Identity | null;
  head: Head;
  /** Number of the last commit, and of the next message; bytes of all groups ever written; the store's own time, ms. */
  commit: number;
  next: number;
  end: number;
  age: number;
  watermarks: Watermarks;
  documents: Documents;
  digest: DocumentDigest;
}

/** Reads the state; a sentence that names the damage when there is any. */
export async function readState(database: Database): Promise<StoreState | string> {
  const found = await readEntries(database);
  if (typeof found === "string") return found;
  const { identity, head, digest } = found;
  const last = await lastCommit(database, head?.commit ?? 1);
  if (typeof last === "string") return last;
  if (last === null && digest.documents > 0) return "all commits are missing";
  if (last !== null && identity === null) return "the description of the store is missing";
  if (last !== null && (last.documents !== digest.documents || last.digest !== digest.digest))
    return `of ${last.documents} documents ${digest.documents} are there, or some are not the newest`;
  return {
    ...found,
    head: head ?? { commit: 1, dropped: 0 },
    commit: last?.commit ?? 0,
    next: last === null ? 1 : last.first + last.count,
    end: last === null ? 0 : last.offset + last.bytes,
    age: last?.age ?? 0,
  };
}

export function documentOf(key: string, value: object): { type: "put"; key: string; value: Uint8Array } {
  return { type: "put", key, value: seal(key, value) };
}

type Found = Pick<StoreState, "identity" | "watermarks" | "documents" | "digest"> & { head: Head | null };

async function readEntries(database: Database): Promise<Found | string> {
  const found: Found = {
    identity: null,
    head: null,
    watermarks: new Watermarks(),
    documents: new Documents(),
    digest: new DocumentDigest(),
  };
  const holes = new Map<number, Buffer>();
  for (const { gte: first, lt, limit } of DOCUMENTS)
    for (let gte = first; ; ) {
      const entries = await database.read({ gte, lt, limit });
      for (const [key, value] of entries) {
        if (!isWhole(key, value)) return `the document ${JSON.stringify(key)} is damaged`;
        found.digest.add(key, value);
        take(found, holes, key, value);
      }
      if (entries.length < limit) break;
      gte = `${entries[entries.length - 1][0]}\0`;
    }
  return found;
}

function take(found: Found, holes: Map<number, Buffer>, key: string, value: Buffer): void {
  if (key.startsWith(PACKS.gte)) {
    const number = packNumber(key);
    found.documents.addPack(Pack.decode(number, value, holes.get(number)));
  } else if (key.startsWith(HOLES.gte)) holes.set(packNumber(key), value);
  else if (key.startsWith(RECORDS.gte)) found.documents.addEntry(key);
  else if (key.startsWith(WATERMARKS.gte)) found.watermarks.add(key, value);
  else if (key === IDENTITY_KEY) found.identity = unseal(key, value) as Identity;
  else if (key === HEAD_KEY) found.head = unseal(key, value) as Head;
}

/** Walks over all commits from number `first` on: each must be there, in order. */
async function lastCommit(database: Database, first: number): Promise<GroupHead | string | null> {
  let expected = first;
  let number = 0;
  let last = "";
  for (let from = GROUPS.gte; ; ) {
    const keys = await database.keys({ ...GROUPS, gte: from, limit: KEYS_AT_ONCE });
    for (const key of keys) {
      if (commitOf(key) !== expected) return `commit ${expected} is missing`;
      if (!(firstOf(key) >= number)) return `the messages of commit ${expected} are out of order`;
      number = firstOf(key);
      expected++;
      last = key;
    }
    if (keys.length < KEYS_AT_ONCE) break;
    from = `${last}\0`;
  }
  if (last === "") return null;
  const [entry] = await database.read({ gte: last, lt: `${last}\0`, limit: 1 });
  const head = entry === undefined ? null : readHead(last, entry[1]);
  return head ?? `commit ${expected - 1} is damaged`;
}
