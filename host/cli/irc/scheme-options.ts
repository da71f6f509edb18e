/** How fragments are decoded that do not say it themselves, and with which key: options of the verbs that read IRC-IoT. */
import { createPrivateKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { type SchemeSettings, schemeNames } from "../../irc-iot/scheme.ts";
import { parseSymmetricKey, type SchemeKeys } from "../../irc-iot/scheme-keys.ts";
import { BowlineError, ExitCode } from "../../platform/errors.ts";

export interface SchemeOptions {
  scheme: string;
  keyFile?: string;
}

/** Of the reference and of ours. */
const DEFAULT_SCHEME = "b85z";

export function withSchemeOptions(command: Command): Command {
  const scheme = new Option(
    "--scheme <name>",
    "how fragments are encoded that do not say it themselves (em)",
  );
  return command
    .addOption(scheme.choices(schemeNames).default(DEFAULT_SCHEME))
    .option(
      "--key-file <file>",
      "key of b85U and AES, 64 hexadecimal digits or 32 characters; of RSA, a PEM file",
    );
}

export async function readSchemes({ scheme, keyFile }: SchemeOptions): Promise<SchemeSettings> {
  return keyFile === undefined ? { scheme } : { scheme, keys: parseKey(await readKeyFile(keyFile), keyFile) };
}

/** A file, so that no key stands in the list of processes. */
async function readKeyFile(file: string): Promise<string> {
  try {
    return (await readFile(file, "latin1")).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const exit =
      code === "ENOENT" ? ExitCode.notFound : code === "EACCES" ? ExitCode.permission : ExitCode.failure;
    throw new BowlineError("KEY_FILE", `reading --key-file ${file}: ${code}`, exit);
  }
}

function parseKey(text: string, file: string): SchemeKeys {
  if (text.startsWith("-----BEGIN")) return { legacy: { rsa: parsePem(text, file) } };
  const bytes = parseSymmetricKey(text);
  if (bytes === null) throw noKey(file, `${text.length} characters`);
  return { sealing: bytes, legacy: { aes: bytes } };
}

function parsePem(text: string, file: string) {
  try {
    return createPrivateKey(text);
  } catch {
    throw noKey(file, "a PEM file without a private key, or one with a password");
  }
}

function noKey(file: string, seen: string): BowlineError {
  const allowed = "64 hexadecimal digits, 32 characters, or an RSA private key as PEM";
  return new BowlineError(
    "KEY_FILE",
    `reading --key-file ${file}: ${seen}; allowed: ${allowed}`,
    ExitCode.usage,
  );
}
