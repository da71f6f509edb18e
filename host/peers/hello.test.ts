/** What of a board's hello is taken, and in which words it is refused. */
import { expect, test } from "vitest";
import { parseHello } from "./hello.ts";

const good = { id: "pico-1", epoch: "0123456789abcdef", seq: 12, rx: 768, max: 320 };
const nonce = Buffer.alloc(16, 7).toString("base64");

function read(packet: unknown) {
  const bytes = Buffer.from(`<<${typeof packet === "string" ? packet : JSON.stringify(packet)}>>`);
  return parseHello(bytes, 2, bytes.length - 2);
}
const hello = (changes: object) => read({ hello: { ...good, ...changes } });

test("one with what it must have is taken; what else it may have is empty or 0", () => {
  expect(hello({})).toEqual({ ...good, fw: "", board: "", caps: [], lost: 0, room: 0 });
});

test("what it may have is taken when it is of its kind, and nothing else of it", () => {
  const more = { fw: "bowline 9.9.9", board: "PICO_R1_3", lost: 3, room: 5, nonce };
  expect(hello({ ...more, caps: ["l:led", 7, null] })).toEqual({ ...good, ...more, caps: ["l:led"] });
  const other = { fw: 1, board: null, caps: "l:led", lost: -1, room: 1.5 };
  expect(hello(other)).toEqual({ ...good, fw: "", board: "", caps: [], lost: 0, room: 0 });
});

test.each([
  ['{"ot":"l:temp"}', "the first packet is no hello"],
  ['{"hello":null}', "the first packet is no hello"],
  ['{"hello":"pico-1"}', "the first packet is no hello"],
  ["[]", "the first packet is no hello"],
  ["no JSON", "the first packet is no hello"],
])("%s: %s", (packet, words) => expect(read(packet)).toBe(words));

test.each([
  [{ id: undefined }, "id of type undefined, allowed: 1…63 letters, digits, . _ -"],
  [{ id: null }, "id of type null, allowed: 1…63 letters, digits, . _ -"],
  [{ id: "a/b" }, 'id "a/b", allowed: 1…63 letters, digits, . _ -'],
  [{ id: "x".repeat(200) }, `id "${"x".repeat(80)}", allowed: 1…63 letters, digits, . _ -`],
  [{ id: "a\nb" }, 'id "a\\nb", allowed: 1…63 letters, digits, . _ -'],
  [{ epoch: "0123456789ABCDEF" }, 'epoch "0123456789ABCDEF", allowed: "" or 16 hex digits'],
  [{ epoch: 7 }, 'epoch 7, allowed: "" or 16 hex digits'],
  [{ seq: 0 }, "seq 0, allowed: whole numbers from 1"],
  [{ seq: [1] }, "seq of type object, allowed: whole numbers from 1"],
  [{ rx: 0 }, "rx 0, allowed: bytes, from 1"],
  [{ rx: 1.5 }, "rx 1.5, allowed: bytes, from 1"],
  [{ max: 0 }, "max 0, allowed: 1…rx"],
  [{ max: 769 }, "max 769, allowed: 1…rx"],
  [{ nonce: 7 }, "nonce 7, allowed: 16 bytes in base64"],
  [{ nonce: "AAAA" }, 'nonce "AAAA", allowed: 16 bytes in base64'],
  [{ nonce: `${nonce}\n` }, `nonce ${JSON.stringify(`${nonce}\n`)}, allowed: 16 bytes in base64`],
])("%j is refused: %s", (changes, words) => expect(hello(changes)).toBe(words));
