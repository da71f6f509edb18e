/**
 * Flashing a board, from opening its port to letting it go:
 *
 *   const board = await openBoard({ path, bauds, allowReset, signal, onNote });
 *   const { refuse, warnings } = judge(board.identity, program.length);       // a dry run ends here, with restart()
 *   const result = await flashBoard(board, { program, config, backupFolder, signal, onProgress });
 *   await restart(board);                                                     // and then watch for its hello
 *
 * What fails is a BowlineError that says what was seen; the board then runs what it ran before, unless the error says
 * otherwise. Every wait has an end.
 */
import { Files } from "../../device/layout.mjs";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { CONSOLE_BAUDS, getAttention, isAtPrompt } from "./attention.ts";
import { lastBackup, loadBackup, readBackup, type StoredBackup, storeBackup } from "./backup.ts";
import { BoardStorage, pieceSize } from "./board-storage.ts";
import { raiseSpeed } from "./console-speed.ts";
import { ANSWER_MS, Conversation } from "./conversation.ts";
import { type Identity, identify } from "./identity.ts";
import { type FlashMode, judge } from "./judge.ts";
import { Prompt } from "./prompt.ts";
import type { PromptWire } from "./prompt-wire.ts";
import { type RestoredTo, restore } from "./restore.ts";
import { openSerialWire } from "./serial-wire.ts";
import { mergeConfig } from "./settings.ts";
import { type WriteStep, type WrittenProgram, writeProgram } from "./write-program.ts";

export { judge } from "./judge.ts";

/** For reset(), and for an answer when there is no more to lose. */
const SETTLE_MS = 500;

export interface OpenOptions {
  path: string;
  /** Speeds of the console to try; without them 115200, 9600, 1000000. */
  bauds?: readonly number[] | undefined;
  /** Whether the board may be reset by DTR and RTS when it does not answer. */
  allowReset: boolean;
  signal: AbortSignal;
  /** A line for people about what takes its time. */
  onNote(note: string): void;
  /** Another wire than a serial port, for tests. */
  openWire?: (path: string, baud: number) => Promise<PromptWire>;
}

/**
 * A board at its prompt. What ran goes on running, without its port when it was our firmware; who only wanted to look calls
 * restart(), which starts it anew.
 */
export interface BoardAtPrompt {
  readonly path: string;
  /** Bits a second of its console, as found. */
  readonly baud: number;
  readonly identity: Identity;
  readonly prompt: Prompt;
  readonly bauds: readonly number[];
  readonly onNote: (note: string) => void;
  /** Gives the port back and leaves the board at its prompt; twice is harmless. */
  close(): Promise<void>;
}

/**
 * Opens the port, gets the prompt and asks the board what it is. Nothing is written to it.
 * Rejects as openSerial() does, or with FLASH_NO_PROMPT (6, says what was seen), FLASH_NO_ANSWER (6), FLASH_PORT_LOST (3),
 * FLASH_INTERRUPTED (130); the port is closed then.
 */
export async function openBoard(options: OpenOptions): Promise<BoardAtPrompt> {
  const { path, bauds = CONSOLE_BAUDS, allowReset, signal, onNote, openWire = openSerialWire } = options;
  const wire = await openWire(path, bauds[0]);
  const conversation = new Conversation(wire, signal);
  try {
    await getAttention(conversation, { bauds, allowReset, onNote });
    const baud = wire.baud;
    const prompt = new Prompt(conversation);
    await standBy(prompt);
    const identity = await identify(prompt, new BoardStorage(prompt));
    return { path, baud, identity, prompt, bauds, onNote, close: () => wire.close() };
  } catch (error) {
    // What ran may have been stopped by then. Who never answered is not spoken to any more.
    if (!(error instanceof BowlineError) || error.code !== "FLASH_NO_PROMPT")
      await startAgain(conversation, false);
    await wire.close();
    throw error;
  }
}

export type FlashStep = "backup" | "stop" | WriteStep;
export type OnProgress = (step: FlashStep, done: number, total: number, note: string) => void;

