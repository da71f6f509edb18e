import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadTokens, readControlToken, roleOf, tokensPath } from "./token.ts";

const none = {};
let folder: string;
let data: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bowline-token-"));
  data = join(folder, "data");
  path = join(data, "tokens.json");
});
afterEach(() => rm(folder, { recursive: true }));

test("the first start makes the folder and a file of two tokens that its owner alone may read", async () => {
  const tokens = await loadTokens(data, none);
  expect(tokens.map(({ role }) => role)).toEqual(["control", "read"]);
  for (const { token } of tokens) expect(token).toMatch(/^[\w-]{43}$/);
  expect(tokens[0].token).not.toBe(tokens[1].token);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(data)).mode & 0o777).toBe(0o700);
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual({ tokens });
});

test("later starts and verbs find the same tokens", async () => {
  const tokens = await loadTokens(data, none);
  expect(await loadTokens(data, none)).toEqual(tokens);
  expect(await readControlToken(data, none)).toBe(tokens[0].token);
});

test.each(["640", "604", "620", "666"])(
  "a file of mode %s is refused, with the command that mends it",
  async (mode) => {
    await loadTokens(data, none);
    await chmod(path, Number.parseInt(mode, 8));
    const refusal = { code: "TOKENS_EXPOSED", exitCode: 4, mend: `chmod 600 ${path}` };
    await expect(loadTokens(data, none)).rejects.toMatchObject(refusal);
    await expect(readControlToken(data, none)).rejects.toMatchObject(refusal);
  },
);

const invalid = [
  "",
  "null",
  "[]",
  '{"tokens":[]}',
  '{"tokens":[null]}',
  '{"tokens":[{"role":"root","token":"0123456789abcdef"}]}',
  '{"tokens":[{"role":"read","token":"short"}]}',
  '{"tokens":[{"role":"read","token":"0123456789 abcdef"}]}',
];
test.each(invalid)("a file of %j is refused", async (text) => {
  await loadTokens(data, none);
  await writeFile(path, text);
  await expect(loadTokens(data, none)).rejects.toMatchObject({ code: "TOKENS_INVALID", exitCode: 2 });
});

test("a folder that cannot be made is an error that names the file", async () => {
  await writeFile(data, "no folder");
  const failure = { code: "TOKENS_UNREADABLE", message: expect.stringContaining(path) };
  await expect(loadTokens(data, none)).rejects.toMatchObject(failure);
});

test("BOWLINE_TOKEN takes the place of the control token, for the gateway and for verbs", async () => {
  const env = { BOWLINE_TOKEN: "chosen-by-the-user" };
  const [, kept] = await loadTokens(data, none);
  expect(await loadTokens(data, env)).toEqual([{ role: "control", token: "chosen-by-the-user" }, kept]);
  expect(await readControlToken(data, env)).toBe("chosen-by-the-user");
});

test("a BOWLINE_TOKEN that can be guessed is refused without being repeated", async () => {
  const failure = loadTokens(data, { BOWLINE_TOKEN: "kitchen" });
  await expect(failure).rejects.toMatchObject({ code: "TOKEN_WEAK", exitCode: 2 });
  await expect(failure).rejects.not.toThrow("kitchen");
});

test("a gateway in memory writes no file, and a verb needs BOWLINE_TOKEN", async () => {
  expect(tokensPath("memory")).toBeUndefined();
  const [first] = await loadTokens("memory", none);
  const [second] = await loadTokens("memory", none);
  expect(first.token).not.toBe(second.token);
  await expect(readControlToken("memory", none)).rejects.toMatchObject({
    code: "TOKEN_UNKNOWN",
    exitCode: 4,
  });
  const env = { BOWLINE_TOKEN: "chosen-by-the-user" };
  expect(await readControlToken("memory", env)).toBe("chosen-by-the-user");
});

test("a verb before the first start makes no token", async () => {
  await expect(readControlToken(data, none)).rejects.toMatchObject({ code: "TOKEN_UNKNOWN" });
  await expect(stat(data)).rejects.toMatchObject({ code: "ENOENT" });
});

test("roleOf() knows whole tokens only", () => {
  const tokens = [
    { role: "control", token: "aaaaaaaaaaaaaaaa" },
    { role: "read", token: "bbbbbbbbbbbbbbbb" },
  ] as const;
  expect(roleOf(tokens, "aaaaaaaaaaaaaaaa")).toBe("control");
  expect(roleOf(tokens, "bbbbbbbbbbbbbbbb")).toBe("read");
  for (const other of ["", "a", "aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaa"])
    expect(roleOf(tokens, other)).toBeNull();
});

test("of starts at the same time one makes the tokens, and all have them; nothing is left beside the file", async () => {
  const starts = await Promise.all(Array.from({ length: 8 }, () => loadTokens(data, none)));
  for (const tokens of starts) expect(tokens).toEqual(starts[0]);
  expect(await loadTokens(data, none)).toEqual(starts[0]);
  expect(await readdir(data)).toEqual(["tokens.json"]);
});
