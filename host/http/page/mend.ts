/** A mend as text to read and commands to type: only those are to be copied. */
import { typedMend } from "../../platform/errors.ts";

export interface MendPart {
  text: string;
  isCommand: boolean;
}

/** What a mend begins with, or goes on with behind ": " or "; ", when it is to be typed. */
const PROGRAMS = "bowline|chmod|df|docker|getfacl|kill|ls|mount|mv|newgrp|openssl|rm|sudo";
/** It ends where words go on: at a comma, a semicolon, a remark in brackets, or the end of its line. */
const COMMAND = new RegExp(`(?<=^|\\n|: |; |, or |^or )(?:${PROGRAMS}) [^\\n]+?(?=$|\\n|; |, | \\()`, "g");

/** In their order, without what only stood between them. */
export function mendParts(mend: string): MendPart[] {
  const parts: MendPart[] = [];
  let end = 0;
  for (const { 0: command, index } of mend.matchAll(COMMAND)) {
    addText(parts, mend.slice(end, index));
    parts.push({ text: typedMend(command), isCommand: true });
    end = index + command.length;
  }
  addText(parts, mend.slice(end));
  return parts;
}

function addText(parts: MendPart[], between: string): void {
  const text = between.replace(/^[;,\s]+/, "").trim();
  if (text !== "") parts.push({ text, isCommand: false });
}