export interface FlashOptions {
  /** The bundle, as built; ASCII or latin1. */
  program: string;
  /** Fields to merge into bowline.json; null takes one out. */
  config: object;
  /** Where what the board holds now is kept: made if need be, for its owner only. */
  backupFolder: string;
  signal: AbortSignal;
  onProgress: OnProgress;
}

export interface FlashResult extends WrittenProgram {
  backup: StoredBackup;
  mode: FlashMode;
  /** Of the upload alone, with its checks. */
  uploadMs: number;
  /** Bits a second it was done with. */
  baud: number;
}

/**
 * Backs up, stops what runs, uploads, checks, commits. Then the new program is what a start runs; restart() makes it start.
 * Rejects with what judge() refuses, FLASH_NOT_AS_SENT and FLASH_NOT_CHOSEN (7), FLASH_NO_ANSWER (6), FLASH_INTERRUPTED (130),
 * and more; what the board ran before is then started again.
 */
export async function flashBoard(board: BoardAtPrompt, options: FlashOptions): Promise<FlashResult> {
  const { program, config, backupFolder, onProgress } = options;
  const { refuse, mode } = judge(board.identity, program.length);
  if (refuse !== undefined) throw refuse;
  return orderly(board, async () => {
    const backup = await backUp(board, backupFolder, onProgress);
    const storage = await stopProgram(board, onProgress);
    const merged = Buffer.from(JSON.stringify(mergeConfig(board.identity.config, config)));
    const startedAt = performance.now();
    let uploadMs = 0;
    const written = await writeProgram(storage, {
      program,
      mode,
      config: merged,
      onStep: (step, done, total, note = "") => {
        if (step === "verify") uploadMs = performance.now() - startedAt;
        onProgress(step, done, total, note);
      },
    });
    return { ...written, backup, mode, uploadMs, baud: board.prompt.conversation.wire.baud };
  });
}

export interface RestoreOptions {
  backupFolder: string;
  /** One of them by its path; without it the last of this board. */
  file?: string;
  signal: AbortSignal;
  onProgress: OnProgress;
}

export interface RestoreResult {
  /** The backup that was put back, and when it was made. */
  path: string;
  at: string;
  to: RestoredTo;
}

/**
 * Puts back what a backup says. Rejects as flashBoard() does, with FLASH_NO_BACKUP (3), FLASH_BACKUP_UNREADABLE or
 * FLASH_BACKUP_DAMAGED.
 */
export async function restoreBoard(board: BoardAtPrompt, options: RestoreOptions): Promise<RestoreResult> {
  const { backupFolder, file, onProgress } = options;
  return orderly(board, async () => {
    const { path, backup } =
      file === undefined
        ? await lastBackup(backupFolder, board.identity.serial)
        : { path: file, backup: await loadBackup(file) };
    if (backup.serial !== board.identity.serial) {
      const text = `restore ${board.path} from ${path}: that is a backup of the board ${backup.serial}, this one is ${board.identity.serial}`;
      throw new BowlineError("FLASH_OTHER_BOARD", text, ExitCode.failure);
    }
    const bytes = Math.max(...Object.values(backup.files).map((text) => (text.length * 3) / 4), 0);
    const { mode } = judge(board.identity, bytes);
    const storage = await stopProgram(board, onProgress);
    const to = await restore(storage, backup, mode, (step, done, total, note = "") =>
      onProgress(step, done, total, note),
    );
    return { path, at: backup.at, to };
  });
}

/** Starts what the board holds, as a power-up would, and gives the port back: its hello comes next. */
export async function restart(board: BoardAtPrompt): Promise<void> {
  const { conversation } = board.prompt;
  try {
    await startProgram(conversation);
  } finally {
    await board.close();
  }
}

/** The same where something failed, or all was called off: what the board holds by then is started. Never rejects. */
export async function leave(board: BoardAtPrompt): Promise<void> {
  await startAgain(board.prompt.conversation, true);
  await board.close();
}

