import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderForEach } from "../testing/folders.ts";
import { makePipe, makeSocket } from "../testing/special-files.ts";
import { writeDurably, writeDurablySync } from "./durable-file.ts";

const folder = folderForEach("durable");
const path = () => join(folder(), "a.json");

test.each([
  ["writeDurably", writeDurably],
  ["writeDurablySync", writeDurablySync],
])(
  "%s() leaves the new file alone, for its owner only, and of one that cannot be put in place nothing",
  async (_, write) => {
    await write(path(), "one");
    await write(path(), "two");
    expect(readFileSync(path(), "utf8")).toBe("two");
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    mkdirSync(join(folder(), "taken"));
    writeFileSync(join(folder(), "taken/x"), "");
    await expect((async () => write(join(folder(), "taken"), "three"))()).rejects.toThrow();
    expect(readdirSync(folder()).sort()).toEqual(["a.json", "taken"]);
  },
);

test("a link in its place is replaced, and what it leads to stays", async () => {
  writeFileSync(join(folder(), "other"), "mine");
  symlinkSync("other", path());
  await writeDurably(path(), "one");
  expect([readFileSync(path(), "utf8"), readFileSync(join(folder(), "other"), "utf8")]).toEqual([
    "one",
    "mine",
  ]);
});

test.each([
  ["a pipe", makePipe],
  ["a socket", makeSocket],
])("%s, as any device, and a link to one stay", async (_, make) => {
  make(path());
  symlinkSync("a.json", join(folder(), "link"));
  const before = ["a.json", "link"].map((name) => lstatSync(join(folder(), name)).ino);
  for (const name of ["a.json", "link"])
    for (const write of [writeDurably, writeDurablySync]) {
      const written = (async () => write(join(folder(), name), "one"))();
      await expect(written).rejects.toMatchObject({ code: "PATH_TAKEN", exitCode: 5 });
    }
  expect(["a.json", "link"].map((name) => lstatSync(join(folder(), name)).ino)).toEqual(before);
  expect(readdirSync(folder()).sort()).toEqual(["a.json", "link"]);
});

test("of many that write at once one is the last, and it is whole; new is only the first", async () => {
  const texts = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(10_000));
  await Promise.all(texts.map((text) => writeDurably(path(), text)));
  expect(texts).toContain(readFileSync(path(), "utf8"));
  const made = join(folder(), "new");
  const ended = await Promise.allSettled(texts.map((text) => writeDurably(made, text, { isNew: true })));
  const first = ended.flatMap(({ status }, i) => (status === "fulfilled" ? [texts[i]] : []));
  expect(first).toEqual([readFileSync(made, "utf8")]);
  expect(readdirSync(folder()).sort()).toEqual(["a.json", "new"]);
});

test("a folder that is not there is not made", async () => {
  await expect(writeDurably(join(folder(), "none/a"), "one")).rejects.toMatchObject({ code: "ENOENT" });
  expect(existsSync(join(folder(), "none"))).toBe(false);
});

test.skipIf(process.geteuid?.() !== 0)(
  "root, in a folder of another's, writes into the folder it was, whatever its name leads to meanwhile (needs root)",
  async () => {
    const [mine, others] = [join(folder(), "mine"), join(folder(), "others")];
    for (const one of [mine, others]) mkdirSync(one);
    chownSync(mine, 12_345, 12_346);
    const written = writeDurably(join(mine, "a"), "one");
    renameSync(mine, `${mine}.2`);
    symlinkSync(others, mine);
    await written;
    expect([readdirSync(`${mine}.2`), readdirSync(others)]).toEqual([["a"], []]);
    expect(statSync(join(`${mine}.2`, "a")).uid).toBe(12_345);
  },
);
