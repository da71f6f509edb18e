/** What a board at its prompt is, and what of ours it holds. Nothing is changed for it. */
import { CRC_AT, Files, parseTrailer, TRAILER_BYTES } from "../../device/layout.mjs";
import type { BoardStorage } from "./board-storage.ts";
import type { Prompt } from "./prompt.ts";

/** A collection of the heap, or a walk through all of flash. */
const SLOW_MS = 8000;

export interface SlotState {
  name: string;
  /** Of the whole file; 0 where there is none. */
  bytes: number;
  /** Of a program that is whole; undefined for one that never was finished, or was damaged. */
  generation: number | undefined;
  crc: number;
}

export interface StorageRoom {
  /** Without a compaction. */
  free: number;
  /** What a compaction gives back; undefined where the firmware cannot say (getStats came late). */
  trash: number | undefined;
  total: number;
}

export interface Identity {
  board: string;
  /** "2v29.277" */
  version: string;
  serial: string;
  /** "USB", "Serial1", ...: where its prompt is when nobody asked for another place. */
  console: string;
  ramKb: number;
  /** What our firmware stands on and this board does not have: "E.CRC32", "E.setConsole", ... */
  missing: string[];
  variables: { free: number; total: number };
  receiveBuffer: number;
  storage: StorageRoom;
  slots: SlotState[];
  /** Sizes of the other files that matter; absent ones are left out. */
  files: Record<string, number>;
  /** bowline.json, as it counts; undefined where there is none. */
  config: Record<string, unknown> | undefined;
}

/** Files that run, or change what runs, at a start. */
const BOOT_FILES = [
  Files.loader,
  ".bootrst",
  ".varimg",
  ".bootPowerOn",
  ".boot0",
  ".boot1",
  ".boot2",
  ".boot3",
];
const OTHER_FILES = [...BOOT_FILES, Files.marks, Files.config, Files.nextConfig, Files.staged];

export async function identify(prompt: Prompt, storage: BoardStorage): Promise<Identity> {
  const what = await readWhat(prompt);
  const files = await storage.sizes([...OTHER_FILES, ...Files.slots]);
  const present = OTHER_FILES.map((name, i) => [name, files[i]] as const).filter(
    ([, size]) => size !== undefined,
  );
  const canCheck = !what.missing.includes("E.CRC32");
  return {
    ...what,
    ...(await readMemory(prompt)),
    storage: await readRoom(prompt),
    slots: canCheck ? await readSlots(prompt, storage) : [],
    files: Object.fromEntries(present) as Record<string, number>,
    config: canCheck ? await readConfig(storage) : undefined,
  };
}

/** The slot whose program a start runs, if any: as the loader chooses, the first of the newest. */
export function runningSlot(slots: readonly SlotState[]): SlotState | undefined {
  let found: SlotState | undefined;
  for (const slot of slots) if ((slot.generation ?? -1) > (found?.generation ?? -1)) found = slot;
  return found;
}

export async function readSlots(prompt: Prompt, storage: BoardStorage): Promise<SlotState[]> {
  const sizes = await storage.sizes(Files.slots);
  const slots: SlotState[] = [];
  for (const [i, name] of Files.slots.entries()) slots.push(await readSlot(prompt, name, sizes[i] ?? 0));
  return slots;
}

/** The board computes the CRC; the trailer says what it must be. */
async function readSlot(prompt: Prompt, name: string, bytes: number): Promise<SlotState> {
  const end = bytes - TRAILER_BYTES;
  if (end <= 0) return { name, bytes, generation: undefined, crc: 0 };
  const quoted = JSON.stringify(name);
  const expression = `(function(s){return btoa(s.read(${quoted},${end}))+" "+E.CRC32(s.read(${quoted},0,${end + CRC_AT}))})(require("Storage"))`;
  const [text = "", crc] = (await prompt.ask("T", expression, `check ${name}`, SLOW_MS)).split(" ");
  const trailer = parseTrailer(Buffer.from(text, "base64").toString("latin1"));
  const isWhole = trailer !== undefined && trailer.crc === Number(crc);
  return { name, bytes, generation: isWhole ? trailer.generation : undefined, crc: Number(crc) };
}

const NEEDED = ["CRC32", "setConsole", "enableWatchdog", "kickWatchdog"];

async function readWhat(prompt: Prompt) {
  const needed = `${JSON.stringify(NEEDED)}.filter(function(n){return typeof E[n]!="function"})`;
  const expression = `(function(e){return JSON.stringify([e.BOARD,e.VERSION,e.SERIAL||getSerial(),e.CONSOLE,e.RAM,${needed}])})(process.env)`;
  const answer = JSON.parse(await prompt.ask("V", expression, "ask what it is"));
  const [board, version, serial, console, ramKb, missing] = answer as [
    string,
    string,
    string,
    string,
    number,
    string[],
  ];
  return {
    board,
    version,
    serial,
    console: console ?? "",
    ramKb,
    missing: missing.map((name) => `E.${name}`),
  };
}

async function readMemory(prompt: Prompt): Promise<Pick<Identity, "variables" | "receiveBuffer">> {
  const expression = `(function(m){return JSON.stringify([m.free,m.total,m.rx?m.rx.total:0])})(process.memory())`;
  const answer = JSON.parse(await prompt.ask("M", expression, "measure its memory", SLOW_MS));
  const [free, total, receiveBuffer] = answer as number[];
  return { variables: { free, total }, receiveBuffer };
}

async function readRoom(prompt: Prompt): Promise<StorageRoom> {
  const expression = `(function(s,t){t=s.getStats?s.getStats():{};return JSON.stringify([s.getFree(),t.trashBytes,t.totalBytes||process.env.STORAGE])})(require("Storage"))`;
  const answer = JSON.parse(await prompt.ask("S", expression, "measure its Storage", SLOW_MS));
  const [free, trash, total] = answer as (number | null)[];
  return { free: free ?? 0, trash: trash ?? undefined, total: total ?? 0 };
}

/** bowline.json if it can be read as JSON, else its copy: the one of the two that was whole. */
async function readConfig(storage: BoardStorage): Promise<Record<string, unknown> | undefined> {
  for (const name of [Files.config, Files.nextConfig]) {
    const bytes = await storage.read(name);
    const config = bytes === undefined ? undefined : parseObject(bytes);
    if (config !== undefined) return config;
  }
  return undefined;
}

/** undefined for what a cut left: no beginning of an object is JSON. What is not written yet reads as ff. */
export function parseObject(bytes: Buffer): Record<string, unknown> | undefined {
  let end = bytes.length;
  while (bytes[end - 1] === 0xff) end--;
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8", 0, end));
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
