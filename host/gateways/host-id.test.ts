import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepHostId, readHostId } from "./host-id.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bowline-host-id-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("is drawn at the first start, and the same at the next", async () => {
  expect(await readHostId(folder)).toBeNull();
  const first = await keepHostId(folder, undefined);
  expect(first > 0n && first < 2n ** 64n).toBe(true);
  expect(await keepHostId(folder, undefined)).toBe(first);
  expect(await readFile(join(folder, "host-id"), "latin1")).toBe(`${first}\n`);
});

test("a configured one counts before what is kept, and changes nothing of it", async () => {
  const drawn = await keepHostId(folder, undefined);
  expect(await keepHostId(folder, "9007199254740993")).toBe(9_007_199_254_740_993n);
  expect(await keepHostId(folder, undefined)).toBe(drawn);
});

test("without a folder each start draws another", async () => {
  expect(await keepHostId("memory", undefined)).not.toBe(await keepHostId("memory", undefined));
});

test.each(["", "0\n", "042\n", "18446744073709551616\n", "42", "42\n43\n", "x\n"])(
  "a file with %j is told, not drawn over",
  async (text) => {
    await writeFile(join(folder, "host-id"), text);
    await expect(keepHostId(folder, undefined)).rejects.toMatchObject({ code: "HOST_ID_UNREADABLE" });
    expect(await readFile(join(folder, "host-id"), "latin1")).toBe(text);
  },
);
