/**
 * bowline.json on the board, changed so that it is whole at every instant:
 *
 *   bl.new written and checked ─▶ bowline.json erased, written, checked ─▶ bl.new erased
 *
 * Whoever reads takes bowline.json if it is JSON, else bl.new. No beginning of a JSON object is JSON itself, so a cut while
 * either is written leaves it out, and the other one counts.
 */
import { crc32 } from "node:zlib";
import { Files } from "../../device/layout.mjs";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import type { BoardStorage } from "./board-storage.ts";
import { parseObject } from "./identity.ts";

/** `changes` laid over `present`; null takes a field out. */
export function mergeConfig(
  present: Record<string, unknown> | undefined,
  changes: object,
): Record<string, unknown> {
  const fields = Object.entries({ ...present, ...changes }).filter(([, value]) => value !== null);
  return Object.fromEntries(fields);
}

/** Makes bowline.json these bytes, JSON as UTF-8; undefined: takes it away. */
export async function writeConfig(storage: BoardStorage, wanted: Buffer | undefined): Promise<void> {
  const present = await storage.read(Files.config);
  const isWhole = present !== undefined && parseObject(present) !== undefined;
  if (wanted === undefined) {
    // The copy first: it would come to count once the other is gone.
    await storage.erase(Files.nextConfig);
    return storage.erase(Files.config);
  }
  if (isWhole && present.equals(wanted)) return storage.erase(Files.nextConfig);
  // With bowline.json cut the copy is all there is: it stays until the other is whole.
  if (isWhole || (await storage.size(Files.nextConfig)) === undefined)
    await writeWhole(storage, Files.nextConfig, wanted);
  await writeWhole(storage, Files.config, wanted);
  await storage.erase(Files.nextConfig);
}

/** A file in place of the one that is there, checked; once more when it was not right. */
export async function writeWhole(
  storage: BoardStorage,
  name: string,
  bytes: Buffer,
  onProgress?: (written: number) => void,
): Promise<void> {
  for (let tries = 0; tries < 2; tries++) {
    await storage.erase(name);
    await storage.write(name, bytes, { total: bytes.length, ...(onProgress && { onProgress }) });
    if (await storage.isSame(name, bytes)) return;
  }
  throw notAsSent(name, bytes);
}

export function notAsSent(name: string, bytes: Buffer): BowlineError {
  const crc = crc32(bytes).toString(16).padStart(8, "0");
  const text = `write ${name}: twice the board has another content than CRC-32 ${crc}; what ran before stays`;
  return new BowlineError(
    "FLASH_NOT_AS_SENT",
    text,
    ExitCode.verification,
    "use a better cable, or a lower --baud",
  );
}
