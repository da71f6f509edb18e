/**
 * A program onto the board, so that at every instant a start runs the old program or the new one, whole.
 *
 *   1  the slot that does not run: program without trailer, checked    cut: no trailer, so the loader passes it by
 *   2  the loader, where there is no .bootcde at all                    cut: half an expression runs nothing, as before; whole,
 *                                                                       it finds no finished slot, and leaves the prompt
 *   3  bowline.json (settings.ts)                                       cut: the old one or the new one; both programs read it
 *   4  marks of failed starts erased                                    cut: the old program is given its starts anew
 *   5  the trailer: 16 bytes with the CRC of all before                 cut: a part of it is no trailer
 *   6  where .bootcde was another program's: the loader in its place    cut: replace-file.ts
 *
 * With the loader there the last byte of step 5 is the commit: a newer generation. With another program there it is in
 * step 6; what 5 wrote runs nothing until then.
 *
 * Without room for two, the old program is erased first: until the commit a start then ends at the prompt.
 */
import { crc32 } from "node:zlib";
import { Files, loader, slotImage, TRAILER_BYTES } from "../../device/layout.mjs";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import type { BoardStorage } from "./board-storage.ts";
import { FILE_OVERHEAD } from "./board-storage.ts";
import { readSlots, runningSlot, type SlotState } from "./identity.ts";
import { type FlashMode, SMALL_FILES } from "./judge.ts";
import { replaceFile } from "./replace-file.ts";
import { notAsSent, writeConfig, writeWhole } from "./settings.ts";

export type WriteStep = "prepare" | "upload" | "verify" | "commit";

export interface ProgramToWrite {
  program: string;
  mode: FlashMode;
  /** bowline.json, whole; undefined: none. */
  config: Buffer | undefined;
  /** What `.bootcde` is to be. */
  boot?: Buffer;
  onStep(step: WriteStep, done: number, total: number, note?: string): void;
}

export interface WrittenProgram {
  slot: string;
  generation: number;
  /** Of the slot's file. */
  bytes: number;
  crc: number;
}

/** Meanwhile the board holds parts of its files in its memory alone: only Espruino could do that otherwise. */
export const TIDYING = "the board tidies its Storage, which takes some seconds: keep its power on";
const OUR_LOADER = Buffer.from(loader, "latin1");

export async function writeProgram(storage: BoardStorage, what: ProgramToWrite): Promise<WrittenProgram> {
  const { program, mode, config, onStep, boot = OUR_LOADER } = what;
  onStep("prepare", 0, 1);
  const slots = await readSlots(storage.prompt, storage);
  const running = runningSlot(slots);
  const slot = slots.find((one) => one !== running) as SlotState;
  const generation = (running?.generation ?? -1) + 1;
  const image = slotImage(program, generation);
  await makeRoom(storage, { slots, running, mode, bytes: image.length }, (note) =>
    onStep("prepare", 0, 1, note),
  );
  onStep("prepare", 1, 1);

  await upload(storage, slot.name, image, what);
  const hasOther =
    (await storage.size(Files.loader)) !== undefined && !(await storage.isSame(Files.loader, boot));
  if (!hasOther) await writeIfAbsent(storage, boot);
  await writeConfig(storage, config);
  await storage.erase(Files.marks);

  onStep("commit", 0, 1);
  const at = image.length - TRAILER_BYTES;
  await storage.write(slot.name, image.subarray(at), { total: image.length, at });
  if (hasOther) await replaceFile(storage, Files.loader, boot);
  const chosen = runningSlot(await readSlots(storage.prompt, storage));
  if (chosen?.name !== slot.name || chosen.generation !== generation)
    throw notChosen(slot.name, generation, chosen);
  onStep("commit", 1, 1);
  return { slot: slot.name, generation, bytes: image.length, crc: crc32(image) };
}

interface Room {
  slots: readonly SlotState[];
  running: SlotState | undefined;
  mode: FlashMode;
  bytes: number;
}

/** Erases what is not used, or also what is, and compacts only where that gives the room. */
async function makeRoom(
  storage: BoardStorage,
  { slots, running, mode, bytes }: Room,
  onNote: (note: string) => void,
) {
  const isInPlace = mode === "in-place";
  // The loader, or another program, first: from then on a start ends at the prompt, and at nothing half.
  if (isInPlace) await storage.erase(Files.loader);
  for (const slot of slots) if (isInPlace || slot !== running) await storage.erase(slot.name);
  await storage.erase(Files.staged);
  const needed = bytes + FILE_OVERHEAD + SMALL_FILES;
  if ((await storage.free()) >= needed) return;
  onNote(TIDYING);
  await storage.compact();
}

/** All but the trailer; the whole once more when it is not what it must be. */
async function upload(
  storage: BoardStorage,
  name: string,
  image: Buffer,
  what: ProgramToWrite,
): Promise<void> {
  const text = image.subarray(0, image.length - TRAILER_BYTES);
  for (let tries = 0; tries < 2; tries++) {
    if (tries > 0) await cleanPlace(storage, name, what);
    try {
      await storage.write(name, text, {
        total: image.length,
        onProgress: (done) => what.onStep("upload", done, text.length),
      });
    } catch (error) {
      const isRefused = error instanceof BowlineError && error.code === "FLASH_BOARD_ERROR";
      if (tries > 0 || !isRefused) throw error;
      continue;
    }
    what.onStep("verify", 0, 1);
    const isRight = (await storage.crc(name, 0, text.length)) === crc32(text);
    what.onStep("verify", 1, 1, isRight ? "" : "the CRC-32 differs");
    if (isRight) return;
  }
  throw notAsSent(name, text);
}

/** A cut during a compaction leaves flash that is neither used nor erased; another compaction erases it. */
async function cleanPlace(storage: BoardStorage, name: string, { onStep }: ProgramToWrite): Promise<void> {
  await storage.erase(name);
  onStep("prepare", 0, 1, TIDYING);
  await storage.compact();
  onStep("prepare", 1, 1);
}

async function writeIfAbsent(storage: BoardStorage, boot: Buffer): Promise<void> {
  if ((await storage.size(Files.loader)) === undefined) await writeWhole(storage, Files.loader, boot);
}

function notChosen(slot: string, generation: number, chosen: SlotState | undefined): BowlineError {
  const seen = chosen === undefined ? "none" : `${chosen.name}, generation ${chosen.generation}`;
  const text = `commit ${slot}, generation ${generation}: the loader would choose ${seen}`;
  return new BowlineError("FLASH_NOT_CHOSEN", text, ExitCode.verification, "run the same command again");
}
