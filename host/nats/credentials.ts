/** Files that say who this gateway is by a key: whether they hold one, and until when it lets in. */
import { BowlineError, ExitCode } from "../platform/errors.ts";

const JWT = /-----BEGIN NATS USER JWT-----\s+(\S+)\s+-+END NATS USER JWT-+/;
const SEED = /-----BEGIN USER NKEY SEED-----\s+SU[A-Z2-7]{56}\s+-+END USER NKEY SEED-+/;

/** What makes them anew: its places in capitals are known to whoever keeps the accounts. */
export const credentialsMend = (path: string) =>
  `nsc generate creds --account ACCOUNT --name USER --output-file ${path}`;

/** `path`: of the file. Throws FILE_UNREADABLE, without a word of what is in it. */
export function checkCredentials(text: string, path: string): void {
  if (JWT.test(text) && SEED.test(text)) return;
  throw new BowlineError(
    "FILE_UNREADABLE",
    `nats.credsFile: reading ${path}: it holds no user's JWT with its seed; expected what nsc generates`,
    ExitCode.failure,
    credentialsMend(path),
  );
}

/** `text`: the seed of an NKey alone. Throws FILE_UNREADABLE, without a word of what is in it. */
export function checkNkey(text: string, path: string): void {
  if (/^SU[A-Z2-7]{56}$/.test(text)) return;
  throw new BowlineError(
    "FILE_UNREADABLE",
    `nats.nkeyFile: reading ${path}: it is no seed of a user's NKey; expected SU and 56 letters and digits`,
    ExitCode.failure,
    nkeyMend(path),
  );
}

/** The server is to know the public half, which `nk -inkey FILE -pubout` says. */
export const nkeyMend = (path: string) => `nk -gen user > ${path}`;

/** When they end, ms since 1970; null: they do not, or do not say it. */
export function credentialsEnd(text: string): number | null {
  const [, claims = ""] = JWT.exec(text)?.[1].split(".") ?? [];
  try {
    const { exp } = JSON.parse(Buffer.from(claims, "base64url").toString()) as { exp?: unknown };
    return typeof exp === "number" && exp > 0 ? exp * 1000 : null;
  } catch {
    return null;
  }
}
