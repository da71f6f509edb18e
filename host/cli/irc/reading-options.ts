/** What both verbs that read IRC-IoT take: how fragments are decoded, and whose signatures are looked at. */
import type { Command } from "commander";
import { MessageReader } from "./message-reader.ts";
import { readSchemes, type SchemeOptions, withSchemeOptions } from "./scheme-options.ts";
import { Signatures, withSignerOption } from "./signatures.ts";

export interface ReadingOptions extends SchemeOptions {
  signer?: string[];
}

export function withReadingOptions(command: Command): Command {
  return withSignerOption(withSchemeOptions(command));
}

export async function readerOf(options: ReadingOptions): Promise<MessageReader> {
  return new MessageReader(await readSchemes(options), new Signatures(options.signer));
}
