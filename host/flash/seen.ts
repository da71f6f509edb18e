/** What a port said that gave no prompt, in words: what it probably is, and what to do about it (users 18). */
import { crc32 } from "node:zlib";
import { BowlineError, ExitCode } from "../platform/errors.ts";

/** What came at one speed of the line; latin1. */
export interface Sample {
  baud: number;
  text: string;
}

const SHOWN_CHARACTERS = 120;
const MIN_BYTES_TO_JUDGE = 4;
/** Frames of the link end in their own CRC-32, which leaves this (PROTOCOL.md). */
const CRC_RESIDUE = 0x2144df1c;

/** Programs that boards run, by what they say at a start or to a strange line. */
const FIRMWARES: readonly [RegExp, string, string][] = [
  [
    /\xf0y..(?:[^\x80-\xff][^\x20-\xff])+\xf7/s,
    "Firmata (an Arduino sketch)",
    "put Espruino on the board first",
  ],
  [/password>/, "a password at Espruino's prompt", "switch it off on the board: E.setPassword()"],
  [/MicroPython|CircuitPython|>>> ?$|raw REPL/, "a Python prompt", "put Espruino on the board first"],
  [
    /Espruino|espruino\.com|\n>$|debug>/,
    "Espruino, which did not answer",
    "reset the board now, and run the same command again",
  ],
  [
    /ets [A-Z][a-z]{2}|rst:0x|waiting for download|invalid header/,
    "an ESP chip that starts nothing",
    "put Espruino on the board first",
  ],
  [
    /^(?:\s|AT)*(?:OK|ERROR|\+CME ERROR.*)\s*$/m,
    "a modem (AT commands)",
    "choose the port of the board: bowline ports",
  ],
  [/login:|Password:|\$ $|# $/, "a login or a shell", "choose the port of the board: bowline ports"],
];

/** FLASH_NO_PROMPT: exit 6. */
export function noPrompt(path: string, samples: readonly Sample[], didReset: boolean): BowlineError {
  const [seen, mend] = judge(samples, didReset);
  const speeds = samples.map(({ baud }) => baud).join(", ");
  const text = `get the prompt of the board on ${path}: ${seen}; tried at ${speeds} baud`;
  return new BowlineError("FLASH_NO_PROMPT", text, ExitCode.timeout, mend);
}

const RESET_NOW = "reset the board, and at once run the same command again";

function judge(samples: readonly Sample[], didReset: boolean): [seen: string, mend: string] {
  const all = samples.map(({ text }) => text).join("\n");
  if (all.trim() === "") return silence(didReset);
  if (samples.some(({ text }) => hasLinkFrames(text))) {
    const seen = "the firmware of Bowline speaks, and gave no prompt";
    return [seen, `${RESET_NOW}: for 3 s after a start it is there without asking`];
  }
  for (const [pattern, name, mend] of FIRMWARES) {
    if (pattern.test(all)) return [`it says what ${name} says: ${quote(all)}`, mend];
  }
  const readable = samples.find(({ text }) => text.length >= MIN_BYTES_TO_JUDGE && isText(text));
  if (readable === undefined) {
    const seen = "bytes came that are no text; the board speaks at another speed, or is no Espruino";
    return [seen, "bowline flash --baud N, with the board's own speed"];
  }
  return [`a program that is not Bowline's says: ${quote(readable.text)}`, RESET_NOW];
}

function silence(didReset: boolean): [string, string] {
  const causes = [
    "the cable only charges",
    "RX and TX are not crossed",
    "a program keeps the board busy or asleep",
    "the board is at its boot loader",
  ];
  const seen = `not a byte came; usual causes: ${causes.join(", ")}`;
  const byHand = `${RESET_NOW}; if that does not help, hold BTN1 while powering up, which skips the saved program`;
  return [seen, didReset ? byHand : `${byHand}; or let us reset it: bowline flash --reset`];
}

function hasLinkFrames(text: string): boolean {
  return text.split("\xc0").some((frame) => {
    const raw = frame.replaceAll("\xdb\xdc", "\xc0").replaceAll("\xdb\xdd", "\xdb");
    return raw.length >= 7 && crc32(Buffer.from(raw, "latin1")) === CRC_RESIDUE;
  });
}

function isText(text: string): boolean {
  const printable = text.replace(/[^\x20-\x7e\t\r\n]/g, "");
  return printable.length >= text.length * 0.8;
}

/** The end of it, as one line; without base64, which may be an echo of ours and hold the board's key and password. */
export function quote(text: string): string {
  const line = text
    .replace(/[A-Za-z0-9+/]{16,}=*/g, "...")
    .replace(/[^\x20-\x7e]+/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return JSON.stringify(line.slice(-SHOWN_CHARACTERS));
}
