import { expect, test } from "vitest";
import { inputLines } from "./input-lines.ts";

async function linesOf(chunks: Uint8Array[], max?: number): Promise<(string | undefined)[]> {
  const input = (async function* () {
    yield* chunks;
  })();
  const lines: (string | undefined)[] = [];
  for await (const line of inputLines(input, max)) lines.push(line);
  return lines;
}

test("lines are the same wherever the bytes are cut, also inside a letter", async () => {
  const bytes = Buffer.from("one\r\nzwöi\n\n⟨drei⟩");
  for (let at = 0; at <= bytes.length; at++) {
    const lines = await linesOf([bytes.subarray(0, at), bytes.subarray(at)]);
    expect(lines, `cut at ${at}`).toEqual(["one", "zwöi", "", "⟨drei⟩"]);
  }
});

test("what is no UTF-8 is shown as such, and the line goes on", async () => {
  expect(await linesOf([Buffer.from([0x61, 0xff, 0x62, 0x0a, 0x63])])).toEqual(["a\ufffdb", "c"]);
});

test("a line that is too long is told as one, and not kept", async () => {
  const chunks = [..."aaaaaaaaaaaa\nb\n", ..."cccccccccccc"].map((letter) => Buffer.from(letter));
  expect(await linesOf(chunks, 8)).toEqual([undefined, "b", undefined]);
  expect(await linesOf([Buffer.concat(chunks)], 8)).toEqual([undefined, "b", undefined]);
});

test("nothing has no lines", async () => {
  expect(await linesOf([])).toEqual([]);
  expect(await linesOf([Buffer.from("a\n")])).toEqual(["a"]);
});
