/** A mend as text to read and commands to type: only those are to be copied. */
import { typedMend } from "../../platform/errors.ts";

export interface MendPart {
  text: string;
  isCommand: boolean;
}

/** What a mend begins with, or goes on with behind ": " or "; ", when it is to be typed. */
const PROGRAMS =
  "bowline|chmod|curl|df|docker|echo|getent|getfacl|kill|ls|mosquitto_sub|mount|mv|nats|nats-server|nc|newgrp|nk|nsc|openssl|rm|sudo|systemctl";
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
  const text = between.replace(/^[;,\s]+|[;,\s]+$/g, "");
  if (text !== "") parts.push({ text, isCommand: false });
}
