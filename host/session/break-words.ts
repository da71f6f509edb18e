/** Why a link was broken, in words; the letters are those that travel (PROTOCOL section 6). */
import { Break } from "../../shared/link/frame.ts";

const words: Readonly<Record<number, string>> = {
  [Break.CHECKSUM]: "a frame had a wrong checksum",
  [Break.OVERFLOW]: "the port lost bytes",
  [Break.OVERSIZE]: "a frame was too long",
  [Break.ASKED]: "its session let it go, or it was opened anew",
  [Break.SEQUENCE]: "a frame was not the next one",
  [Break.TIMEOUT]: "it fell silent halfway",
};

/** A letter that is none of them, from another release, is told as it is. */
export function breakWords(reason: number): string {
  return words[reason] ?? `reason ${JSON.stringify(String.fromCharCode(reason))}`;
}
