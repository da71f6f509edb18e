import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TailMark } from "./tail-mark.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bowline-mark-test-"));
  path = join(folder, "last-commit");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("says the last number that was written, also to the next process, and 0 before", () => {
  const mark = new TailMark(path);
  expect(mark.read()).toBe(0);
  mark.open();
  mark.write(255);
  mark.write(16);
  expect(readFileSync(path, "latin1")).toBe("00000000000010 bba48c85\n");
  expect(new TailMark(path).read()).toBe(16);
  mark.close();
  mark.close();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const next = new TailMark(path);
  next.open();
  expect(next.read()).toBe(16);
  next.close();
});

test("with any byte changed it says nothing rather than something else", () => {
  const mark = new TailMark(path);
  mark.open();
  mark.write(0x1234);
  mark.close();
  const whole = readFileSync(path);
  for (let i = 0; i < whole.length; i++) {
    for (const flip of [1, 4, 32, 255]) {
      const damaged = Buffer.from(whole);
      damaged[i] ^= flip;
      writeFileSync(path, damaged);
      expect(mark.read(), `byte ${i} ^ ${flip}`).toBe(0);
    }
    writeFileSync(path, whole.subarray(0, i));
    expect(mark.read(), `cut at ${i}`).toBe(0);
  }
  writeFileSync(path, Buffer.alloc(24));
  expect(mark.read()).toBe(0);
});

test("nothing is written before it was opened", () => {
  const mark = new TailMark(path);
  mark.write(1);
  expect(mark.read()).toBe(0);
});
