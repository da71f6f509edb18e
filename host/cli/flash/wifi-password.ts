/**
 * The password of a Wi-Fi, by ways that leave no trace of it: the environment, a file, or typed without an echo. Never an
 * argument, which the list of processes shows, and never in an error.
 */

import { readFile } from "node:fs/promises";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { misread } from "../arguments/misread.ts";
import type { Terminal } from "../process/terminal.ts";

const PASSWORD_VARIABLE = "BOWLINE_WIFI_PASSWORD";
/** IEEE 802.11: a name of 32 bytes; WPA: 8 to 63 characters, or 64 hex digits; an open network has none. */
const MAX_SSID_BYTES = 32;
const MIN_PASSWORD = 8;
const MAX_PASSWORD = 64;

export function checkSsid(ssid: string): void {
  const bytes = Buffer.byteLength(ssid);
  if (bytes >= 1 && bytes <= MAX_SSID_BYTES) return;
  throw misread("--wifi", `a name of ${bytes} bytes`, `1 to ${MAX_SSID_BYTES}`);
}

/** `file`: absolute, or undefined. "" for an open network. */
export async function readWifiPassword(
  ssid: string,
  file: string | undefined,
  terminal: Terminal,
): Promise<string> {
  if (file !== undefined) return checked(await readPasswordFile(file), "--wifi-password-file");
  const given = terminal.env[PASSWORD_VARIABLE];
  if (given !== undefined) return checked(given, PASSWORD_VARIABLE);
  if (terminal.questions !== undefined) {
    const typed = await terminal.questions.secret(
      `Password of the Wi-Fi ${JSON.stringify(ssid)} (none: just Enter)`,
    );
    return checked(typed, "the password");
  }
  const text = `reading the password of the Wi-Fi ${JSON.stringify(ssid)}: there is nobody to ask, and no --wifi-password-file and no ${PASSWORD_VARIABLE}`;
  throw new BowlineError(
    "WIFI_PASSWORD_NEEDED",
    text,
    ExitCode.usage,
    "--wifi-password-file FILE (mode 0600)",
  );
}

async function readPasswordFile(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).replace(/\r?\n$/, "");
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    const exit = code === "EACCES" ? ExitCode.permission : ExitCode.notFound;
    throw new BowlineError("WIFI_PASSWORD_UNREADABLE", `reading --wifi-password-file: ${message}`, exit);
  }
}

/** Only its length is ever said. */
function checked(password: string, from: string): string {
  const { length } = password;
  if (length === 0 || (length >= MIN_PASSWORD && length <= MAX_PASSWORD)) return password;
  const text = `reading ${from}: ${length} characters; allowed: ${MIN_PASSWORD} to ${MAX_PASSWORD}, or none for an open network`;
  throw new BowlineError("WIFI_PASSWORD_INVALID", text, ExitCode.usage);
}
