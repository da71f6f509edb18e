/** Rows of the history as CSV (RFC 4180): a header, and pieces of some lines. */
import type { Row } from "../history/series.ts";

const HEADER = "time,device,type,field,mean,min,max,count\r\n";
/** Characters of a piece, so that a large file is no write of its own for each line. */
const PIECE = 16_384;

export async function* csvLines(rows: AsyncIterable<Row>): AsyncGenerator<string, undefined> {
  let piece = HEADER;
  for await (const { t, device, type, field, mean, min, max, count } of rows) {
    const time = new Date(t).toISOString();
    piece += `${time},${[device, type, field].map(csvText).join(",")},${mean},${min},${max},${count}\r\n`;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

/**
 * In quotes where it needs them. A spreadsheet takes what begins with one of = + - @ for a formula, wherever it came from:
 * an apostrophe before it makes it text.
 */
function csvText(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
