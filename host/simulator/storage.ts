/**
 * The flash of a simulated board, as require("Storage") shows it; with a folder it outlives the process, a file each.
 *
 * Like flash, a part written later may only fill what was left unwritten (ff) when the file was made (espruino §4.5).
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { flatten, toByteString } from "./bytes.ts";
import type { Run } from "./run.ts";

const MAX_NAME = 28; // longer names are cut, silently
const CAPACITY = 262_144;
const FILE_OVERHEAD = 32;

export class FlashStorage {
  private readonly files = new Map<string, Uint8Array>();

  /** folder: made if missing; what is there is read. */
  constructor(private readonly folder?: string) {
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true });
    for (const file of readdirSync(folder))
      this.files.set(decodeURIComponent(file), readFileSync(join(folder, file)));
  }

  /** The bytes of a file, or undefined. */
  read(name: string): Uint8Array | undefined {
    return this.files.get(cut(name));
  }

  /** Throws with the board's words when a part does not fit. */
  write(name: string, data: Uint8Array, offset = 0, size = 0): void {
    const file = offset === 0 ? new Uint8Array(size || data.length).fill(0xff) : this.read(name);
    if (file === undefined) throw new Error("Unable to find or create file");
    if (file.length === 0) throw new Error("Can't create zero length file");
    if (offset + data.length > file.length) throw new Error("Too much data for file size");
    if (data.some((byte, i) => file[offset + i] !== 0xff && file[offset + i] !== byte))
      throw new Error("File already written with different data");
    file.set(data, offset);
    this.files.set(cut(name), file);
    if (this.folder) writeFileSync(this.pathOf(name), file);
  }

  erase(name: string): void {
    if (this.files.delete(cut(name)) && this.folder) rmSync(this.pathOf(name));
  }

  /** What require("Storage") gives to the program. */
  api(run: Run) {
    const read = (name: string, offset = 0, length?: number) => {
      const bytes = this.read(name);
      return (
        bytes && toByteString(bytes.subarray(offset, length === undefined ? undefined : offset + length))
      );
    };
    const write = (name: string, data: unknown, offset?: number, size?: number) => {
      this.write(name, flatten(isPlain(data) ? run.realm.JSON.stringify(data) : data), offset, size);
      return true;
    };
    return {
      read,
      write,
      readJSON: (name: string, isQuiet?: boolean) => {
        const text = read(name);
        try {
          return text === undefined ? undefined : run.realm.JSON.parse(text);
        } catch (error) {
          if (!isQuiet) throw error;
          return undefined;
        }
      },
      readArrayBuffer: (name: string) => this.readArrayBuffer(run, name),
      writeJSON: (name: string, value: unknown) => write(name, run.realm.JSON.stringify(value)),
      erase: (name: string) => this.erase(name),
      list: () => run.realm.arrayOf(this.files.keys()),
      getFree: () => this.free,
    };
  }

  private readArrayBuffer(run: Run, name: string): ArrayBuffer | undefined {
    const bytes = this.read(name);
    return bytes && new run.realm.Uint8Array(bytes).buffer;
  }

  private get free(): number {
    let used = 0;
    for (const file of this.files.values()) used += file.length + FILE_OVERHEAD;
    return CAPACITY - used;
  }

  private pathOf(name: string): string {
    return join(this.folder as string, encodeURIComponent(cut(name)));
  }
}

function cut(name: string): string {
  return name.slice(0, MAX_NAME);
}

function isPlain(data: unknown): boolean {
  return Object.prototype.toString.call(data) === "[object Object]";
}
