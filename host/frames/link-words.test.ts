import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import vectors from "../../shared/vectors/session.json" with { type: "json" };
import { parseHex } from "../cli/arguments/hex.ts";
import { decode } from "../cli/decode.ts";

/** Of frames, and of the session bytes in them. */
const frameMeanings: Record<string, string[]> = {
  "OPEN by a board that can hold 512 bytes, packets of 256": [
    "OPEN, link 5a, seq 0: link version 1, takes 512 bytes unread, packets up to 256",
  ],
  "OPEN_ACK by a gateway: 65536 and 65536": [
    "OPEN_ACK, link 5a, seq 0: link version 1, takes 65536 bytes unread, packets up to 65536",
  ],
  "DATA 0: the session request for a new session": [
    "DATA, link 5a, seq 0, 2 bytes of the session",
    "  request of a new session, version 1",
  ],
  "DATA 1: a payload with END and ESC in it": [
    "DATA, link 5a, seq 1, 5 bytes of the session",
    "  data packet of 192 bytes, cut short: 4 are here",
  ],
  "DATA 255: heartbeat": ["DATA, link 5a, seq 255, 2 bytes of the session", "  heartbeat"],
  "RESET after a sequence gap": ["RESET, link 5a, seq 0: gap in the sequence"],
  "LOG text": ["LOG, link 5a, seq 0: boot 3"],
  "DATA 2: the checksum itself needs escaping": [
    "DATA, link 5a, seq 2, 4 bytes of the session",
    "  data packet of 110 bytes, cut short: 3 are here",
  ],
};

test.each(vectors.link)("$name is a frame", ({ name, hex }) => {
  const { findings } = decode(parseHex([hex]));
  expect(findings.map(({ meaning }) => meaning)).toEqual(frameMeanings[name]);
  expect(findings[0]).toMatchObject({ start: 0, end: hex.length / 2, isUnderstood: true });
});

const frame = (name: string) => vectors.link.find((vector) => vector.name.startsWith(name))?.hex ?? "";

/** A frame of link 5a whose bytes need no escapes. */
function frameOf(type: string, seq: number, payload: string): string {
  const body = Buffer.from([type.charCodeAt(0), 0x5a, seq, ...Buffer.from(payload)]);
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(crc32(body));
  return `${body.toString("hex")}${crc.toString("hex")}c0`;
}

test("a packet that is cut between frames is joined, and stands where its first byte travelled", () => {
  const frames = [frameOf("D", 5, '\u000c{"ot'), frameOf("L", 0, "note"), frameOf("D", 6, '":"l:t"}')];
  const { findings } = decode(parseHex(["c0", ...frames]));
  expect(findings.map(({ start, end, meaning }) => [start, end, meaning])).toEqual([
    [1, 14, "DATA, link 5a, seq 5, 5 bytes of the session"],
    [4, 37, '  data packet of 12 bytes: datum {"ot":"l:t"}'],
    [14, 26, "LOG, link 5a, seq 0: note"],
    [26, 42, "DATA, link 5a, seq 6, 8 bytes of the session"],
  ]);
});

test("a gap in the sequence and a new opening begin the session's bytes anew", () => {
  const open = frame("OPEN by");
  const halves = [frameOf("D", 7, '\u000c{"ot'), frameOf("D", 9, '":"l:t"}')];
  const cut = "  data packet of 12 bytes, cut short: 4 are here";
  const meanings = (frames: string[]) => decode(parseHex(frames)).findings.map(({ meaning }) => meaning);
  expect(meanings(halves)).toContain(cut);
  expect(meanings([open, frame("DATA 0"), open, frame("DATA 0")])).toEqual([
    "OPEN, link 5a, seq 0: link version 1, takes 512 bytes unread, packets up to 256",
    "DATA, link 5a, seq 0, 2 bytes of the session",
    "  request of a new session, version 1",
    "OPEN, link 5a, seq 0: link version 1, takes 512 bytes unread, packets up to 256",
    "DATA, link 5a, seq 0, 2 bytes of the session",
    "  request of a new session, version 1",
  ]);
});

test("what stands between frames is shown as what it is", () => {
  const banner = Buffer.from("Espruino 2v24\r\n>").toString("hex");
  const bad = frame("RESET").replace("73", "74");
  const { findings } = decode(parseHex([banner, "c0", frame("RESET"), bad, "445a"]));
  expect(findings.map(({ meaning, isUnderstood }) => [isUnderstood, meaning])).toEqual([
    [false, 'no frame: the checksum is wrong "Espruino 2v24\\r\\n>"'],
    [true, "RESET, link 5a, seq 0: gap in the sequence"],
    [false, "no frame: the checksum is wrong"],
    [false, 'no frame: no END (c0) behind it "DZ"'],
  ]);
});

test("--from link reads frames where no checksum is good", () => {
  const { findings } = decode(parseHex(["445ac0", "44dbdb5a010203040506c0"]), { from: "link" });
  expect(findings.map(({ meaning }) => meaning)).toEqual([
    'no frame: 2 bytes, a frame has at least 7 "DZ"',
    "no frame: an escape (db) without dc or dd behind it",
  ]);
});
