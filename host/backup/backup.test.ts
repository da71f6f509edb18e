/** Backups of closed folders, read whole, cut at every byte, and changed at every byte. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Entry } from "../store/database.ts";
import { makePipe, makeSocket } from "../testing/special-files.ts";
import { keepBackup } from "./backup-file.ts";
import { backupOfFolder } from "./closed-folder.ts";
import { decodeEntries, encodeEntries } from "./entries.ts";
import { examineBackup } from "./examine.ts";
import { readBackup } from "./read-backup.ts";
import { restoreBackup } from "./restore.ts";
import { atticForEach, codeOf } from "./testing/attic.ts";
import { fillFolder, storeOf } from "./testing/data-folder.ts";

const { folder, data, file, backUp } = atticForEach();

describe("a backup", () => {
  test("has what matters of the folder, is its owner's alone, and leaves nothing beside it", async () => {
    const kept = await backUp();
    expect(kept).toMatchObject({
      ...{ gateway: "attic", messages: 20, last: 20, watermarks: 1, devices: 1, documents: 5 },
      ...{ keys: 1, peerKeys: 0, hasHistory: false, hasConfiguration: false, files: ["host-id"] },
    });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder()).sort()).toEqual(["a.bowline", "data"]);
    expect(kept.size).toBe(statSync(file()).size);
  });

  test("restored is the same store with an epoch of its own; what lies beside it keeps its mode and its time", async () => {
    const before = await storeOf(data());
    await backUp();
    const to = join(folder(), "other");
    expect(await restoreBackup(file(), to, { isForced: false })).toMatchObject({ data: to, aside: "" });
    const after = await storeOf(to);
    expect({ ...after, epoch: "" }).toEqual({ ...before, epoch: "" });
    expect(after.epoch).toMatch(/^[0-9a-f]{16}$/);
    expect(after.epoch).not.toBe(before.epoch);
    // Started again it is the one it became.
    expect((await storeOf(to)).epoch).toBe(after.epoch);
    const [was, is] = [data(), to].map((place) => statSync(join(place, "keys/sim-1.key")));
    expect([is.mode & 0o777, Math.round(is.mtimeMs)]).toEqual([0o600, Math.round(was.mtimeMs)]);
    expect(readFileSync(join(to, "host-id"), "utf8")).toBe("42\n");
    expect(existsSync(join(to, "core"))).toBe(false);
    expect(readdirSync(folder()).sort()).toEqual(["a.bowline", "data", "other"]);
  });

  test("of which any byte was changed, or that ends anywhere else, is refused, and restores nothing", async () => {
    await backUp();
    const bytes = readFileSync(file());
    const damaged = join(folder(), "b.bowline");
    const codes = new Set<string>();
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] ^= 1 << (at & 7);
      writeFileSync(damaged, changed);
      const code = await codeOf(examineBackup(damaged));
      // Of a bit that is only filling nothing becomes: what is unpacked is the same, and checked to be.
      if (code === "" && gunzipSync(changed).equals(gunzipSync(bytes))) continue;
      if (code === "") throw new Error(`byte ${at} of ${bytes.length} changed, and it is whole`);
      codes.add(code);
    }
    for (let end = 0; end < bytes.length; end++) {
      writeFileSync(damaged, bytes.subarray(0, end));
      const code = await codeOf(examineBackup(damaged));
      if (code === "") throw new Error(`cut at byte ${end} of ${bytes.length}, and it is whole`);
      codes.add(code);
    }
    expect([...codes].sort()).toEqual(["BACKUP_DAMAGED", "BACKUP_INVALID"]);
    expect(await codeOf(restoreBackup(damaged, join(folder(), "other"), { isForced: false }))).toBe(
      "BACKUP_DAMAGED",
    );
    expect(readdirSync(folder()).sort()).toEqual(["a.bowline", "b.bowline", "data"]);
  });

  test("that is damaged is told of with where", async () => {
    await backUp();
    const unpacked = gunzipSync(readFileSync(file()));
    unpacked[unpacked.indexOf("c2VjcmV0")] ^= 1;
    writeFileSync(file(), packed(unpacked));
    await expect(examineBackup(file())).rejects.toMatchObject({
      exitCode: 7,
      message: expect.stringMatching(
        /a\.bowline: it is not what was written: its checksum is another, in the part keys\/sim-1\.key, before byte \d+ of the file; unpacked \d+ bytes were read/,
      ),
    });
  });

  test("of which a part was renamed is refused, though each part is as it was written", async () => {
    await backUp();
    const unpacked = gunzipSync(readFileSync(file())).toString("latin1");
    writeFileSync(
      file(),
      packed(Buffer.from(unpacked.replace("keys/sim-1.key", "keys/sim-2.key"), "latin1")),
    );
    await expect(examineBackup(file())).rejects.toThrow("the checksum of the whole is another");
  });

  test("is not put over what is no backup, and over one that is", async () => {
    await backUp();
    await backUp();
    writeFileSync(file(), "data: data\n");
    expect(await codeOf(backUp())).toBe("BACKUP_IN_THE_WAY");
    expect(readFileSync(file(), "utf8")).toBe("data: data\n");
    expect(await codeOf(backUp(join(folder(), "none/a.bowline")))).toBe("BACKUP_NOT_KEPT");
  });

  test("leaves alone what another program writes there meanwhile, and removes what a killed one left", async () => {
    const beside = (pid: number) => `${file()}.${pid}.tmp`;
    const { pid: gone } = spawnSync(process.execPath, ["-e", ""]);
    for (const pid of [process.ppid, gone]) writeFileSync(beside(pid), "a part");
    await backUp();
    expect(readdirSync(folder()).sort()).toEqual(["a.bowline", basename(beside(process.ppid)), "data"]);
  });

  test.each([
    ["a pipe", makePipe],
    ["a socket", makeSocket],
  ])("is not written where %s is, as any device, or a link to one", async (_, make) => {
    make(join(folder(), "special"));
    symlinkSync("special", file());
    for (const path of [file(), join(folder(), "special")])
      expect(await codeOf(backUp(path))).toBe("PATH_TAKEN");
    expect(readdirSync(folder()).sort()).toEqual(["a.bowline", "data", "special"]);
    expect(lstatSync(join(folder(), "special")).isFile()).toBe(false);
  });

  test("whose source fails is not kept", async () => {
    async function* failing() {
      yield Buffer.from("beginning");
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), {
        code: "ENOSPC",
        syscall: "write",
      });
    }
    await expect(keepBackup(file(), failing())).rejects.toMatchObject({
      code: "BACKUP_NOT_KEPT",
      message: expect.stringContaining("no space left"),
    });
    expect(readdirSync(folder())).toEqual(["data"]);
  });

  test("of a folder that a gateway has is refused", async () => {
    const { close } = await fillFolder(data(), { messages: 0, documents: 0, isLeftOpen: true });
    expect(await codeOf(backUp())).toBe("STORE_LOCKED");
    await close();
    expect(await codeOf(backUp())).toBe("");
  });

  test("of a folder without a store, or with a file that cannot be read, is refused", async () => {
    chmodSync(join(data(), "host-id"), 0o600);
    mkdirSync(join(folder(), "empty"));
    const wanted = { data: join(folder(), "empty"), gateway: "attic", hasHistory: false };
    expect(await codeOf(backupOfFolder(wanted, (bytes) => keepBackup(file(), bytes)))).toBe("STORE_MISSING");
    expect(readdirSync(join(folder(), "empty"))).toEqual([]);
    writeFileSync(join(data(), "host-id"), Buffer.alloc(2 << 20));
    expect(await codeOf(backUp())).toBe("BACKUP_UNREADABLE");
  });
});

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** With gzip's header as a backup has it. */
const packed = (bytes: Uint8Array) => gzipSync(bytes, { level: 1 });

