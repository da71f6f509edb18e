import { runInNewContext } from "node:vm";
import { buildSync } from "esbuild";
import { expect, test } from "vitest";
import { formatPiece } from "./piece-line.ts";
import { type Piece, WireDecoder } from "./wire-decoder.ts";

const hello = '{"hello":{"id":"küche","epoch":"","seq":1}}';
const blob = Uint8Array.of(3, 0x74, 0x6d, 0x70, 0xff, 0x00);
const sizeOf = (bytes: Uint8Array) => Uint8Array.of(bytes.length);
const sent = [
  Uint8Array.of(1, 0, 0),
  sizeOf(Buffer.from(hello)),
  new Uint8Array(Buffer.from(hello)),
  sizeOf(blob),
  blob,
  Uint8Array.of(0, 2, 0, 255, 0, 201),
];
const socket = {
  link: null,
  board: { stage: "request", index: 0, partial: "" },
  gateway: { stage: "reply", index: 0, partial: "" },
} as const;

/** Every piece of it as a line, with its bytes. */
function linesOf(Decoder: typeof WireDecoder, format: typeof formatPiece): string[] {
  const lines: string[] = [];
  const decoder = new Decoder(socket, (piece: Piece) => {
    lines.push(`${format(piece, 0, false)} [${Array.from(piece.bytes)}]`);
  });
  for (const chunk of sent) decoder.read("board", chunk, 1);
  decoder.end(2);
  return lines;
}

test("a browser, which has neither Buffer nor process, reads the same as Node", () => {
  const { outputFiles } = buildSync({
    stdin: {
      contents: `export * from "./wire-decoder.ts"; export * from "./piece-line.ts";`,
      resolveDir: import.meta.dirname,
    },
    ...{ bundle: true, write: false, platform: "browser", format: "iife", globalName: "frames" },
  });
  const context = { TextDecoder, TextEncoder, atob, btoa, Uint8Array };
  const frames = runInNewContext(`${outputFiles[0].text}; frames`, context);
  const lines = linesOf(frames.WireDecoder, frames.formatPiece);
  expect(lines).toEqual(linesOf(WireDecoder, formatPiece));
  expect(lines).toContainEqual(expect.stringContaining('hello {"hello":{"id":"küche"'));
  expect(lines).toContainEqual(expect.stringContaining("a blob of type tmp, 2 bytes"));
});