/** `wasAtPrompt`: it is told to start also when it does not answer any more. */
async function startAgain(conversation: Conversation, wasAtPrompt: boolean): Promise<void> {
  conversation.revive();
  try {
    const isThere = await isAtPrompt(conversation, ANSWER_MS);
    if (isThere || wasAtPrompt) await startProgram(conversation);
  } catch {
    // The port has gone: that is the error already on its way.
  }
}

/**
 * A start that we ask for is none that failed, however soon the next one comes: the marks of those before are taken away.
 * On a pseudo-terminal nothing waits for what was written to be read, and closing throws it away: so we do.
 */
async function startProgram(conversation: Conversation): Promise<void> {
  await conversation.say(
    `\x10try{require("Storage").erase(${JSON.stringify(Files.marks)})}catch(e){}load()\n`,
  );
  await conversation.listen(SETTLE_MS);
}

/**
 * Seconds the upload of `bytes` of program will take, estimated and not measured on hardware: the line's own time for base64
 * and what stands around it, and half as long again for flash and answers. The Linux build takes 180 ms for each 512 bytes.
 */
export function estimateUploadS(identity: Identity, baud: number, bytes: number): number {
  const isUart = identity.console.startsWith("Serial");
  const bytesPerSecond = isUart ? Math.max(baud, FAST_BAUD) / BITS_PER_BYTE : USB_BYTES_PER_S;
  return Math.ceil(bytes / bytesPerSecond);
}

/** 10 bits a character, 1.7 characters a byte, half as long again. */
const BITS_PER_BYTE = 25;
const FAST_BAUD = 115_200;
/** A line at a time, each with its answer. */
const USB_BYTES_PER_S = 8000;

/**
 * What the board does for itself while it is at its prompt. A watchdog that the running program armed would bite, and cannot
 * be disarmed: it is fed; where none is armed, this does nothing. And if we are killed, nobody else would start it again.
 */
async function standBy(prompt: Prompt): Promise<void> {
  const feed = "E.kickWatchdog&&setInterval(function(){E.kickWatchdog()},2000)";
  await prompt.ask("K", `(${feed},setTimeout(load,${FORGOTTEN_MS}),1)`, "have it stand by");
}

/** Longer than any flashing takes: 40 kB at 9600 baud are two minutes. */
export const FORGOTTEN_MS = 900_000;

async function backUp(board: BoardAtPrompt, folder: string, onProgress: OnProgress): Promise<StoredBackup> {
  const storage = new BoardStorage(board.prompt);
  const report = (done: number, total: number) => onProgress("backup", done, total, "");
  const backup = await readBackup(storage, board.identity, report);
  const stored = await storeBackup(folder, backup);
  const isEmpty = Object.keys(stored.files).length === 0;
  onProgress("backup", 1, 1, isEmpty ? "the board held nothing" : stored.path);
  return stored;
}

/** reset(): nothing runs any more, all memory is free; its console may be at another speed, or another place. */
async function stopProgram(board: BoardAtPrompt, onProgress: OnProgress): Promise<BoardStorage> {
  const { prompt, bauds, onNote, identity } = board;
  const { conversation } = prompt;
  onProgress("stop", 0, 1, "");
  await conversation.say("\x10reset()\n");
  await conversation.listen(SETTLE_MS);
  const { baud } = conversation.wire;
  const likely = [baud, ...bauds.filter((one) => one !== baud)];
  await getAttention(conversation, { bauds: likely, allowReset: false, onNote });
  await standBy(prompt);
  const isRaised = await raiseSpeed(prompt, identity.console);
  onProgress("stop", 1, 1, isRaised ? `console at ${conversation.wire.baud} baud` : "");
  return new BoardStorage(prompt, pieceSize(identity.receiveBuffer));
}

/** What does not come to its end starts the board again, with what it holds by then. */
async function orderly<T>(board: BoardAtPrompt, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await leave(board);
    throw error;
  }
}
