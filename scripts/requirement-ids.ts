/** The numbers of all sentences that docs/requirements.md answers for, chapter by chapter, in the order of the sources. */

export const notMetHeading = "Not met";

/** `PREFIX1` … `PREFIXn` */
const count = (prefix: string, n: number, from = 1) =>
  Array.from({ length: n - from + 1 }, (_, i) => `${prefix}${from + i}`);

export const chapterIds: Record<string, string[]> = {
  "iotgw: what it leaves open": count("H", 14),
  MoniQue: [
    ...count("LAY", 5),
    ...["COM1", "COM2 A", "COM2 B", "COM3"],
    ...count("TEC", 2),
    ...count("MON", 4),
    ...["KILL1", "KILL2", "KILL3 com", "KILL3 tech", "KILL4"],
  ],
  "MoniQue: what existing programs do": count("TRAP", 10),
};
