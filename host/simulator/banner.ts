/** What a board says for itself after it has started, or was reset (2v29). */
import type { BoardKind } from "./board-kinds.ts";

const LOGO = [
  "",
  " ____                 _ ",
  "|  __|___ ___ ___ _ _|_|___ ___ ",
  "|  __|_ -| . |  _| | | |   | . |",
  "|____|___|  _|_| |___|_|_|_|___|",
  "         |_| espruino.com",
];
const APPEAL = [
  "",
  "Espruino is Open Source. Our work is supported",
  "only by sales of official boards and donations:",
  "http://espruino.com/Donate",
];

/** Lines that end with \n; first the terminal is told not to wrap. */
export function bannerOf({ version, isOfficial }: BoardKind): string {
  const lines = [...LOGO, ` ${version} (c) 2026 G.Williams`, ...(isOfficial ? [] : APPEAL), "", ""];
  return `\x1b[?7l${lines.join("\n")}`;
}
