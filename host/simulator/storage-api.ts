/** require("Storage") as a program on the simulated board sees it. */
import { flatten, toByteString } from "./bytes.ts";
import { parseLiberally, stringifyLiberally } from "./liberal-json.ts";
import type { Run } from "./run.ts";
import type { FlashStorage } from "./storage.ts";

export function createStorageApi(run: Run, storage: FlashStorage) {
  /** Without a length, with 0 too: all that follows. */
  function read(name: unknown, offset = 0, length = 0): string | undefined {
    const bytes = storage.read(String(name), offset, length > 0 ? length : undefined);
    return bytes && toByteString(bytes);
  }

  function write(name: unknown, data: unknown, offset = 0, size = 0): boolean {
    if (offset < 0 || size < 0) return false;
    if (data === undefined || data === null) throw new run.realm.Error("Can't get pointer to data to write");
    if (isPlain(data)) store(name, flatten(run.realm.JSON.stringify(data)), 0, 0);
    else store(name, flatten(data), offset, size);
    return true;
  }

  function store(name: unknown, bytes: Uint8Array, offset: number, size: number): void {
    inRealm(() => storage.write(String(name), bytes, offset, size), run.realm.Error);
  }

  return {
    read,
    write,
    readJSON: (name: unknown, isQuiet?: unknown) => {
      const text = read(name);
      if (text === undefined) return undefined;
      try {
        return run.realm.JSON.parse(JSON.stringify(parseLiberally(text))); // a value of the program's own realm
      } catch (error) {
        if (isQuiet) return undefined;
        throw new run.realm.SyntaxError((error as Error).message);
      }
    },
    writeJSON: (name: unknown, value: unknown) => write(name, stringifyLiberally(value)),
    readArrayBuffer: (name: unknown) => {
      const bytes = storage.read(String(name));
      return bytes && new run.realm.Uint8Array(bytes).buffer;
    },
    erase: (name: unknown) => inRealm(() => void storage.erase(String(name)), run.realm.Error),
    eraseAll: () => inRealm(() => storage.eraseAll(), run.realm.Error),
    compact: () => inRealm(() => void storage.compact(), run.realm.Error),
    list: (pattern?: RegExp) =>
      run.realm.arrayOf(storage.list().filter((name) => pattern === undefined || name.match(pattern))),
    getFree: () => storage.stats().freeBytes,
    getStats: () => Object.assign(run.realm.object(), storage.stats()),
  };
}

/** What our own side throws, as an error of the program's realm. */
function inRealm<T>(action: () => T, RealmError: ErrorConstructor): T {
  try {
    return action();
  } catch (error) {
    throw new RealmError((error as Error).message);
  }
}

function isPlain(data: unknown): boolean {
  return Object.prototype.toString.call(data) === "[object Object]";
}
