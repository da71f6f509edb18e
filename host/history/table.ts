/**
 * What one board said in one type of message over some time: a row for each message, or, once it is thinned, for each
 * bucket of time; a column for each field. The rows share their times, so that a further field costs its numbers alone.
 *
 *   value:  crc:4  rows:v  times:column (differences)  { field:v  size:v  counts:column  sums  [mins  maxs] }…
 *
 * A count of 0: no such field in that row, and no number for it in the columns behind; mins and maxs are there when a
 * count is above 1.
 */
import { isWhole, sealInPlace } from "../store/sealed.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { readNumbers, writeNumbers } from "./number-column.ts";

/** Of each row; where the count is 0 the others mean nothing. */
export interface Column {
  counts: number[];
  sums: number[];
  mins: number[];
  maxs: number[];
}

export interface Table {
  /** ms since 1970: of the message, or of the bucket's beginning. */
  times: number[];
  /** By the number of the field. */
  columns: Map<number, Column>;
}

const CRC_BYTES = 4;

export function newColumn(): Column {
  return { counts: [], sums: [], mins: [], maxs: [] };
}

/** As the value of `key`. */
export function encodeTable(key: string, { times, columns }: Table): Buffer {
  const out = new ByteWriter(CRC_BYTES);
  const part = new ByteWriter();
  out.unsigned(times.length);
  writeNumbers(out, differences(times));
  for (const [field, column] of columns) {
    part.clear();
    writeColumn(part, column);
    const { written } = part;
    out.unsigned(field);
    out.unsigned(written.length);
    out.append(written);
  }
  return sealInPlace(key, out.finish());
}

/** The whole value; null when it is damaged. */
export function decodeTable(key: string, value: Buffer): Table | null {
  return isWhole(key, value) ? decode(value, null) : null;
}

/** Its times and one field, undefined where it has none; null when the value is damaged. */
export function decodeField(
  key: string,
  value: Buffer,
  field: number,
): [number[], Column | undefined] | null {
  if (!isWhole(key, value)) return null;
  const { times, columns } = decode(value, field);
  return [times, columns.get(field)];
}

function decode(value: Buffer, wanted: number | null): Table {
  const from = new ByteReader(value, CRC_BYTES);
  const rows = from.unsigned();
  const times = sums(readNumbers(from, rows));
  const columns = new Map<number, Column>();
  while (from.position < value.length) {
    const field = from.unsigned();
    const size = from.unsigned();
    const start = from.skip(size);
    if (wanted === null || wanted === field)
      columns.set(field, readColumn(new ByteReader(value, start), rows));
  }
  return { times, columns };
}

function writeColumn(out: ByteWriter, { counts, sums, mins, maxs }: Column): void {
  const isThere = (_: number, row: number) => counts[row] > 0;
  writeNumbers(out, counts);
  writeNumbers(out, sums.filter(isThere));
  if (!hasBounds(counts)) return;
  writeNumbers(out, mins.filter(isThere));
  writeNumbers(out, maxs.filter(isThere));
}

function readColumn(from: ByteReader, rows: number): Column {
  const counts = readNumbers(from, rows);
  const present = counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
  const spread = (numbers: number[]) => (present === rows ? numbers : spreadOver(counts, numbers));
  const sums = spread(readNumbers(from, present));
  if (!hasBounds(counts)) return { counts, sums, mins: sums, maxs: sums };
  return { counts, sums, mins: spread(readNumbers(from, present)), maxs: spread(readNumbers(from, present)) };
}

const hasBounds = (counts: readonly number[]) => counts.some((count) => count > 1);

/** The numbers at the rows that have one. */
function spreadOver(counts: readonly number[], numbers: readonly number[]): number[] {
  let next = 0;
  return counts.map((count) => (count > 0 ? numbers[next++] : 0));
}

/** Boards speak in a rhythm, so the differences of these differences are small. */
function differences(times: readonly number[]): number[] {
  return times.map((time, i) => (i === 0 ? time : time - times[i - 1]));
}

function sums(differences: number[]): number[] {
  for (let i = 1; i < differences.length; i++) differences[i] += differences[i - 1];
  return differences;
}
