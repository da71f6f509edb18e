/** The numbers of all sentences that docs/requirements.md answers for, chapter by chapter, in the order of the sources. */

export const notMetHeading = "Not met";

/** `PREFIX1` … `PREFIXn` */
const count = (prefix: string, n: number, from = 1) =>
  Array.from({ length: n - from + 1 }, (_, i) => `${prefix}${from + i}`);

/** `PREFIXa` … as far as `last` */
const letters = (prefix: string, last: string) =>
  Array.from({ length: last.charCodeAt(0) - 0x60 }, (_, i) => `${prefix}${String.fromCharCode(0x61 + i)}`);

export const chapterIds: Record<string, string[]> = {
  "The session protocol": [
    ...[...letters("§0", "b"), ...letters("§1", "c")],
    ...["§1.1", "§1.2", "§1.3", "§1.4"].flatMap((no) => letters(no, "b")),
    ...[...letters("§2", "f"), ...letters("§3", "i"), "§3.1", ...letters("§3.2", "b"), ...letters("§4", "c")],
    ...[...count("D", 18), "defaults", "API", "model", ...count("L", 27), ...count("H", 35)],
  ],
  "iotgw: sending a request (X.1)": [
    ...[
      "X.0",
      "X.1.1",
      ...letters("X.1.2", "b"),
      "X.1.3",
      ...letters("X.1.4", "c"),
      ...letters("X.1.5", "e"),
    ],
    ...[...letters("X.1.6", "d"), "X.1.7", ...letters("X.1.8", "c")],
  ],
  "iotgw: what must hold": [
    ...[...count("R1.", 2), ...count("R2.", 2), ...count("R3.", 2), ...count("R4.", 2), ...count("R5.", 3)],
    ...[...count("R6.", 5), ...count("R7.", 2), ...count("R8.", 3), ...count("G", 6)],
  ],
  "iotgw: frame and commands": [...count("frame ", 18), ...count("cmd ", 7)],
  "iotgw: what it leaves open": count("H", 14),
  "IRC-IoT: the source": count("S-", 15),
  "IRC-IoT: its form, and our policy": [
    ...[...count("3.", 4), ...count("4.", 13), ...count("5.", 4), ...count("6.", 10), ...count("7.", 5)],
    ...[...count("8.", 2), ...count("9.", 5), ...count("10.", 9), ...count("11.", 3), ...count("12.", 4)],
    ...[...count("13.", 5), "14", ...count("15.", 7), ...count("16.", 11), ...count("17.", 2)],
    ...count("18.", 7),
  ],
  MoniQue: [
    ...count("LAY", 5),
    ...["COM1", "COM2 A", "COM2 B", "COM3"],
    ...count("TEC", 2),
    ...count("MON", 4),
    ...["KILL1", "KILL2", "KILL3 com", "KILL3 tech", "KILL4"],
  ],
  "MoniQue: what existing programs do": count("TRAP", 10),
  "MoniQue: how programs meet": [
    ...[...letters("2.1", "c"), ...letters("2.2", "h"), ...letters("2.3", "d"), ...letters("2.4", "c")],
    ...[...letters("2.5", "c"), ...letters("2.6", "b"), ...letters("2.7", "d"), "2.8"],
    ...[...letters("2.9", "c"), ...letters("2.10", "c"), "2.11"],
  ],
  "MoniQue: acceptance": count("6.", 7),
};
