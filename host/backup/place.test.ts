import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { folderForEach } from "../testing/folders.ts";
import { foundThere, type Place, placeOf, putInPlace } from "./place.ts";

const folder = folderForEach("place");
const data = () => join(folder(), "data");

/** All files below, by what is in them. */
function tree(path = folder()): Record<string, string> {
  const names = readdirSync(path, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const of = (one: (typeof names)[number]) => join(one.parentPath, one.name);
  const entries = names.map((one) => [
    of(one)
      .slice(path.length + 1)
      .replace(/before-\d{8}T\d{6}Z/, "before"),
    readFileSync(of(one), "utf8"),
  ]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function put(path: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(path, name, ".."), { recursive: true });
    writeFileSync(join(path, name), text);
  }
}

const fault = (code: string) =>
  Object.assign(new Error(`${code}: it cannot be`), { code, syscall: "rename" });

/** Renames until the given one, which fails, as do all that `isStuck` names. */
function failingAt(
  count: number,
  code: string,
  isStuck: (to: string) => boolean = () => false,
): typeof rename {
  let left = count;
  return async (from, to) => {
    if (left-- === 0 || isStuck(String(to))) throw fault(code);
    await rename(from, to);
  };
}

const old = { "host-id": "1", "store/CURRENT": "old" };
const made = { "host-id": "2", "keys/a.key": "k", "store/CURRENT": "new" };
const under = (path: string, files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${path}/${name}`, text]));

describe.each([
  ["a folder", false],
  ["a mount", true],
])("%s", (_, isMount) => {
  const place = (): Place => ({
    target: data(),
    beside: isMount ? join(data(), "restore.new") : `${data()}.new`,
    isMount,
  });
  const besideName = isMount ? "data/restore.new" : "data.new";
  const asideName = isMount ? "data/before" : "data.before";

  beforeEach(() => {
    put(data(), old);
    put(place().beside, made);
  });

  test("that is there is set aside, and the new one takes its place", async () => {
    const aside = await putInPlace(place(), true);
    expect(aside.startsWith(isMount ? join(data(), "before-") : `${data()}.before-`)).toBe(true);
    expect(tree()).toEqual({ ...under(asideName, old), ...under("data", made) });
    expect(existsSync(place().beside)).toBe(false);
  });

  test("that is set aside twice in one second is there twice", async () => {
    const first = await putInPlace(place(), true);
    put(place().beside, made);
    const second = await putInPlace(place(), true);
    expect([tree(first), tree(second)]).toEqual([old, made]);
  });

  test("in which any rename fails is as it was, whichever", async () => {
    const before = tree();
    const renames = isMount ? Object.keys(old).length + Object.keys(made).length : 2;
    for (let at = 0; at < renames; at++) {
      await expect(putInPlace(place(), true, failingAt(at, "EBUSY"))).rejects.toMatchObject({
        code: "EBUSY",
      });
      expect(tree()).toEqual(before);
      expect(readdirSync(data()).filter((name) => /before|unfinished/.test(name))).toEqual([]);
    }
    // And not the one behind them.
    await putInPlace(place(), true, failingAt(renames, "EBUSY"));
  });

  test("that cannot be put back either says what is where, and loses nothing", async () => {
    const isBack = (to: string) => to === data() || to === join(data(), "host-id");
    await expect(putInPlace(place(), true, failingAt(1, "EIO", isBack))).rejects.toMatchObject({
      code: "RESTORE_STRANDED",
      mend: expect.stringMatching(/^mv \S+before-\S+ \S+$/),
    });
    const { [`${besideName}/store/CURRENT`]: one, ...rest } = tree();
    expect(one).toBe("new");
    expect(Object.values(rest)).toEqual(expect.arrayContaining(["1", "old", "2", "k"]));
    // Half of a mount is nothing to start on.
    if (isMount) expect(readdirSync(data())).toContain("unfinished-restore");
  });

  test("that is empty is taken as it is", async () => {
    const empty = { ...place(), target: join(folder(), "empty") };
    mkdirSync(empty.target);
    if (isMount) {
      empty.beside = join(empty.target, "restore.new");
      put(empty.beside, made);
    }
    expect(await foundThere(empty)).toEqual([]);
    expect(await putInPlace(empty, false)).toBe("");
    expect(tree(empty.target)).toEqual(made);
  });
});

test("of a mount what is set aside, and what its file system has, is in nobody's way", async () => {
  put(data(), {
    "before-20261127T120000Z/host-id": "0",
    "lost+found/#1": "",
    "restore.new/unfinished-restore": "",
  });
  expect(await foundThere({ target: data(), beside: "", isMount: true })).toEqual([]);
  put(data(), old);
  expect((await foundThere({ target: data(), beside: "", isMount: true }))?.sort()).toEqual([
    "host-id",
    "store",
  ]);
  expect(await foundThere({ target: join(folder(), "none"), beside: "", isMount: true })).toBeNull();
});

test("a mount in which a restore was cut off stays marked when the next one fails", async () => {
  const place: Place = { target: data(), beside: join(data(), "restore.new"), isMount: true };
  put(data(), { ...old, "unfinished-restore": "" });
  put(place.beside, made);
  const before = tree();
  await expect(putInPlace(place, true, failingAt(1, "EIO"))).rejects.toMatchObject({ code: "EIO" });
  expect(tree()).toEqual(before);
});

test("links lead to the folder that is meant, there or not; a circle is refused", async () => {
  mkdirSync(join(folder(), "disk/there"), { recursive: true });
  const links = { a: "disk/there", b: "disk/not-yet", c: "b", d: "e", e: "d", f: "disk" };
  for (const [name, to] of Object.entries(links)) symlinkSync(to, join(folder(), name));
  const target = async (name: string) =>
    (await placeOf(join(folder(), name))).target.slice(folder().length + 1);
  expect(await target("a")).toBe("disk/there");
  expect(await target("b")).toBe("disk/not-yet");
  expect(await target("c")).toBe("disk/not-yet");
  expect(await target("f/there")).toBe("disk/there");
  await expect(placeOf(join(folder(), "d"))).rejects.toMatchObject({ code: "ELOOP" });
});

test.skipIf(process.platform !== "linux")("mounts are known (needs proc(5))", async () => {
  expect((await placeOf("/proc")).isMount).toBe(true);
  expect((await placeOf(folder())).isMount).toBe(false);
});
