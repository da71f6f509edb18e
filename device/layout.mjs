/**
 * What lies where in a board's Storage, and the loader that runs it.
 *
 * A program is in one of two slots, its text with a trailer behind it that is written last of all: until then the slot
 * does not count, and the other one runs. `.bootcde` is the loader. It chooses the slot, and it is a single expression:
 * a part of it, as a power cut may leave it, is a syntax error and runs nothing.
 */
import { crc32 } from "node:zlib";

export const Files = Object.freeze({
  loader: ".bootcde",
  slots: Object.freeze(["bl.a", "bl.b"]),
  /** Marks of starts, and of those that became healthy. */
  marks: "bl.n",
  config: "bowline.json",
  /** A whole copy of the configuration, while bowline.json itself is being written. */
  nextConfig: "bl.new",
  /** A whole file, checked, on its way to another name. */
  staged: "bl.t",
});

/** Generations count flashings; five digits of a hundred thousand would outlive any flash. */
const GENERATION_DIGITS = 5;
/** "//" generation crc newline: a comment, since the slot is run as it is. */
export const TRAILER_BYTES = 2 + GENERATION_DIGITS + 8 + 1;
/** Of the trailer, what its CRC covers beside the program. */
export const CRC_AT = 2 + GENERATION_DIGITS;
const MAX_GENERATION = 10 ** GENERATION_DIGITS - 1;

/** Starts in a row that never became healthy before the board stays at its prompt. */
const FAILED_STARTS = 3;
/** ms after which it tries again: a supply that comes and goes must not end a board for good. */
const TRY_AGAIN = 300_000;
/** Bytes for marks of 4: it is erased once in 32 healthy starts. */
const MARKS_BYTES = 256;

/**
 * The file of a slot: program (ASCII or latin1 text, without trailer) and generation (0…MAX_GENERATION).
 * @param {string} program
 * @param {number} generation
 * @returns {Buffer}
 */
export function slotImage(program, generation) {
  if (!Number.isInteger(generation) || generation < 0 || generation > MAX_GENERATION)
    throw new RangeError(`generation ${generation}: 0 to ${MAX_GENERATION}`);
  // The comment must begin on a line of its own.
  const text = program.endsWith("\n") ? program : `${program}\n`;
  const checked = Buffer.from(`${text}//${String(generation).padStart(GENERATION_DIGITS, "0")}`, "latin1");
  const crc = crc32(checked).toString(16).padStart(8, "0");
  return Buffer.concat([checked, Buffer.from(`${crc}\n`, "latin1")]);
}

/**
 * What a slot holds, or undefined when it does not count: never finished, damaged, or no slot at all.
 * @param {Uint8Array} bytes
 * @returns {{ program: string, generation: number, crc: number } | undefined}
 */
export function parseSlot(bytes) {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const at = file.length - TRAILER_BYTES;
  if (at <= 0) return undefined;
  const trailer = parseTrailer(file.toString("latin1", at));
  if (trailer === undefined || crc32(file.subarray(0, at + CRC_AT)) !== trailer.crc) return undefined;
  return { program: file.toString("latin1", 0, at), ...trailer };
}

/**
 * What the last TRAILER_BYTES of a slot say, or undefined: whether that is so, only the CRC of all before can tell.
 * @param {string} text
 * @returns {{ generation: number, crc: number } | undefined}
 */
export function parseTrailer(text) {
  const trailer = /^\/\/(\d{5})([0-9a-f]{8})\n$/.exec(text);
  if (trailer === null) return undefined;
  return { generation: Number(trailer[1]), crc: Number.parseInt(trailer[2], 16) };
}

const slotNames = JSON.stringify(Files.slots);

/**
 * The contents of `.bootcde`. Leaves one global: `bl`, the name of the slot, from which cold functions are read.
 * A program says that it became healthy with a mark of its own, "good", at the first unwritten place. Generations are
 * compared as text: of digits that begin with a 0 Espruino makes an octal number.
 * Where no mark can be written, in a full Storage or behind a part of one that a power cut left, the program starts
 * without: a count that begins anew is less than a board that stays away.
 */
export const loader = `eval((function(){var s=require("Storage"),p="",g="",m=s.read("${Files.marks}")||"",i=m.indexOf("\\xff"),k=m.lastIndexOf("good");
if((i<0?m.length:i)-(k<0?0:k+4)>=${4 * FAILED_STARTS}){setTimeout(function(){s.erase("${Files.marks}");load()},${TRY_AGAIN});print("bowline: ${FAILED_STARTS} starts failed; the program does not run for ${TRY_AGAIN / 60_000} minutes");return p}
${slotNames}.forEach(function(n){var f=s.read(n),e=f?f.length-${TRAILER_BYTES}:0,t;if(e>0){t=s.read(n,e);if(t.substr(2,${GENERATION_DIGITS})>g&&E.CRC32(s.read(n,0,e+${CRC_AT}))==parseInt(t.substr(${CRC_AT},8),16)){g=t.substr(2,${GENERATION_DIGITS});global.bl=n;p=s.read(n,0,e)}}});
if(p)try{s.write("${Files.marks}","boot",i<0?0:i,i<0?${MARKS_BYTES}:undefined)}catch(e){s.erase("${Files.marks}")}
return p})());
`;
