import { expect, test } from "vitest";
import { Files } from "../../device/layout.mjs";
import type { Identity } from "./identity.ts";
import { judge } from "./judge.ts";

const PROGRAM = 20_000;

/** A board that will do, changed as said. */
function board(changes: Partial<Identity> = {}): Identity {
  return {
    board: "PICO_R1_3",
    version: "2v29",
    serial: "30003b",
    console: "USB",
    ramKb: 96,
    missing: [],
    variables: { free: 4900, total: 5100 },
    receiveBuffer: 1024,
    storage: { free: 60_000, trash: 0, total: 65_536 },
    slots: [
      { name: "bl.a", bytes: 0, generation: undefined, crc: 0 },
      { name: "bl.b", bytes: 0, generation: undefined, crc: 0 },
    ],
    files: {},
    config: undefined,
    ...changes,
  };
}

const room = (free: number, trash = 0) => ({ storage: { free, trash, total: 65_536 } });
/** Program, trailer, header; bowline.json twice, marks, loader and repair as the module counts them come on top. */
const running = { name: "bl.a", bytes: 20_000, generation: 3, crc: 1 };
const broken = { name: "bl.b", bytes: 20_000, generation: undefined, crc: 1 };

test("a board that will do is flashed beside what runs, without a word", () => {
  expect(judge(board(), PROGRAM)).toEqual({ warnings: [], mode: "two-slots", needsCompaction: false });
});

test.each<[string, Partial<Identity>, string, string]>([
  [
    "an API that the firmware stands on",
    { missing: ["E.CRC32", "E.setConsole"] },
    "FLASH_UNSUPPORTED",
    "E.CRC32, E.setConsole",
  ],
  ["variables", { variables: { free: 300, total: 350 } }, "FLASH_NO_MEMORY", "350 variables"],
  ["Storage for even one", room(10_000), "FLASH_NO_ROOM", "10000 would be free"],
  ["a start of its own, by save()", { files: { ".varimg": 3000 } }, "FLASH_SAVED_STATE", "save()"],
  ["a start of its own, by .bootrst", { files: { ".bootrst": 300 } }, "FLASH_BOOTRST", ".bootrst"],
])("it is refused without %s", (_, changes, code, words) => {
  const { refuse } = judge(board(changes), PROGRAM);
  expect(refuse).toMatchObject({ code, exitCode: 1 });
  expect(refuse?.message).toContain(words);
  expect(refuse?.mend).not.toBe("");
});

test.each<[string, Partial<Identity>, string]>([
  ["an Espruino before 2v28", { version: "2v24.11" }, "57600 baud"],
  ["few variables", { variables: { free: 1500, total: 1600 } }, "1600 variables"],
  ["another boot file", { files: { ".boot0": 60 } }, ".boot0: runs before the program"],
  ["no room for two", { ...room(10_000), slots: [running] }, "the old one is erased first"],
])("it is warned of %s", (_, changes, words) => {
  const { warnings, refuse } = judge(board(changes), PROGRAM);
  expect(refuse).toBeUndefined();
  expect(warnings).toEqual([expect.stringContaining(words)]);
});

test("2v28 and later, and 3v0, are new enough", () => {
  for (const version of ["2v28", "2v29.277", "3v0"])
    expect(judge(board({ version }), PROGRAM).warnings).toEqual([]);
});

test("what is erased anyway counts as room, what runs does not; a compaction is foreseen", () => {
  const beside = judge(board({ ...room(5000, 5000), slots: [running, broken] }), PROGRAM);
  expect(beside).toMatchObject({ mode: "two-slots", needsCompaction: true });
  const instead = judge(board({ ...room(5000, 5000), slots: [running] }), PROGRAM);
  expect(instead).toMatchObject({ mode: "in-place", needsCompaction: true });
  const other = judge(board({ ...room(5000, 5000), files: { [Files.loader]: 20_000 } }), PROGRAM);
  expect(other).toMatchObject({ mode: "in-place" });
});
