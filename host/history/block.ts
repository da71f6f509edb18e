/**
 * Blocks: what was written at once, or thinned at once, in the order of time. Their keys lie in that order as well, so that
 * LevelDB moves its tables and merges none, and what is too old is always at an end.
 *
 *   b/LEVEL/NUMBER          what a block comes to
 *   v/LEVEL/NUMBER/SOURCE   its values, of one source (table.ts)
 */
import type { Database } from "../store/database.ts";
import { seal, unseal } from "../store/sealed.ts";

/** 0: as they came; then buckets of one and of ten minutes. */
export const steps = [0, 60_000, 600_000] as const;

export interface Block {
  level: number;
  /** The first and the last of the numbers it was made of. */
  number: number;
  last: number;
  /** Times of its values, ms since 1970. */
  minT: number;
  maxT: number;
  /** Of the history when the newest of it was written (store-clock.ts), ms. */
  age: number;
  bytes: number;
  points: number;
  /** Its sources, and of each which fields, a bit each: in pairs. */
  sources: number[];
}

export const BLOCKS = { gte: "b/", lt: "b0" };

const hex = (n: number, digits: number) => n.toString(16).padStart(digits, "0");
const placeOf = (level: number, number: number) => `${level}/${hex(number, 12)}`;

export const blockKey = ({ level, number }: Pick<Block, "level" | "number">) => `b/${placeOf(level, number)}`;

export const valueKey = ({ level, number }: Pick<Block, "level" | "number">, source: number) =>
  `v/${placeOf(level, number)}/${hex(source, 8)}`;

/** Whose value stands under this key of valueKey(). */
export const sourceIn = (key: string) => Number.parseInt(key.slice(key.lastIndexOf("/") + 1), 16);

/** The keys of the values of a block. */
export const valueKeys = (database: Database, block: Block): Promise<string[]> => {
  const prefix = `v/${placeOf(block.level, block.number)}`;
  return database.keys({ gte: `${prefix}/`, lt: `${prefix}0` });
};

export const sealBlock = (block: Block) => seal(blockKey(block), block);

/** null: it is damaged. */
export const unsealBlock = (key: string, value: Buffer) => (unseal(key, value) as Block | undefined) ?? null;
