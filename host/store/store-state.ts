/** What a store knows of itself when it opens, and the check that nothing is missing (iotgw §10, rules 5–7). */
import type { Database } from "./database.ts";
import { commitOf, firstOf, GROUPS, readHead } from "./group.ts";
import { seal, unseal } from "./sealed.ts";
import { WATERMARKS, Watermarks } from "./watermarks.ts";

export const IDENTITY_KEY = "m/identity";
export const HEAD_KEY = "m/head";
/** Keys looked at at once. */
const KEYS_AT_ONCE = 20_000;

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
  /** Number of the last commit, and of the next message; bytes of all groups ever written. */
  commit: number;
  next: number;
  end: number;
  watermarks: Watermarks;
}

/** Reads the state; a sentence that names the damage when there is any. */
export async function readState(database: Database): Promise<StoreState | string> {
  const identity = await document<Identity>(database, IDENTITY_KEY);
  const head = await document<Head>(database, HEAD_KEY);
  if (identity === DAMAGED || head === DAMAGED) return "the description of the store is damaged";
  const watermarks = new Watermarks();
  const damaged = watermarks.load(await database.read(WATERMARKS));
  if (damaged !== "") return `the watermark ${damaged} is damaged`;
  const first = head?.commit ?? 1;
  const last = await lastCommit(database, first);
  if (typeof last === "string") return last;
  if (last === null && (identity !== null || head !== null)) return "all commits are missing";
  return {
    identity,
    head: head ?? { commit: 1, dropped: 0 },
    ...(last ?? { commit: 0, next: 1, end: 0 }),
    watermarks,
  };
}

export function documentOf(key: string, value: object): { type: "put"; key: string; value: Uint8Array } {
  return { type: "put", key, value: seal(key, value) };
}

/** Walks over all commits from number `first` on: each must be there, in order. */
async function lastCommit(
  database: Database,
  first: number,
): Promise<{ commit: number; next: number; end: number } | string | null> {
  let expected = first;
  let number = 0;
  let last = "";
  for (let from = GROUPS.gte; ; ) {
    const keys = await database.keys({ ...GROUPS, gte: from, limit: KEYS_AT_ONCE });
    for (const key of keys) {
      if (commitOf(key) !== expected) return `commit ${expected} is missing`;
      if (firstOf(key) < number) return `the messages of commit ${expected} are out of order`;
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
  if (head === null) return `commit ${expected - 1} is damaged`;
  return { commit: head.commit, next: head.first + head.count, end: head.offset + head.bytes };
}

const DAMAGED = Symbol("damaged");

async function document<T>(database: Database, key: string): Promise<T | null | typeof DAMAGED> {
  const [entry] = await database.read({ gte: key, lt: `${key}\0`, limit: 1 });
  if (entry === undefined) return null;
  const value = unseal(key, entry[1]);
  return value === undefined ? DAMAGED : (value as T);
}
