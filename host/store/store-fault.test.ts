import { describe, expect, test } from "vitest";
import { BowlineError, formatError } from "../platform/errors.ts";
import { damage, storeFault, storeUnavailable } from "./store-fault.ts";

/** As classic-level reports it: the cause says what happened. */
function levelError(text: string, code?: string): Error {
  const cause = Object.assign(new Error(text), code === undefined ? {} : { code });
  return Object.assign(new Error("Database failed to open", { cause }), { code: "LEVEL_DATABASE_NOT_OPEN" });
}

describe("what the disk or LevelDB say", () => {
  test.each([
    ["IO error: /data/store/LOCK: Permission denied", "LEVEL_IO_ERROR", "STORE_PERMISSION", 4],
    ["IO error: /data/store/MANIFEST-000004: Read-only file system", "LEVEL_IO_ERROR", "STORE_READ_ONLY", 4],
    ["IO error: /data/store/000005.log: No space left on device", "LEVEL_IO_ERROR", "STORE_NO_SPACE", 1],
    ["IO error: /data/store/000005.log: Disk quota exceeded", "LEVEL_IO_ERROR", "STORE_NO_SPACE", 1],
    ["IO error: /data/store/000005.log: File too large", "LEVEL_IO_ERROR", "STORE_NO_SPACE", 1],
    ["IO error: /data/store/000005.log: Input/output error", "LEVEL_IO_ERROR", "STORE_FAILED", 1],
    ["Corruption: 2 missing files; e.g.: /data/store/000005.ldb", "LEVEL_CORRUPTION", "STORE_CORRUPT", 7],
    ["Corruption: bad block contents", "LEVEL_CORRUPTION", "STORE_CORRUPT", 7],
    [
      "Invalid argument: /data/store: does not exist (create_if_missing is false)",
      undefined,
      "STORE_CORRUPT",
      7,
    ],
    ["IO error: /data/store/000007.ldb: No such file or directory", "LEVEL_IO_ERROR", "STORE_CORRUPT", 7],
  ])("%s", (text, code, name, exitCode) => {
    const fault = storeFault(levelError(text, code), "opening the store in /data", "/data");
    expect(fault).toMatchObject({ code: name, exitCode });
    expect(fault.message).toBe(
      `opening the store in /data: ${text}${code === undefined ? "" : ` (${code})`}`,
    );
    expect(fault.mend).not.toBe("");
  });

  test.each([
    "IO error: lock /data/store/LOCK: Resource temporarily unavailable",
    "IO error: lock /data/store/LOCK: already held by process",
  ])("a lock of another process is told without LevelDB's words: %s", (text) => {
    expect(storeFault(levelError(text, "LEVEL_LOCKED"), "opening the store in /data", "/data")).toMatchObject(
      {
        ...{ code: "STORE_LOCKED", exitCode: 5 },
        message: "opening the store in /data: another process has it open; allowed: one at a time",
      },
    );
  });

  test("an error of ours stays what it is", () => {
    const own = new BowlineError("STORE_LOCKED", "text");
    expect(storeFault(own, "opening", "/data")).toBe(own);
  });

  test("what is no error at all is said as it is", () => {
    expect(storeFault("boom", "writing", "/data")).toMatchObject({
      code: "STORE_FAILED",
      message: "writing: boom",
    });
  });
});

test("damage names the folder to put in its place, and how to go on without it", () => {
  expect(formatError(damage("commit 7 is missing", "/data"))).toBe(
    "bowline: checking the store in /data: commit 7 is missing [STORE_CORRUPT]\n" +
      "  mend: put a copy of /data in its place, or begin anew without what it held: mv /data /data.damaged",
  );
});

test("LevelDB's native part that does not load is told in one line, with who knows what mends it", () => {
  const fault = storeUnavailable(new Error("No native build was found\nloaded from: x"));
  expect(fault).toMatchObject({ code: "STORE_UNAVAILABLE", exitCode: 1, mend: "bowline doctor" });
  expect(fault.message).toBe(
    "load classic-level: No native build was found; without it only data: memory works, which outlives no restart",
  );
});
