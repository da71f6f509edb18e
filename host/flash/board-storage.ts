/**
 * Files in the board's Storage, read and written through its prompt in pieces, each with a CRC-32 made at the other end.
 *
 * Storage is flash: what is written once cannot be written again, not even with the same bytes (espruino §4.5 is kinder
 * than 2v29 is). So after a lost answer the board is asked what is there before the same piece is sent once more.
 */
import { crc32 } from "node:zlib";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { ANSWER_MS, BoardRefusal, NoAnswer } from "./conversation.ts";
import type { Prompt } from "./prompt.ts";

/** Making a file may have to erase flash first, which takes 1 to 2 s, or to compact it all; so may a walk through it. */
const WRITE_MS = 8000;
const COMPACT_MS = 30_000;
/** Of a file read; 512 characters of base64. */
const READ_BYTES = 384;
/** A line must fit the board's receive buffer of 512 or 1024 bytes: 4/3 of the piece, and 170 characters around it. */
const SMALL_PIECE = 240;
const LARGE_PIECE = 512;
const LARGE_BUFFER = 1024;
/** Header of a file, and what aligns it. */
export const FILE_OVERHEAD = 36;

/** Bytes a chunk of a file, for a board whose port can hold so many. */
export function pieceSize(receiveBuffer: number): number {
  return receiveBuffer >= LARGE_BUFFER ? LARGE_PIECE : SMALL_PIECE;
}

export interface WriteOptions {
  /** Size of the whole file; what is not written stays ff. */
  total: number;
  /** Where `bytes` begins in it. */
  at?: number;
  onProgress?(written: number): void;
}

export class BoardStorage {
  constructor(
    readonly prompt: Prompt,
    private readonly piece = SMALL_PIECE,
  ) {}

  /** undefined where there is no such file. */
  async size(name: string): Promise<number | undefined> {
    return (await this.sizes([name]))[0];
  }

  async sizes(names: readonly string[]): Promise<(number | undefined)[]> {
    const expression = `JSON.stringify(${JSON.stringify(names)}.map(function(n){var f=require("Storage").read(n);return f===undefined?-1:f.length}))`;
    const sizes = JSON.parse(await this.prompt.ask("L", expression, "look for files")) as number[];
    return sizes.map((size) => (size < 0 ? undefined : size));
  }

  /** CRC-32 of a part that is there; -1 where the file is not. */
  async crc(name: string, at: number, length: number): Promise<number> {
    const read = `require("Storage").read(${JSON.stringify(name)},${at},${length})`;
    const expression = `(function(f){return f===undefined?-1:E.CRC32(f)})(${read})`;
    return Number(await this.prompt.ask("C", expression, `check ${name}`, WRITE_MS));
  }

  /** Whether the file is exactly this. */
  async isSame(name: string, bytes: Buffer): Promise<boolean> {
    if ((await this.size(name)) !== bytes.length) return false;
    return (await this.crc(name, 0, bytes.length)) === crc32(bytes);
  }

  /** The whole file, or undefined. Rejects with FLASH_READ_SPOILED when it does not arrive as it is. */
  async read(name: string, onProgress?: (done: number, total: number) => void): Promise<Buffer | undefined> {
    const size = await this.size(name);
    if (size === undefined) return undefined;
    const pieces: Buffer[] = [];
    for (let at = 0; at < size; at += READ_BYTES) {
      pieces.push(await this.readPiece(name, at, Math.min(READ_BYTES, size - at)));
      onProgress?.(Math.min(at + READ_BYTES, size), size);
    }
    return Buffer.concat(pieces);
  }

  private async readPiece(name: string, at: number, length: number): Promise<Buffer> {
    const doing = `read ${name}`;
    const read = `require("Storage").read(${JSON.stringify(name)},${at},${length})`;
    for (let tries = 0; tries < 2; tries++) {
      const answer = await this.prompt.ask(
        "B",
        `(function(f){return E.CRC32(f)+":"+btoa(f)})(${read})`,
        doing,
      );
      const [crc, text = ""] = answer.split(":");
      const bytes = Buffer.from(text, "base64");
      if (bytes.length === length && crc32(bytes) === Number(crc)) return bytes;
    }
    const text = `${doing} at ${at}: what came is not what its CRC-32 says, twice`;
    throw new BowlineError(
      "FLASH_READ_SPOILED",
      text,
      ExitCode.verification,
      "use a better cable, or --baud 9600",
    );
  }

  /**
   * Writes a part that was not written before; with at 0 it makes the file, which must not be there. The watchdog that an
   * older firmware left armed is fed with each piece. Rejects with FLASH_BOARD_ERROR, FLASH_NO_ANSWER, FLASH_WRITE_SPOILED.
   */
  async write(name: string, bytes: Buffer, { total, at = 0, onProgress }: WriteOptions): Promise<void> {
    for (let done = 0; done < bytes.length; done += this.piece) {
      const piece = bytes.subarray(done, done + this.piece);
      await this.writePiece(name, piece, at + done, total);
      onProgress?.(done + piece.length);
    }
  }

  private async writePiece(name: string, piece: Buffer, at: number, total: number): Promise<void> {
    const doing = `write ${name} at ${at}`;
    const crc = crc32(piece);
    const write = `require("Storage").write(${JSON.stringify(name)},d,${at},${total})`;
    const command = `(function(d){if(E.CRC32(d)!=${crc})throw"spoiled";E.kickWatchdog();${write};return"${at}."})(atob("${piece.toString("base64")}"))`;
    for (let lost = 0; ; ) {
      const failure = await this.prompt.conversation.ask("O", command, at === 0 ? WRITE_MS : ANSWER_MS).then(
        (answer) => (answer === `${at}.` ? null : new NoAnswer(answer)),
        (error: unknown) => error,
      );
      if (failure === null) return;
      lost++;
      if (failure instanceof NoAnswer) await this.prompt.regain(doing, lost);
      else if (!(failure instanceof BoardRefusal)) throw failure;
      // The line may have been run all the same, or have been spoiled on its way.
      if ((await this.crc(name, at, piece.length)) === crc) return;
      if (failure instanceof BoardRefusal && lost > 1) throw this.prompt.refused(doing, failure);
    }
  }

  async erase(name: string): Promise<void> {
    await this.prompt.ask(
      "D",
      `require("Storage").erase(${JSON.stringify(name)})`,
      `erase ${name}`,
      WRITE_MS,
    );
  }

  /** Bytes at the end of Storage: what can be written without a compaction. */
  async free(): Promise<number> {
    return Number(await this.prompt.ask("S", `require("Storage").getFree()`, "measure Storage", WRITE_MS));
  }

  /** Gives back what erased files hold. While it lasts, the board holds parts of files in its memory alone. */
  async compact(): Promise<void> {
    await this.prompt.ask("G", `require("Storage").compact()`, "tidy Storage", COMPACT_MS);
  }
}
