// Looks through every file of git for what belongs to one person or machine alone: keys, tokens, passwords, paths.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isMain } from "./is-main.mjs";
import { knownFinds } from "./secrets-known.mjs";

/** What a rule finds may be shown in full only where nobody must keep it secret. */
const SHOWN = 12;

/** What holds it is a token or key of a test, and says so. */
const SPELLED = "0123456789";

/** One row a rule: its name, and what it looks for; `secret` is the group that holds the secret. */
const rules = [
  { name: "private key", pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/g },
  { name: "token of GitHub", pattern: /\b(?:gh[opsur]_[A-Za-z0-9]{36,}|github_pat_\w{22,})/g },
  { name: "token of GitLab", pattern: /\bglpat-[\w-]{20,}/g },
  { name: "token of npm", pattern: /\bnpm_[A-Za-z0-9]{36}\b|:_(?:authToken|password|auth)\s*=/g },
  { name: "token of Slack", pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g },
  { name: "key of AWS", pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g },
  { name: "key of Google", pattern: /\bAIza[\w-]{35}\b/g },
  { name: "secret key of a service", pattern: /\b[sr]k[-_](?:live|test|ant|proj)?[-_]?[A-Za-z0-9]{20,}/g },
  { name: "seed of NATS", pattern: /\bS[ACNOUX][A-Z2-7]{56}\b/g },
  { name: "secret of a webhook", pattern: /\bwhsec_[A-Za-z0-9+/]{24,}/g },
  { name: "JSON web token", pattern: /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g },
  { name: "password in a URL", pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"'`$<{[]*:([^\s/:@"'`$<{[]+)@/g },
  {
    name: "assigned secret",
    pattern:
      /(?:secret|token|passw(?:or)?d|passphrase|api_?key|private_?key|key|seed)["']?\s*[:=]\s*["'`]?([A-Za-z0-9+/_-]{20,}={0,2})/gi,
    fits: (text) => /\d/.test(text) && entropy(text) >= 3.3 && !text.includes(SPELLED),
  },
  // The people of our examples are called pi and me.
  {
    name: "path of a machine",
    pattern: /\/(?:home\/(?!pi\b|me\b)\w[\w.-]*|Users\/\w[\w.-]*|root|tmp\/wt|work)\/[\w.]/g,
  },
];

/** A lock file names no registry: whoever installs has one of their own. */
const lockRule = { name: "registry in the lock file", pattern: /"resolved"|https?:\/\/[^"]*registry[^"]*/g };

/** file, text -> [{file, line, rule, text}] */
export function findSecrets(file, text) {
  const own = file.endsWith("package-lock.json") ? [...rules, lockRule] : rules;
  return own.flatMap(({ name, pattern, fits = () => true }) =>
    [...text.matchAll(pattern)]
      .filter((match) => fits(match[1] ?? match[0]))
      .map((match) => ({ file, line: lineAt(text, match.index), rule: name, text: match[0] })),
  );
}

/** Of those found, what `known` does not name; and each row of `known` that nothing fits. */
export function judge(finds, known) {
  const fits = (find, row) => row.file.test(find.file) && find.rule === row.rule && row.text.test(find.text);
  return {
    unknown: finds.filter((find) => !known.some((row) => fits(find, row))),
    stale: known.filter((row) => !finds.some((find) => fits(find, row))),
  };
}

/** Bits a character, as the text itself has them. */
function entropy(text) {
  const counts = new Map();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  return -[...counts.values()].reduce((sum, n) => sum + (n / text.length) * Math.log2(n / text.length), 0);
}

const lineAt = (text, index) => text.slice(0, index).split("\n").length;

/** Every file of git at `root`, those not added yet too. */
export function findAll(root) {
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const files = execFileSync("git", list, { cwd: root, encoding: "utf8" }).split("\0").filter(Boolean);
  return files.flatMap((file) => findSecrets(file, readText(join(root, file))));
}

/** Bytes as they are: a key within a binary file is one, too. A file that was deleted holds nothing. */
function readText(path) {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    if (error.code === "ENOENT") return "";
    throw error;
  }
}

if (isMain(import.meta.url)) {
  const { unknown, stale } = judge(findAll(fileURLToPath(new URL("..", import.meta.url))), knownFinds);
  for (const { file, line, rule, text } of unknown)
    console.log(`${file}:${line}: ${rule}: ${text.slice(0, SHOWN)}…`);
  for (const { file, rule, text } of stale)
    console.log(`scripts/secrets-known.mjs: in ${file} no ${rule} is ${text}: take the row out`);
  process.exitCode = unknown.length + stale.length === 0 ? 0 : 1;
}
