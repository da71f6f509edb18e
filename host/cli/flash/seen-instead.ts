/** What came instead of a board's hello, in words, and what to do about it (users 17, 18). */
import { readBurst } from "../../transports/text-bursts.ts";

export interface SeenInstead {
  /** Everything that came on the cable, latin1. */
  text: string;
  /** Frames of our link among it. */
  frames: number;
  /** What was wrong with a hello that came; "" for none. */
  fault: string;
  /** Other boards that said hello on the network. */
  others: readonly string[];
}

const RESTORE = "bowline flash --restore puts back what was there before";
const STARTS_FAILED = /bowline: (\d+) starts failed[^\r\n]*/;
/** `Uncaught ReferenceError: "x" is not defined` and the line that says where. */
const UNCAUGHT = /Uncaught [^\r\n]+(?:\r?\n\s*at [^\r\n]+)?/;
const NO_MEMORY = /New interpreter error: [A-Z_,]*MEMORY/;
/** A prompt at the beginning of a line: the program did not take the port. */
const PROMPT = /(?:^|\n)>/;

export function wordsFor({ text, frames, fault, others }: SeenInstead): { text: string; mend: string } {
  if (fault !== "") return { text: `a hello came that cannot be read: ${fault}`, mend: RESTORE };
  const uncaught = UNCAUGHT.exec(text)?.[0];
  if (uncaught !== undefined) {
    const seen = `the program stopped with ${oneLine(uncaught)}`;
    return { text: seen, mend: `mend the program and flash it again, or ${RESTORE}` };
  }
  const failed = STARTS_FAILED.exec(text);
  if (failed !== null) {
    const seen = `the board says "${oneLine(failed[0])}": the program never became healthy`;
    return { text: seen, mend: RESTORE };
  }
  if (NO_MEMORY.test(text))
    return { text: "the board ran out of memory", mend: `a smaller program, or ${RESTORE}` };
  if (frames > 0) {
    const seen =
      "the firmware opens its link, and its hello did not come; the line loses bytes, or is too slow";
    return { text: seen, mend: "bowline sniff PORT shows what passes; a shorter cable, or a lower baud" };
  }
  if (others.length > 0) {
    const seen = `only other boards said hello: ${others.slice(0, 5).join(", ")}`;
    return {
      text: seen,
      mend: "is the board's Wi-Fi in reach, and this machine's address on the same network?",
    };
  }
  const said = saidIn(text);
  if (PROMPT.test(text)) {
    const seen = said === "" ? "; the program did not start" : `, and says ${JSON.stringify(said)}`;
    return { text: `the board is at its prompt${seen}`, mend: RESTORE };
  }
  if (said !== "") return { text: `it says ${JSON.stringify(said)}`, mend: RESTORE };
  if (text !== "") {
    const seen = "bytes came that are no text: another speed, or a program of another kind";
    return { text: seen, mend: RESTORE };
  }
  return { text: "nothing came", mend: `reset the board once by hand; if that does not help, ${RESTORE}` };
}

/** What a person can read of it, without prompts and the banner. */
function saidIn(text: string): string {
  const readable = readBurst(Buffer.from(text, "latin1"))?.text ?? "";
  return /espruino\.com/i.test(readable) ? "" : readable.replace(/(^|\s)>(?=\s|$)/g, "").trim();
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
