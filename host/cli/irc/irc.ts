/** `bowline irc`: what IRC-IoT says, in words. */
import type { Command } from "commander";
import type { Terminal } from "../terminal.ts";
import { addIrcDecode } from "./decode.ts";
import { addExplain } from "./explain.ts";

export function addIrc(program: Command, terminal: Terminal): void {
  const irc = program.command("irc").description("IRC-IoT: its lines in words, and words as its lines");
  addExplain(irc, terminal);
  addIrcDecode(irc, terminal);
}
