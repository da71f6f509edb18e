/** The tokens of the HTTP API: a file in the data folder that its owner alone may read. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeDurably } from "../platform/durable-file.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { makePrivateFolder } from "../platform/folder-owner.ts";

export const tokenRoles = ["control", "read"] as const;
/** `read` sees everything, `control` may also make requests. */
export type Role = (typeof tokenRoles)[number];

export interface Token {
  role: Role;
  token: string;
}

/** Takes the place of the control token, in the gateway and in every verb. */
export const TOKEN_VARIABLE = "BOWLINE_TOKEN";
/** 32 bytes cannot be guessed; fewer characters than this could. */
const TOKEN_BYTES = 32;
const MIN_TOKEN_CHARACTERS = 16;
const OTHERS = 0o077; // st_mode: any right of group or others

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the tokens of a data folder lie; undefined for a gateway that keeps all in memory. */
export function tokensPath(data: string): string | undefined {
  return data === "memory" ? undefined : join(data, "tokens.json");
}

/** The tokens the gateway accepts; makes them, and the data folder, at the first start. */
export async function loadTokens(data: string, env: Environment = process.env): Promise<Token[]> {
  const path = tokensPath(data);
  const tokens = path === undefined ? drawTokens() : ((await readTokens(path)) ?? (await makeTokens(path)));
  const given = givenToken(env);
  if (given === undefined) return tokens;
  return [{ role: "control", token: given }, ...tokens.filter(({ role }) => role !== "control")];
}

/** The token a verb uses against the gateway of this data folder; never makes one. */
export async function readControlToken(data: string, env: Environment = process.env): Promise<string> {
  const given = givenToken(env);
  if (given !== undefined) return given;
  const path = tokensPath(data);
  const tokens = path === undefined ? undefined : await readTokens(path);
  const control = tokens?.find(({ role }) => role === "control");
  if (control !== undefined) return control.token;
  const seen =
    path === undefined ? "the gateway keeps it in memory (data: memory)" : `there is none in ${path}`;
  const mend = `start the gateway, or export ${TOKEN_VARIABLE}=… with the token of the address it printed`;
  throw new BowlineError(
    "TOKEN_UNKNOWN",
    `looking for the control token: ${seen}`,
    ExitCode.permission,
    mend,
  );
}

/** The role of a token somebody showed, null for none of ours; takes as long whatever it is. */
export function roleOf(tokens: readonly Token[], shown: string): Role | null {
  const digest = sha256(shown);
  let found: Role | null = null;
  for (const { role, token } of tokens) if (timingSafeEqual(sha256(token), digest)) found = role;
  return found;
}

const sha256 = (text: string) => createHash("sha256").update(text).digest();

function drawTokens(): Token[] {
  return tokenRoles.map((role) => ({ role, token: randomBytes(TOKEN_BYTES).toString("base64url") }));
}

function givenToken(env: Environment): string | undefined {
  const given = env[TOKEN_VARIABLE];
  if (given === undefined || given === "") return undefined;
  if (isToken(given)) return given;
  const text = `reading ${TOKEN_VARIABLE}: ${given.length} characters; allowed: ${MIN_TOKEN_CHARACTERS} or more, of A-Z a-z 0-9 - _`;
  const mend = `export ${TOKEN_VARIABLE}=$(head -c ${TOKEN_BYTES} /dev/urandom | base64 | tr +/ -_ | tr -d =)`;
  throw new BowlineError("TOKEN_WEAK", text, ExitCode.usage, mend);
}

/** Of the characters that need no quotes in an address, a header or a shell. */
const isToken = (text: unknown) =>
  typeof text === "string" && text.length >= MIN_TOKEN_CHARACTERS && /^[\w-]+$/.test(text);

async function makeTokens(path: string): Promise<Token[]> {
  const tokens = drawTokens();
  const isOurs = await explained("writing", path, async () => {
    makePrivateFolder(dirname(path));
    return await writeNew(path, `${JSON.stringify({ tokens }, null, 2)}\n`);
  });
  // Else another start has made it meanwhile, and has those.
  return isOurs ? tokens : ((await readTokens(path)) ?? tokens);
}

/** False: there is one. */
async function writeNew(path: string, text: string): Promise<boolean> {
  try {
    await writeDurably(path, text, { isNew: true });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** undefined when there is no such file. */
async function readTokens(path: string): Promise<Token[] | undefined> {
  const file = await explained("reading", path, () => open(path, "r"));
  if (file === undefined) return undefined;
  try {
    await checkMode(file, path);
    return parseTokens(await file.readFile("utf8"), path);
  } finally {
    await file.close();
  }
}

async function checkMode(file: FileHandle, path: string): Promise<void> {
  const mode = (await file.stat()).mode & 0o777;
  if (process.platform === "win32" || (mode & OTHERS) === 0) return;
  const text = `reading ${path}: its mode is 0${mode.toString(8)}, so others may read the tokens; allowed: 0600`;
  throw new BowlineError("TOKENS_EXPOSED", text, ExitCode.permission, `chmod 600 ${path}`);
}

function parseTokens(text: string, path: string): Token[] {
  let tokens: unknown;
  try {
    tokens = (JSON.parse(text) as { tokens?: unknown } | null)?.tokens;
  } catch {
    tokens = undefined;
  }
  if (Array.isArray(tokens) && tokens.length > 0 && tokens.every(isEntry)) return tokens;
  const expected = `{"tokens":[{"role":"control","token":"…"}]}, roles ${tokenRoles.join(" and ")}, tokens of ${MIN_TOKEN_CHARACTERS} characters or more`;
  const mend = `rm ${path} (the next start makes new tokens)`;
  throw new BowlineError(
    "TOKENS_INVALID",
    `reading ${path}: not as expected: ${expected}`,
    ExitCode.usage,
    mend,
  );
}

function isEntry(entry: Partial<Token> | null): entry is Token {
  return tokenRoles.some((role) => role === entry?.role) && isToken(entry?.token);
}

async function explained<T>(attempt: "writing", path: string, run: () => Promise<T>): Promise<T>;
async function explained<T>(attempt: "reading", path: string, run: () => Promise<T>): Promise<T | undefined>;
async function explained<T>(attempt: "reading" | "writing", path: string, run: () => Promise<T>) {
  try {
    return await run();
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (attempt === "reading" && code === "ENOENT") return undefined;
    const denied = code === "EACCES" || code === "EPERM" || code === "EROFS";
    const exitCode = denied ? ExitCode.permission : ExitCode.failure;
    const text = `${attempt} ${path}: ${(error as Error).message}`;
    throw new BowlineError("TOKENS_UNREADABLE", text, exitCode, `ls -ld ${join(path, "..")} ${path}`);
  }
}
