/** `bowline irc`: how it stands on IRC, and what IRC-IoT says, in words. */
import type { Command } from "commander";
import type { Terminal } from "../terminal.ts";
import { addIrcAgain } from "./again.ts";
import { addIrcDecode } from "./decode.ts";
import { addExplain } from "./explain.ts";
import { addIrcStatus } from "./status.ts";
import { addIrcTypes } from "./types.ts";

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