function line(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

const head = {
  bowline: "backup",
  format: 1,
  version: "0.1.0",
  gateway: "attic",
  at: "2026",
  store: { format: 1, minor: 0 },
};

/** A backup as somebody may write it who means no good: all checksums right. */
function forged(first: object, parts: readonly (readonly [name: unknown, bytes: Buffer])[]): Buffer {
  const all = [line(first)];
  for (const [part, bytes] of parts) {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(bytes.length);
    all.push(line({ part, mtime: 0 }), size, bytes, Buffer.alloc(4));
    all.push(line({ bytes: bytes.length, sha256: sha256(bytes) }));
  }
  const whole = Buffer.concat(all);
  return packed(Buffer.concat([whole, line({ parts: parts.length, sha256: sha256(whole) })]));
}

/** Those of a backup, each in one piece. */
async function partsOf(path: string): Promise<[name: string, bytes: Buffer][]> {
  const parts: [string, Buffer][] = [];
  for await (const piece of readBackup(path)) {
    if (piece.kind === "part") parts.push([piece.name, Buffer.alloc(0)]);
    if (piece.kind === "chunk") parts[parts.length - 1][1] = Buffer.concat([parts.at(-1)![1], piece.bytes]);
  }
  return parts;
}

describe("a file that", () => {
  const some = Buffer.from("x");

  async function examine(bytes: Buffer): Promise<string> {
    writeFileSync(file(), bytes);
    return codeOf(examineBackup(file()));
  }

  test("is forged whole is read to its end: these tests forge well", async () => {
    writeFileSync(file(), forged(head, [["host-id", some]]));
    const pieces = [];
    for await (const { kind } of readBackup(file())) pieces.push(kind);
    expect(pieces).toEqual(["head", "part", "chunk", "end", "over"]);
  });

  test.each([
    "../keys/x.key",
    "keys/../../x.key",
    "keys/..",
    "/etc/passwd",
    "keys/a/b.key",
    "peer-keys/.key",
    "backups/../a-0001.json",
    "store/CURRENT",
    "tokens.json\0",
    "",
    7,
  ])("names the part %j is damaged", async (name) => {
    await backUp();
    writeFileSync(file(), forged(head, [...(await partsOf(file())), [name, some]]));
    await expect(examineBackup(file())).rejects.toThrow("which no backup has");
    expect(await codeOf(restoreBackup(file(), join(folder(), "other"), { isForced: false }))).toBe(
      "BACKUP_DAMAGED",
    );
    expect(readdirSync(folder()).sort()).toEqual(["a.bowline", "data"]);
  });

  test("has all but one watermark, one commit or an older document is damaged, whatever its checksums say", async () => {
    await backUp();
    const parts = await partsOf(file());
    const of = (change: (entries: Entry[]) => Entry[]) =>
      parts.map(([name, bytes]): [string, Buffer] =>
        name === "store" ? [name, encodeEntries(change(decodeEntries(bytes)!))] : [name, bytes],
      );
    expect(
      await examine(
        forged(
          head,
          of((entries) => entries),
        ),
      ),
    ).toBe("");
    const without = (prefix: string, at: number) => (entries: Entry[]) => {
      const [key] = entries.filter(([one]) => one.startsWith(prefix))[at];
      return entries.filter(([one]) => one !== key);
    };
    expect(await examine(forged(head, of(without("w/", 0))))).toBe("BACKUP_DAMAGED");
    expect(await examine(forged(head, of(without("g/", 3))))).toBe("BACKUP_DAMAGED");
    expect(await examine(forged(head, of(without("r/", 1))))).toBe("BACKUP_DAMAGED");
  });

  test("names a part twice, has none of the store, or more behind its end is damaged", async () => {
    const id = ["host-id", some] as const;
    expect(await examine(forged(head, [id, id]))).toBe("BACKUP_DAMAGED");
    expect(await examine(forged(head, [id]))).toBe("BACKUP_DAMAGED");
    const more = Buffer.concat([gunzipSync(forged(head, [id])), some]);
    expect(await examine(packed(more))).toBe("BACKUP_DAMAGED");
  });

  test("would fill the memory with a file is damaged", async () => {
    const large: [string, Buffer] = ["host-id", Buffer.alloc((1 << 20) + 1)];
    expect(await examine(forged(head, [large]))).toBe("BACKUP_DAMAGED");
  });

  test("is of a newer release says so, and which one reads it", async () => {
    writeFileSync(file(), forged({ ...head, format: 2, version: "3.0.0" }, []));
    await expect(examineBackup(file())).rejects.toMatchObject({
      ...{ code: "BACKUP_NEWER", mend: "install the release that wrote it: bowline 3.0.0" },
    });
    writeFileSync(file(), forged({ ...head, version: "$(rm -r /)", store: { format: 2, minor: 0 } }, []));
    await expect(examineBackup(file())).rejects.toMatchObject({
      code: "STORE_NEWER",
      mend: expect.not.stringContaining("rm -r"),
    });
  });

  test("is something else is told so", async () => {
    expect(await examine(Buffer.from("data: data\n"))).toBe("BACKUP_INVALID");
    expect(await examine(packed(Buffer.from('{"a":1}\n')))).toBe("BACKUP_INVALID");
    expect(await codeOf(examineBackup(join(folder(), "none")))).toBe("BACKUP_UNREADABLE");
    expect(await codeOf(examineBackup(folder()))).toBe("BACKUP_UNREADABLE");
  });
});
