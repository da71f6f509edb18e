import { describe, expect, test } from "vitest";
import { LineCutter, MAX_LINE_BYTES } from "./line-cutter.ts";

function cut(chunks: readonly Uint8Array[]): { lines: string[]; tooLong: number } {
  const cutter = new LineCutter();
  const lines: string[] = [];
  for (const chunk of chunks) cutter.push(chunk, (line) => lines.push(line));
  return { lines, tooLong: cutter.tooLong };
}

describe("the lines of a server", () => {
  const text = ":a PRIVMSG #lab :Tür 🚪\r\nPING :x\n\n\rPONG y\r";
  const lines = [":a PRIVMSG #lab :Tür 🚪", "PING :x", "PONG y"];

  test("end with CR, LF or both, and are the same wherever the bytes were cut", () => {
    const bytes = Buffer.from(text);
    for (let at = 0; at <= bytes.length; at++)
      expect(cut([bytes.subarray(0, at), bytes.subarray(at)]).lines).toEqual(lines);
    expect(cut([...bytes].map((byte) => Uint8Array.of(byte))).lines).toEqual(lines);
  });

  test("a byte that is no UTF-8 spoils itself alone", () => {
    const bytes = Buffer.concat([Buffer.from("a"), Buffer.of(0xff, 0xc3), Buffer.from("b\n")]);
    expect(cut([bytes]).lines).toEqual(["a\ufffd\ufffdb"]);
  });

  test("of the longest that a server may send all is kept, of a longer one nothing", () => {
    const longest = "x".repeat(MAX_LINE_BYTES);
    expect(cut([Buffer.from(`${longest}\nnext\n`)])).toEqual({ lines: [longest, "next"], tooLong: 0 });
    expect(cut([Buffer.from(`${longest}x\nnext\n`)])).toEqual({ lines: ["next"], tooLong: 1 });
    expect(cut([Buffer.from(longest), Buffer.from("x"), Buffer.from("\nnext\n")])).toEqual({
      lines: ["next"],
      tooLong: 1,
    });
  });

  test("a line of 10^6 bytes, in pieces as sockets give them, is dropped and counted once", () => {
    const piece = Buffer.alloc(65_536, "x");
    const pieces = new Array<Buffer>(16).fill(piece);
    expect(cut([...pieces, Buffer.from("\nnext\n")])).toEqual({ lines: ["next"], tooLong: 1 });
  });
});
