/** The key that a webhook's messages are signed with, read from its file: whsec_… as Standard Webhooks has it, or plain. */
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { readSecretOf } from "../platform/settings-file.ts";

/** Secrets of Standard Webhooks begin so; the rest is base64. */
const PREFIX = "whsec_";
/** Bytes of a key (Standard Webhooks, "Signature scheme"). */
const LEAST = 24;
const MOST = 64;
/** Without a padding whose length would be wrong. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** `name`: of the setting. Throws FILE_UNREADABLE, without a word of what is in it, and KEY_EXPOSED. */
export function readWebhookKey(name: string, path: string): Buffer {
  const secret = readSecretOf(name, path);
  const refused = (seen: string, allowed: string) =>
    new BowlineError(
      "FILE_UNREADABLE",
      `${name}: reading ${path}: ${seen}; expected ${allowed}`,
      ExitCode.failure,
      `echo "${PREFIX}$(openssl rand -base64 32)" > ${path}`,
    );
  if (!secret.startsWith(PREFIX)) {
    const key = Buffer.from(secret);
    if (key.length >= LEAST) return key;
    throw refused(`a secret of ${key.length} bytes`, `at least ${LEAST}, or ${PREFIX} and base64`);
  }
  const text = secret.slice(PREFIX.length);
  const allowed = `${PREFIX} and base64 of ${LEAST} to ${MOST} bytes`;
  if (!BASE64.test(text)) throw refused(`what follows ${PREFIX} is no base64`, allowed);
  const key = Buffer.from(text, "base64");
  if (key.length < LEAST || key.length > MOST)
    throw refused(`a secret of ${key.length} bytes after ${PREFIX}`, allowed);
  return key;
}
