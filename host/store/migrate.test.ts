/** Older data takes on the form of this release: killed anywhere, both releases still read all of it. */
import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fillFolder, openFolder, storeOf } from "../backup/testing/data-folder.ts";
import { folderForEach } from "../testing/folders.ts";
import type { Migration } from "./migrate.ts";
import type { Upgrade } from "./open-store.ts";
import type { StoreFormat } from "./store-format.ts";

const folder = folderForEach("migrate");
const data = () => join(folder(), "data");
const DOCUMENTS = 1700;
const MESSAGES = 50;

const next: StoreFormat = { format: 1, minor: 1 };
/** As a release to come may have it: every document of JSON says its own name. */
const named: Migration = {
  to: next,
  name: "documents say their names",
  prefix: "t/",
  change(key, value) {
    if (value instanceof Uint8Array || "name" in value) return [];
    return [{ key, value: { ...value, name: key } }];
  },
};

interface Events {
  told: string[];
}

function upgrade(options: Partial<Upgrade> = {}): Upgrade & Events {
  const told: string[] = [];
  return {
    told,
    ...{ format: next, steps: [named] },
    backup: async (all, from, to) => {
      let entries = 0;
      for await (const some of all) entries += some.length;
      told.push(`backup of ${entries > DOCUMENTS / 2} ${from.minor}→${to.minor}`);
      return "a.bowline";
    },
    onProgress: (step, documents, isDone) => told.push(`${step} ${documents} ${isDone}`),
    ...options,
  };
}

const marker = () => JSON.parse(readFileSync(join(data(), "store.json"), "utf8"));
const codeOf = (asked: Promise<unknown>) =>
  asked.then(
    () => "",
    ({ code }) => code,
  );

function isNamed([key, value]: [string, unknown]): boolean {
  return typeof value === "string" || (value as { name?: string }).name === key;
}

/** Without what the migration adds. */
const plain = (documents: [string, unknown][]) =>
  documents.map(([key, value]) => {
    if (typeof value === "string") return [key, value];
    const { name: _, ...rest } = value as { name?: string };
    return [key, rest];
  });

/** What a release before made, with or without the minor in its store.json. */
async function old(text?: string) {
  await fillFolder(data(), { messages: MESSAGES, documents: DOCUMENTS });
  const before = await storeOf(data());
  if (text !== undefined) writeFileSync(join(data(), "store.json"), text);
  return before;
}

