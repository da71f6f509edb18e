/**
 * A file of the board replaced by another so that a cut at any instant leaves the old one or the new one, once the board has
 * started again.
 *
 *   1  the new content under another name (bl.t), checked              cut: the old file is untouched
 *   2  a repair in a free .boot0 to .boot3, which runs at every        cut: half of it is a syntax error, which runs nothing
 *      start before .bootcde
 *   3  the board runs the repair: erases the old file, copies,         cut: the next start runs the repair from its beginning,
 *      then erases bl.t, then the repair                                    before the file that was cut
 *
 * From the last byte of step 2 on the new file is what a start leads to; that is the commit. The repair is a single
 * expression, run only by its last two characters. It compares before it copies, so running it again does no harm.
 */
import { crc32 } from "node:zlib";
import { Files } from "../../device/layout.mjs";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import type { BoardStorage } from "./board-storage.ts";
import { notAsSent, writeWhole } from "./settings.ts";

/** A copy of tens of kilobytes within the flash. */
const COPY_MS = 30_000;
/** Bytes the board copies at once: through its memory, where flash cannot be read like it. */
const COPY_BYTES = 512;
const REPAIR_PLACES = [".boot3", ".boot2", ".boot1", ".boot0"];

export async function replaceFile(
  storage: BoardStorage,
  name: string,
  bytes: Buffer,
  onProgress?: (written: number) => void,
): Promise<void> {
  if (await storage.isSame(name, bytes)) return;
  const place = await freePlace(storage);
  await writeWhole(storage, Files.staged, bytes, onProgress);
  await writeWhole(storage, place, Buffer.from(repairSource(place, name, bytes)));
  const run = `eval(require("Storage").read(${JSON.stringify(place)}))`;
  await storage.prompt.ask("W", run, `put ${name} in place`, COPY_MS);
  if (!(await storage.isSame(name, bytes))) throw notAsSent(name, bytes);
}

async function freePlace(storage: BoardStorage): Promise<string> {
  const sizes = await storage.sizes(REPAIR_PLACES);
  const place = REPAIR_PLACES.find((_, i) => sizes[i] === undefined);
  if (place !== undefined) return place;
  const text = `replace a boot file of the board: ${REPAIR_PLACES.join(", ")} are all in use; one must be free meanwhile`;
  throw new BowlineError(
    "FLASH_NO_REPAIR",
    text,
    ExitCode.failure,
    'require("Storage").erase(".boot3") at its prompt',
  );
}

/** One expression. Without a right bl.t it only takes itself away. */
function repairSource(place: string, name: string, bytes: Buffer): string {
  const [self, to, from] = [place, name, Files.staged].map((one) => JSON.stringify(one));
  const crc = crc32(bytes);
  const size = bytes.length;
  const isWrong = `(!f||f.length!=${size}||E.CRC32(f)!=${crc})`;
  const copy = `s.erase(${to});for(o=0;o<${size};o+=${COPY_BYTES})s.write(${to},s.read(${from},o,${COPY_BYTES}),o,${size})`;
  return `(function(){var s=require("Storage"),t=s.read(${from}),f=s.read(${to}),o;if(t&&t.length==${size}&&E.CRC32(t)==${crc}){if${isWrong}{${copy}}s.erase(${from})}s.erase(${self})})()`;
}
