import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folderForEach } from "../testing/folders.ts";
import { openKeys } from "./key-store.ts";

const data = folderForEach("keys");

const fault = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return error as { code: string; message: string; exitCode: number; mend: string };
  }
  throw new Error("nothing was thrown");
};

describe.each([
  ["in files", data],
  ["in memory", () => "memory"],
])("keys %s", (_, where) => {
  test("one that is drawn is found under its board's name, and under no other", () => {
    const keys = openKeys(where());
    expect([keys.isEmpty, keys.get("b-1"), keys.list()]).toEqual([true, undefined, []]);
    const key = keys.draw("b-1");
    expect(key.length).toBe(32);
    expect(keys.get("b-1")).toEqual(key);
    expect(keys.get("b-2")).toBe(undefined);
    expect(keys.isEmpty).toBe(false);
    keys.draw("a.0_x");
    expect(keys.list().map(({ id }) => id)).toEqual(["a.0_x", "b-1"]);
    expect(Math.abs(keys.list()[0].addedAt - Date.now())).toBeLessThan(60_000);
  });

  test("another takes the place of the first, and a removed one is gone", () => {
    const keys = openKeys(where());
    const first = keys.draw("b-1");
    expect(keys.draw("b-1").equals(first)).toBe(false);
    expect(keys.get("b-1")!.equals(first)).toBe(false);
    expect([keys.remove("b-1"), keys.remove("b-1"), keys.get("b-1"), keys.isEmpty]).toEqual([
      true,
      false,
      undefined,
      true,
    ]);
  });

  test.each(["../b", "", ".", "a/b", "x".repeat(64), "-a", "b\0"])("%j is no name of a board", (id) => {
    const keys = openKeys(where());
    expect(keys.get(id)).toBe(undefined);
    expect(fault(() => keys.draw(id))).toMatchObject({ code: "USAGE", exitCode: 2 });
  });
});

describe("key files", () => {
  test("are the owner's alone, in a folder that is too, and nothing is left beside them", () => {
    openKeys(data()).draw("b-1");
    openKeys(data()).draw("b-1");
    const folder = join(data(), "keys");
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder)).toEqual(["b-1.key"]);
    expect(statSync(join(folder, "b-1.key")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, "b-1.key"), "utf8")).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
  });

  test("what another process added or removed counts at once", () => {
    const [gateway, verb] = [openKeys(data()), openKeys(data())];
    const key = verb.draw("b-1");
    expect(gateway.get("b-1")).toEqual(key);
    verb.remove("b-1");
    expect(gateway.get("b-1")).toBe(undefined);
  });

  test("one that others may read is refused, with the command that mends it", () => {
    openKeys(data()).draw("b-1");
    const path = join(data(), "keys", "b-1.key");
    chmodSync(path, 0o640);
    expect(fault(() => openKeys(data()).get("b-1"))).toMatchObject({
      code: "KEY_EXPOSED",
      exitCode: 4,
      mend: `chmod 600 ${path}`,
    });
  });

  test.each(["", "abc", `${"A".repeat(44)}\n`, `${Buffer.alloc(31).toString("base64")}\n`])(
    "%j is no key, and the error does not say what it is",
    (text) => {
      mkdirSync(join(data(), "keys"));
      writeFileSync(join(data(), "keys", "b-1.key"), text, { mode: 0o600 });
      const error = fault(() => openKeys(data()).get("b-1"));
      expect(error.code).toBe("KEY_INVALID");
      if (text.length > 3) expect(error.message).not.toContain(text.trim());
    },
  );

  test("a folder that cannot be read is told as such", () => {
    writeFileSync(join(data(), "keys"), "a file");
    expect(fault(() => openKeys(data()).draw("b-1")).code).toBe("KEY_UNREADABLE");
  });
});
