/** Whether a board will do for a program, and how it is written: what would do where it will not. */
import { Files, loader, TRAILER_BYTES } from "../../device/layout.mjs";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { FILE_OVERHEAD } from "./board-storage.ts";
import { type Identity, runningSlot } from "./identity.ts";

/**
 * two-slots: the old program stays until the new one is whole. in-place: it is erased first, since there is no room for both;
 * a cut meanwhile leaves the board at its prompt.
 */
export type FlashMode = "two-slots" | "in-place";

export interface Judgement {
  refuse?: BowlineError;
  warnings: string[];
  mode: FlashMode;
  /** Bytes that may be compacted first: only then may a power cut lose a file (Espruino holds it in memory meanwhile). */
  needsCompaction: boolean;
}

/** With the firmware and one example this many are in use (README: small); the rest is the author's. */
const VARIABLES_NEEDED = 1000;
/** What leaves an author's program room. */
const VARIABLES_ADVISED = 2000;
/** 2v28 made the native search fast by which frames are found: before, 115200 baud is more than a board can read. */
const ADVISED_VERSION = [2, 28] as const;
/** bowline.json twice, boot marks, the loader twice, a repair file: what may stand beside a program meanwhile. */
export const SMALL_FILES = 2 * 1024 + 256 + 2 * loader.length + 512 + 6 * FILE_OVERHEAD;

export function judge(identity: Identity, programBytes: number): Judgement {
  const room = measureRoom(identity, programBytes);
  const refuse = unsupported(identity) ?? otherProgram(identity) ?? tooSmall(identity, programBytes, room);
  const mode = room.beside >= room.needed ? "two-slots" : "in-place";
  return {
    ...(refuse !== undefined && { refuse }),
    warnings: warningsFor(identity, mode),
    mode,
    needsCompaction: room.needed > identity.storage.free,
  };
}

interface Room {
  needed: number;
  /** Once what is not used is erased. */
  beside: number;
  /** Once the present program is erased too. */
  instead: number;
}

function measureRoom({ storage, slots, files }: Identity, programBytes: number): Room {
  const running = runningSlot(slots);
  const onFile = (bytes: number) => (bytes > 0 ? bytes + FILE_OVERHEAD : 0);
  const idle = slots.filter((slot) => slot !== running).reduce((sum, { bytes }) => sum + onFile(bytes), 0);
  const beside = storage.free + (storage.trash ?? 0) + idle + onFile(files[Files.staged] ?? 0);
  const instead = beside + onFile(running?.bytes ?? 0) + onFile(files[Files.loader] ?? 0);
  return { needed: programBytes + TRAILER_BYTES + FILE_OVERHEAD + SMALL_FILES, beside, instead };
}

function unsupported({ board, version, missing }: Identity): BowlineError | undefined {
  if (missing.length === 0) return undefined;
  const text =
    `flash ${board} with Espruino ${version}: it has no ${missing.join(", ")}, on which the firmware stands; ` +
    "Espruino Pico, WiFi, Puck.js, micro:bit 2, ESP32, RP2040 have it";
  return new BowlineError(
    "FLASH_UNSUPPORTED",
    text,
    ExitCode.failure,
    "update Espruino on it, or take another board",
  );
}

/** What would run besides, or in place of, the loader; not ours to throw away. */
function otherProgram({ board, files }: Identity): BowlineError | undefined {
  if (files[".varimg"] !== undefined) {
    const text = `flash ${board}: it starts from a state that was stored by save(), which runs besides every program`;
    return new BowlineError(
      "FLASH_SAVED_STATE",
      text,
      ExitCode.failure,
      "erase it at the board's prompt: reset(true)",
    );
  }
  if (files[".bootrst"] !== undefined) {
    const text = `flash ${board}: its file .bootrst runs in place of any program`;
    return new BowlineError(
      "FLASH_BOOTRST",
      text,
      ExitCode.failure,
      'erase it at the board\'s prompt: require("Storage").erase(".bootrst")',
    );
  }
  return undefined;
}

function tooSmall(
  { board, variables, storage }: Identity,
  programBytes: number,
  room: Room,
): BowlineError | undefined {
  if (variables.total < VARIABLES_NEEDED) {
    const text = `flash ${board}: it has ${variables.total} variables; the firmware needs at least ${VARIABLES_NEEDED}`;
    return new BowlineError(
      "FLASH_NO_MEMORY",
      text,
      ExitCode.failure,
      "take a board with 2000 variables or more",
    );
  }
  if (room.instead >= room.needed) return undefined;
  const text =
    `flash ${board}: a program of ${programBytes} bytes takes ${room.needed} in Storage; of its ${storage.total}, ` +
    `${room.instead} would be free without the present one`;
  return new BowlineError(
    "FLASH_NO_ROOM",
    text,
    ExitCode.failure,
    "erase files there, or build a smaller program",
  );
}

function warningsFor({ version, variables, files, board }: Identity, mode: FlashMode): string[] {
  const warnings: string[] = [];
  if (isOlder(version)) {
    warnings.push(
      `Espruino ${version} is older than ${ADVISED_VERSION.join("v")}: over a UART it reads no more than 57600 baud; set that, or update it`,
    );
  }
  if (variables.total < VARIABLES_ADVISED) {
    warnings.push(`${board} has ${variables.total} variables: little is left for a program of yours`);
  }
  const others = [".bootPowerOn", ".boot0", ".boot1", ".boot2", ".boot3"].filter(
    (name) => files[name] !== undefined,
  );
  if (others.length > 0)
    warnings.push(`${others.join(", ")}: runs before the program at each start, and stays`);
  if (mode === "in-place") {
    warnings.push(
      "no room for two programs: the old one is erased first; a cut meanwhile leaves the board at its prompt",
    );
  }
  return warnings;
}

function isOlder(version: string): boolean {
  const [, major, minor] = /^(\d+)v(\d+)/.exec(version) ?? [];
  if (major === undefined) return false;
  const [wantedMajor, wantedMinor] = ADVISED_VERSION;
  return Number(major) < wantedMajor || (Number(major) === wantedMajor && Number(minor) < wantedMinor);
}
