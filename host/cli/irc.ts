/** `bowline irc`: how it stands on IRC, and what IRC-IoT says, in words. */
import type { Command } from "commander";
import { addIrcAgain } from "./irc/again.ts";
import { addIrcDecode } from "./irc/decode.ts";
import { addExplain } from "./irc/explain.ts";
import { addIrcStatus } from "./irc/status.ts";
import { addIrcTypes } from "./irc/types.ts";
import type { Terminal } from "./process/terminal.ts";

export function addIrc(program: Command, terminal: Terminal): void {
  const irc = program
    .command("irc")
    .description("IRC: how it stands there; lines of IRC-IoT in words, and words as its lines");
  addIrcStatus(irc, terminal);
  addIrcAgain(irc, terminal);
  addExplain(irc, terminal);
  addIrcDecode(irc, terminal);
  addIrcTypes(irc, terminal);
}
