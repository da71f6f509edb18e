/** The changes of the database that write blocks, their values and their sources. */
import type { Change } from "../store/database.ts";
import { seal } from "../store/sealed.ts";
import { type Block, blockKey, sealBlock, valueKey } from "./block.ts";
import { documentOf, type Source } from "./catalogue.ts";
import { encodeTable, type Table } from "./table.ts";

export const sourceKey = (id: number) => `s/${id.toString(16).padStart(8, "0")}`;

export function newBlock(level: number, number: number, last: number, age: number): Block {
  return { level, number, last, minT: Infinity, maxT: 0, age, bytes: 0, points: 0, sources: [] };
}

/** The changes that write these tables; the block counts them. */
export function valuesOf(block: Block, tables: ReadonlyMap<number, Table>): Change[] {
  return [...tables].map(([id, table]) => {
    const key = valueKey(block, id);
    const value = encodeTable(key, table);
    let mask = 0;
    for (const [field, { counts }] of table.columns) {
      mask |= 1 << field;
      for (const count of counts) if (count > 0) block.points++;
    }
    for (const t of table.times) {
      block.minT = Math.min(block.minT, t);
      block.maxT = Math.max(block.maxT, t);
    }
    block.sources.push(id, mask);
    block.bytes += key.length + value.length;
    return { type: "put", key, value };
  });
}

export const putBlock = (block: Block): Change => ({
  type: "put",
  key: blockKey(block),
  value: sealBlock(block),
});

export const putSource = (source: Source): Change => {
  const key = sourceKey(source.id);
  return { type: "put", key, value: seal(key, documentOf(source)) };
};
