/** H1 at work: days of values into a history on disk, and into a LevelDB that keeps each as it is. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { loadConfig } from "../host/config/load.ts";
import { History } from "../host/history/history.ts";
import { historyPlace } from "../host/history/history-place.ts";
import { silentLog } from "../host/platform/log.ts";
import { bytesHeld } from "./far-end.ts";
import {
  BEGIN,
  BOARDS,
  boardName,
  Feed,
  FIELD,
  messagesOf,
  TURN_MS,
  TYPE,
  VALUES,
  valuesOf,
} from "./history-feed.ts";
import type { Probe } from "./probe.ts";
import type { Effort } from "./runner.ts";

type Level = ClassicLevel<Buffer, Buffer>;

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** A history has minutes after a day and ten minutes after two, a few hours later each; a week later the first are given up. */
const DAYS = 8;
/** LevelDB alone gives nothing up, so its merges only grow from day to day. */
const BARE_DAYS = 2;
/** Without effort. */
const SHORT_MS = 600_000;
/** How often a history looks by itself, and how often it writes what it gathered. */
const LOOK_MS = 60_000;
const WRITE_MS = 300_000;
/** As a chart of the page asks for. */
const POINTS = 400;
/** Of so many boards one series each is read, a round. */
const READ_BOARDS = 5;

/** What was kept, and what it took. */
export interface Kept {
  /** Messages of a day. */
  messages: number;
  /** Bytes handed to the system to be written, a value a day. */
  written: number[];
  /** To read a day of one series, a value a series, ms. */
  dayMs: number[];
}

export interface KeptHistory extends Kept {
  /** To read a week of one series, a value a series, ms. */
  weekMs: number[];
  /** Of heap and of buffers outside it, when as much is gathered as ever is, bytes. */
  held: number;
}

/** By this process so far, to files; what goes to its parent is a few lines. Some of it may be gone before a disk has it. */
const bytesWritten = () => Number(/^wchar: (\d+)/m.exec(readFileSync("/proc/self/io", "latin1"))?.[1]);

/** How many days of which length. */
const daysOf = ({ warmUpMs }: Effort, days: number) =>
  warmUpMs === 0 ? { days: 1, dayMs: SHORT_MS } : { days, dayMs: DAY_MS };

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "bench-history-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What was written in each of so many days. */
async function writtenIn(days: number, live: () => Promise<void>): Promise<number[]> {
  const written: number[] = [];
  for (let day = 0; day < days; day++) {
    const before = bytesWritten();
    await live();
    written.push(bytesWritten() - before);
  }
  return written;
}

/** ms, of one series after the other. */
async function readTimes(rounds: number, read: (board: number) => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < rounds * READ_BOARDS; i++) {
    const begin = performance.now();
    const found = await read((37 * i) % BOARDS);
    times.push(performance.now() - begin);
    if (found === 0) throw new Error(`reading board ${(37 * i) % BOARDS}: nothing is there`);
  }
  return times;
}

/** A history of defaults. */
export const probeHistory: Probe<KeptHistory> = (effort) =>
  inFolder(async (folder) => {
    const { days, dayMs } = daysOf(effort, DAYS);
    const feed = new Feed();
    const { clock } = feed;
    const { history: settings } = loadConfig({ set: [], env: {}, cwd: "/", home: "/" }).config;
    const options = { settings, place: historyPlace(folder), store: feed, clock, log: silentLog };
    const before = bytesHeld();
    const history = new History(options);
    const pass = async (ms: number) => {
      for (const end = feed.ms + ms; feed.ms < end; ) {
        feed.ms += LOOK_MS;
        await history.catchUp();
      }
    };
    history.start();
    await history.catchUp();
    const written = await writtenIn(days, () => pass(dayMs));
    await pass(WRITE_MS - LOOK_MS);
    const held = bytesHeld() - before;
    const read = (range: number) => async (board: number) => {
      const [to, name] = [clock.wall(), { device: boardName(board), type: TYPE, field: FIELD }];
      return (await history.points({ ...name, from: to - range, to, points: POINTS })).t.length;
    };
    const times = {
      dayMs: await readTimes(effort.rounds, read(DAY_MS)),
      weekMs: await readTimes(effort.rounds, read(WEEK_MS)),
    };
    const { state, fault, points } = history.view();
    if (state !== "ok" || points === 0) throw new Error(`history: ${state}, ${points} points ${fault}`);
    await history.stop();
    return { messages: messagesOf(dayMs), written, ...times, held };
  });

/** Each value a put of 8 bytes under a key of 8; a batch as often as the history has one. */
export const probeBare: Probe<Kept> = (effort) =>
  inFolder(async (folder) => {
    const { days, dayMs } = daysOf(effort, BARE_DAYS);
    const level: Level = new ClassicLevel(folder, { keyEncoding: "buffer", valueEncoding: "buffer" });
    await level.open();
    let turn = 0;
    const written = await writtenIn(days, async () => {
      for (const end = turn + dayMs / TURN_MS; turn < end; turn += WRITE_MS / TURN_MS)
        await putTurns(level, turn, turn + WRITE_MS / TURN_MS);
    });
    const to = BEGIN + turn * TURN_MS;
    const times = await readTimes(effort.rounds, async (board) => {
      const range = { gte: keyOf(VALUES * board, to - DAY_MS), lt: keyOf(VALUES * board, to) };
      const entries = await level.iterator(range).all();
      return entries.filter(([, value]) => !Number.isNaN(value.readDoubleBE())).length;
    });
    await level.close();
    return { messages: messagesOf(dayMs), written, dayMs: times };
  });

async function putTurns(level: Level, from: number, to: number): Promise<void> {
  const batch = level.batch();
  for (let turn = from; turn < to; turn++)
    for (let board = 0; board < BOARDS; board++)
      for (const [i, value] of Object.values(valuesOf(board, turn)).entries()) {
        const bytes = Buffer.alloc(8);
        bytes.writeDoubleBE(Number(value));
        batch.put(keyOf(VALUES * board + i, BEGIN + turn * TURN_MS), bytes);
      }
  await batch.write({ sync: true });
}

/** Series by series, each in the order of time: so a series is read in one piece. */
function keyOf(series: number, at: number): Buffer {
  const key = Buffer.alloc(8);
  key.writeUInt16BE(series);
  key.writeUIntBE(at, 2, 6);
  return key;
}