describe("a store of an older form", () => {
  test.each([undefined, '{"format":1}\n'])(
    "%j is migrated after a backup, some documents at a time",
    async (text) => {
      const before = await old(text);
      const one = upgrade();
      const after = await storeOf(data(), one);
      expect(one.told).toEqual([
        "backup of true 0→1",
        "documents say their names 500 false",
        "documents say their names 1000 false",
        "documents say their names 1500 false",
        "documents say their names 1700 true",
      ]);
      expect(marker()).toMatchObject({ format: 1, minor: 1 });
      expect(marker().backup).toBeUndefined();
      expect(after.documents.every(isNamed)).toBe(true);
      expect({ ...after, documents: plain(after.documents) }).toEqual(before);
      // And only once.
      const again = upgrade();
      await storeOf(data(), again);
      expect(again.told).toEqual([]);
    },
  );

  test("is read by the release before once it is the newer one's, and migrated again after that", async () => {
    const before = await old();
    await storeOf(data(), upgrade());
    const down = await storeOf(data());
    expect({ ...down, documents: plain(down.documents) }).toEqual(before);
    expect(marker()).toMatchObject({ format: 1, minor: 0 });
    // What the older one writes is in its own form.
    await fillFolder(data(), { messages: 1, documents: 3 });
    const one = upgrade();
    const up = await storeOf(data(), one);
    expect(one.told[0]).toMatch(/^backup/);
    expect(up.documents.every(isNamed)).toBe(true);
    expect([up.messages.length, up.epoch]).toEqual([MESSAGES + 1, before.epoch]);
  });

  test("that is killed at any batch is read by both, and its one backup is of what was before", async () => {
    const before = await old();
    const [whole, killed] = [`${data()}.whole`, `${data()}.killed`];
    cpSync(data(), whole, { recursive: true });
    for (let batch = 0; batch <= 4; batch++) {
      rmSync(data(), { recursive: true });
      cpSync(whole, data(), { recursive: true });
      let seen = 0;
      const one = upgrade();
      // As the disk has it at that moment, and the process is no more.
      const kill = () => {
        if (seen++ === batch) cpSync(data(), killed, { recursive: true });
      };
      await storeOf(data(), {
        ...one,
        backup: async (...asked) => {
          const name = await one.backup(...asked);
          kill();
          return name;
        },
        onProgress: kill,
      });
      rmSync(data(), { recursive: true });
      cpSync(killed, data(), { recursive: true });
      const down = await storeOf(data());
      expect({ ...down, documents: plain(down.documents) }).toEqual(before);

      rmSync(data(), { recursive: true });
      cpSync(killed, data(), { recursive: true });
      rmSync(killed, { recursive: true });
      const again = upgrade();
      const up = await storeOf(data(), again);
      expect(up.documents.every(isNamed)).toBe(true);
      expect({ ...up, documents: plain(up.documents) }).toEqual(before);
      expect(again.told.filter((line) => line.startsWith("backup"))).toHaveLength(batch === 0 ? 1 : 0);
    }
  });

  test("is left as it is when there is no room for the backup", async () => {
    const before = await old();
    const text = readFileSync(join(data(), "store.json"), "utf8");
    const full = upgrade({
      backup: () =>
        Promise.reject(Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" })),
    });
    expect(await codeOf(openFolder(data(), full).open())).toBe("STORE_NO_SPACE");
    expect(full.told).toEqual([]);
    expect(readFileSync(join(data(), "store.json"), "utf8")).toBe(text);
    expect(await storeOf(data())).toEqual(before);
  });
});

test("a hundred thousand messages and as many documents go up, down and up again, whole", async () => {
  const many = 100_000;
  await fillFolder(data(), { messages: many, documents: many });
  const before = await digestOf();
  const one = upgrade();
  const up = await digestOf(one);
  expect([up.named, up.messages, up.digest]).toEqual([many, many, before.digest]);
  expect(one.told.at(-1)).toBe(`documents say their names ${many} true`);
  expect(await digestOf()).toEqual({ ...up });
  const again = upgrade();
  expect((await digestOf(again)).digest).toBe(before.digest);
  expect(again.told).toHaveLength(one.told.length);
});

/** What a store holds without what the migration adds, in parts: it would be much at once. */
async function digestOf(given?: Upgrade) {
  const one = openFolder(data(), given);
  await one.open();
  const { store } = one;
  const hash = createHash("sha256");
  const found = { epoch: store.epoch, messages: 0, documents: 0, named: 0 };
  for (let from = 1; from < store.next; ) {
    const some = await store.read(from, 1000);
    from = some[some.length - 1].n + 1;
    found.messages += some.length;
    hash.update(JSON.stringify(some));
  }
  for (let after = ""; ; ) {
    const some = await store.page<object>("t/", after, 1000);
    if (some.length === 0) break;
    after = some[some.length - 1][0];
    found.documents += some.length;
    const shown = some.map(([key, value]): [string, unknown] => [
      key,
      value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
    ]);
    found.named += shown.filter(isNamed).length;
    hash.update(JSON.stringify(plain(shown)));
  }
  await one.close();
  return { ...found, digest: hash.digest("hex") };
}

describe("a store of a newer form", () => {
  test.each(['{"format":1,"minor":2,"by":"0.3.0"}', '{"format":2,"minor":0,"by":"0.3.0"}'])(
    "%s is refused, with the release that reads it, and touched by nobody",
    async (text) => {
      await old(text);
      const names = readdirSync(join(data(), "store"));
      await expect(openFolder(data()).open()).rejects.toMatchObject({
        code: "STORE_NEWER",
        message: expect.stringMatching(
          /its format is [12]\.[02], written by bowline 0\.3\.0; this release, .+, reads up to 1\.1$/,
        ),
        mend: expect.stringMatching(
          /^install bowline 0\.3\.0, or go back to what was: bowline restore FILE --force/,
        ),
      });
      expect(readdirSync(join(data(), "store"))).toEqual(names);
      expect(readFileSync(join(data(), "store.json"), "utf8")).toBe(text);
    },
  );

  test("by one minor is read", async () => {
    const before = await old('{"format":1,"minor":1,"by":"0.2.0"}');
    expect(await storeOf(data())).toEqual(before);
  });
});
