/** What passed on a wire as lines for people: `    0.812  board →  DATA, link 5a, seq 12, 97 bytes of the session`. */

import { printable } from "../platform/printable.ts";
import type { WireState } from "../session/wire-shape.ts";
import { formatHex } from "./hex.ts";
import { latin1Of } from "./plain-bytes.ts";
import type { Piece } from "./wire-decoder.ts";

/** Characters of one meaning that a line shows; --json has all. */
const SHOWN_CHARACTERS = 400;
const SHOWN_BYTES = 12;
/** `99999.999`: more than a day stays aligned. */
const TIME_COLUMNS = 9;

const arrows = { board: "board →", gateway: "board ←" };

/** `isNested`: it stands below the frame that brought its end. */
export function formatPiece(
  { from, meaning, isUnderstood }: Piece,
  seconds: number,
  isNested: boolean,
): string {
  const mark = isUnderstood ? "" : "?? ";
  return `${formatSeconds(seconds)}  ${arrows[from]}  ${isNested ? "  " : ""}${mark}${shorten(printable(meaning))}`;
}

/** Something about the connection itself. */
export function formatNote(text: string, seconds: number): string {
  return `${formatSeconds(seconds)}  -------  ${printable(text)}`;
}

/** Where a connection is when it is first seen. */
export function describeBegin({
  name,
  state: { link, board, gateway },
}: {
  name: string;
  state: WireState;
}): string {
  const { stage } = board;
  if (stage === "request" && board.partial === "") return `${name}: from its beginning`;
  if (stage === "nothing")
    return `${name}: ${link === null ? "nothing more is read from it" : "the link is not open"}`;
  const byte = link === null ? "" : `link ${link.id.toString(16).padStart(2, "0")}, `;
  if (stage !== "packets") return `${name}: ${byte}in the middle of the handshake`;
  return `${name}: ${byte}in the middle of a session; next packet of the board ${board.index}, of the gateway ${gateway.index}`;
}

/** Bytes that have no END yet. */
export function describeUnended(bytes: Uint8Array): string {
  const text = latin1Of(bytes);
  const shown = /^[\x20-\x7e\r\n\t]+$/.test(text) ? JSON.stringify(text) : formatHex(bytes, SHOWN_BYTES);
  return `the board has sent ${bytes.length} bytes without an END so far: ${shorten(shown)}`;
}

function formatSeconds(seconds: number): string {
  return seconds.toFixed(3).padStart(TIME_COLUMNS);
}

function shorten(text: string): string {
  const characters = [...text];
  const more = characters.length - SHOWN_CHARACTERS;
  return more <= 0 ? text : `${characters.slice(0, SHOWN_CHARACTERS).join("")}… (${more} more characters)`;
}
