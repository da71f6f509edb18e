import { expect, test } from "vitest";
import { isJournalStream, journalLog } from "./journal-log.ts";

function lines(level: Parameters<typeof journalLog>[0]) {
  const written: string[] = [];
  return { written, log: journalLog(level, (line) => written.push(line)) };
}

test("an entry is a line: its priority, its text, its fields", () => {
  const { written, log } = lines("debug");
  log.error({ about: "store", code: "STORE_FULL" }, "the store takes nothing");
  log.warn({ path: "/dev/ttyACM0", why: "no such file", times: 3 }, "waiting for it");
  log.info({ device: "sim-1", via: "tcp 127.0.0.1:5", quiet: false, none: null, empty: "" }, "connected");
  log.debug({ list: [1, 2] }, "heard");
  expect(written).toEqual([
    "<3>the store takes nothing about=store code=STORE_FULL",
    '<4>waiting for it path=/dev/ttyACM0 why="no such file" times=3',
    '<6>connected device=sim-1 via="tcp 127.0.0.1:5" quiet=false',
    "<7>heard list=[1,2]",
  ]);
});

test("what a board says cannot make an entry of its own, nor move a cursor", () => {
  const { written, log } = lines("info");
  log.info({ device: "x\n<0>panic", said: "\u001b[2J" }, "the board\nsays");
  expect(written).toEqual(['<6>the board\\u000asays device="x\\n<0>panic" said="\\u001b[2J"']);
});

test("what is below its level is not written", () => {
  const { written, log } = lines("warn");
  log.info({}, "connected");
  log.warn({}, "slow");
  expect(written).toEqual(["<4>slow"]);
  const silent = lines("silent");
  silent.log.error({}, "lost");
  expect(silent.written).toEqual([]);
});

test("a mend is shown as it is typed", () => {
  const { written, log } = lines("info");
  log.warn({ mend: "bowline ports" }, "no port");
  expect(written).toEqual(['<4>no port mend="npx bowline ports"']);
});

test("the journal is told from any other file by its device and inode", () => {
  expect(isJournalStream("8:1234", { dev: 8, ino: 1234 })).toBe(true);
  expect(isJournalStream("8:1234", { dev: 8, ino: 1235 })).toBe(false);
  expect(isJournalStream(undefined, { dev: 8, ino: 1234 })).toBe(false);
});
