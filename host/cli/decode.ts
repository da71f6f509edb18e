/** `bowline decode`: frames and packets in words. */
import { type Command, Option } from "commander";
import type { Finding } from "../frames/findings.ts";
import { formatHex } from "../frames/hex.ts";
import { hasSign, readIotgw } from "../frames/iotgw-words.ts";
import { hasFrame, readLink } from "../frames/link-words.ts";
import { readSession } from "../frames/session-words.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { parseHex } from "./arguments/hex.ts";
import { formatJson } from "./output/display.ts";
import type { Terminal } from "./process/terminal.ts";

/** Bytes of a piece that are printed before its meaning. */
const SHOWN_BYTES = 12;

export interface DecodeOptions {
  from?: "client" | "server" | "link" | "iotgw";
  /** The handshake was before these bytes. */
  open?: boolean;
  json?: boolean;
}

export interface Decoded {
  findings: Finding[];
  /** What else the bytes may be. */
  alternatives: string[];
}

export function addDecode(program: Command, terminal: Terminal): void {
  const from = new Option(
    "--from <side>",
    "who sent the bytes, or `link` for frames of a serial line, `iotgw` for one between gateways",
  );
  program
    .command("decode")
    .description("frames and packets in words")
    .argument("<hex...>", "bytes in the order they travelled: 0100, 01 00, 0x01:0x00")
    .addOption(from.choices(["client", "server", "link", "iotgw"]))
    .option("--open", "the session is open already: no handshake comes first")
    .option("--json", "one object a line")
    .addHelpText("after", "\nExit code 7 when not one piece could be understood.")
    .action((args: string[], options: DecodeOptions) => {
      const bytes = parseHex(args);
      const decoded = decode(bytes, options);
      const format = options.json ? formatFindingJson : formatFinding;
      for (const finding of decoded.findings) terminal.print(format(finding, bytes));
      if (decoded.alternatives.length > 0 && !options.json)
        terminal.print(`could also be: ${decoded.alternatives.join("; or ")}   (--from or --open decides)`);
      if (!decoded.findings.some(({ isUnderstood }) => isUnderstood)) throw nothingUnderstood(bytes);
    });
}

/** Frames where there is one with a good checksum, or the sign of iotgw in front; else bytes of a session. */
export function decode(bytes: Uint8Array, { from, open }: DecodeOptions = {}): Decoded {
  const side = from === "link" || from === "iotgw" ? undefined : from;
  if (bytes.length === 0) return { findings: [], alternatives: [] };
  if (from === "iotgw" || (from === undefined && !open && hasSign(bytes, 0, bytes.length)))
    return { findings: readIotgw(bytes), alternatives: [] };
  if (from === "link" || hasFrame(bytes)) return { findings: readLink(bytes, side), alternatives: [] };
  return readSession(bytes, side, open);
}

function formatFinding(finding: Finding, bytes: Uint8Array): string {
  const { start, end, meaning, clause, isUnderstood } = finding;
  const hex = formatHex(bytes.subarray(start, end), SHOWN_BYTES).padEnd(3 * SHOWN_BYTES + 1);
  return `${String(start).padStart(5)}  ${hex}  ${isUnderstood ? "" : "?? "}${meaning}  (${clause})`;
}

function formatFindingJson({ start, end, meaning, ...rest }: Finding, bytes: Uint8Array): string {
  const hex = formatHex(bytes.subarray(start, end)).replaceAll(" ", "");
  return formatJson({ offset: start, hex, meaning: meaning.trim(), ...rest });
}

function nothingUnderstood(bytes: Uint8Array): BowlineError {
  const text = `decoding ${bytes.length} bytes: neither a frame of the link or of iotgw nor a session was found`;
  return new BowlineError("NOT_UNDERSTOOD", text, ExitCode.verification, "bowline decode --help");
}
