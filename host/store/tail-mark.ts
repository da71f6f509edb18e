/**
 * The number of the last commit that was flushed, in a file of its own: what the store must at least show when it is
 * opened. LevelDB drops what it cannot read at the end of its log without a word, for it may have been cut off there.
 *
 * Written after every commit and never flushed, except when the store is closed in order: it costs no flush, is right
 * when the process was killed, and after a power cut it is an earlier number or none.
 *
 *   mark   number:14 (hexadecimal)  space  crc:8 (of the number's digits)  newline
 */
import { closeSync, constants, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";

const MARK = /^([0-9a-f]{14}) ([0-9a-f]{8})\n$/;

export class TailMark {
  private file = -1;

  constructor(private readonly path: string) {}

  /** The number in the file; 0 when there is none, or none that is whole. */
  read(): number {
    let text: string;
    try {
      text = readFileSync(this.path, "latin1");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
      throw error;
    }
    const [, digits, crc] = MARK.exec(text) ?? [];
    return digits !== undefined && crc === hex(crc32(digits), 8) ? Number.parseInt(digits, 16) : 0;
  }

  open(): void {
    this.file = openSync(this.path, constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  write(commit: number): void {
    if (this.file < 0) return;
    const digits = hex(commit, 14);
    writeSync(this.file, `${digits} ${hex(crc32(digits), 8)}\n`, 0, "latin1");
  }

  /** Makes it durable. */
  close(): void {
    if (this.file < 0) return;
    try {
      fsyncSync(this.file);
    } finally {
      closeSync(this.file);
      this.file = -1;
    }
  }
}

const hex = (n: number, digits: number) => n.toString(16).padStart(digits, "0");
