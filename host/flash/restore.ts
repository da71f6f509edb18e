/**
 * A board as its backup says it was, by the steps that flashing takes, each of which a cut leaves whole:
 *
 *   no .bootcde before        the loader is erased, one step: from then on a start ends at the prompt; then the rest
 *   our program before        still in its slot: newer ones are erased, one step. Else it is written as a new generation
 *   another .bootcde before   put in the loader's place by replace-file.ts; then the slots are erased
 */
import { Files, parseSlot } from "../../device/layout.mjs";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import type { Backup } from "./backup.ts";
import type { BoardStorage } from "./board-storage.ts";
import { FILE_OVERHEAD } from "./board-storage.ts";
import { readSlots, runningSlot, type StorageRoom } from "./identity.ts";
import type { FlashMode } from "./judge.ts";
import { replaceFile } from "./replace-file.ts";
import { writeConfig } from "./settings.ts";
import { TIDYING, type WriteStep, writeProgram } from "./write-program.ts";

export type RestoredTo = "prompt" | "program" | "other program";

type OnStep = (step: WriteStep, done: number, total: number, note?: string) => void;

interface Wanted {
  boot: Buffer | undefined;
  program: { name: string; bytes: Buffer; text: string } | undefined;
  config: Buffer | undefined;
}

export async function restore(
  storage: BoardStorage,
  backup: Backup,
  mode: FlashMode,
  onStep: OnStep,
): Promise<RestoredTo> {
  const wanted = read(backup);
  if (wanted.boot === undefined) return restorePrompt(storage, wanted, onStep);
  if (wanted.program !== undefined) return restoreProgram(storage, wanted, mode, onStep);
  return restoreOther(storage, wanted, onStep);
}

function read({ files }: Backup): Wanted {
  const bytesOf = (name: string) =>
    files[name] === undefined ? undefined : Buffer.from(files[name], "base64");
  const slots = Files.slots.flatMap((name) => {
    const bytes = bytesOf(name);
    const slot = bytes && parseSlot(bytes);
    return bytes && slot ? [{ name, bytes, text: slot.program }] : [];
  });
  return {
    boot: bytesOf(Files.loader),
    program: slots[0],
    config: bytesOf(Files.config) ?? bytesOf(Files.nextConfig),
  };
}

async function restorePrompt(storage: BoardStorage, { config }: Wanted, onStep: OnStep): Promise<RestoredTo> {
  onStep("commit", 0, 1);
  await storage.erase(Files.loader);
  for (const name of [...Files.slots, Files.marks]) await storage.erase(name);
  await writeConfig(storage, config);
  onStep("commit", 1, 1);
  return "prompt";
}

async function restoreProgram(
  storage: BoardStorage,
  wanted: Wanted,
  mode: FlashMode,
  onStep: OnStep,
): Promise<RestoredTo> {
  const { name, bytes, text } = wanted.program!;
  const hasLoader = await storage.isSame(Files.loader, wanted.boot!);
  if (!hasLoader || !(await storage.isSame(name, bytes))) {
    await writeProgram(storage, { program: text, mode, config: wanted.config, boot: wanted.boot!, onStep });
    return "program";
  }
  onStep("commit", 0, 1);
  await writeConfig(storage, wanted.config);
  await storage.erase(Files.marks);
  for (const other of Files.slots) if (other !== name) await storage.erase(other);
  onStep("commit", 1, 1);
  return "program";
}

async function restoreOther(
  storage: BoardStorage,
  { boot, config }: Wanted,
  onStep: OnStep,
): Promise<RestoredTo> {
  const running = runningSlot(await readSlots(storage.prompt, storage));
  for (const name of Files.slots) if (name !== running?.name) await storage.erase(name);
  await storage.erase(Files.staged);
  const needed = 2 * (boot!.length + FILE_OVERHEAD) + 1024;
  onStep("upload", 0, boot!.length);
  if ((await storage.free()) < needed) {
    onStep("upload", 0, boot!.length, TIDYING);
    await storage.compact();
  }
  await requireRoom(storage, needed);
  await replaceFile(storage, Files.loader, boot!, (done) => onStep("upload", done, boot!.length));
  onStep("commit", 0, 1);
  for (const name of [...Files.slots, Files.marks]) await storage.erase(name);
  await writeConfig(storage, config);
  onStep("commit", 1, 1);
  return "other program";
}

async function requireRoom(storage: BoardStorage, needed: number): Promise<void> {
  const free: StorageRoom["free"] = await storage.free();
  if (free >= needed) return;
  const text = `restore the board's former program: it takes ${needed} bytes of Storage while it is put in place; ${free} are free`;
  throw new BowlineError("FLASH_NO_ROOM", text, ExitCode.failure, "erase files there that are not needed");
}
