/** What belongs to one person or machine alone is found in any file of git. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folderForEach } from "../host/testing/folders.ts";
import { findAll, findSecrets, judge } from "./secrets.mjs";

// Put together here, so that this file holds none of them.
const AT = "@";
const letters = (count: number) => "aZ3kQ9xW7pL2mN8v".repeat(8).slice(0, count);
const capitals = (count: number) => "A2B3C4D5E6F7GHIJKLMN".repeat(8).slice(0, count);

const found = (text: string, file = "host/x.ts") => findSecrets(file, text).map(({ rule }) => rule);

describe("each rule finds what it is for", () => {
  test.each([
    ["private key", `-----BEGIN ${"EC PRIVATE"} KEY-----`],
    ["private key", `-----BEGIN ${"PRIVATE"} KEY-----`],
    ["token of GitHub", `ghp_${letters(36)}`],
    ["token of GitHub", `github_pat_${letters(30)}`],
    ["token of GitLab", `glpat-${letters(20)}`],
    ["token of npm", `npm_${letters(36)}`],
    ["token of npm", `//registry.example/:_${"authToken"}=x`],
    ["token of Slack", `xoxb-${letters(12)}`],
    ["key of AWS", `AKIA${capitals(16)}`],
    ["key of Google", `AIza${letters(35)}`],
    ["secret key of a service", `sk-ant-${letters(24)}`],
    ["secret key of a service", `sk_live_${letters(24)}`],
    ["seed of NATS", `SU${capitals(56)}`],
    ["secret of a webhook", `whsec_${letters(32)}`],
    ["JSON web token", `eyJ${letters(12)}.${letters(20)}.${letters(20)}`],
    ["password in a URL", `mqtt://joe:hunter2${AT}broker.example`],
    ["assigned secret", `const token = "${letters(32)}";`],
    ["assigned secret", `password: ${letters(20)}`],
    ["assigned secret", `BOWLINE_HTTP_TOKEN=${letters(24)}`],
    ["path of a machine", `/home/${"someone"}/work.txt`],
    ["path of a machine", `"/${"root"}/.npmrc"`],
    ["path of a machine", `/tmp/${"wt"}/x`],
  ])("%s", (rule, text) => {
    expect(found(`first\n${text}\nlast`)).toContain(rule);
    expect(findSecrets("a", `first\n${text}\nlast`)[0]).toMatchObject({ file: "a", line: 2 });
  });

  test("registry in the lock file, there alone", () => {
    const line = `"resolved": "https://${"registry"}.example/a.tgz"`;
    expect(found(line, "package-lock.json")).toContain("registry in the lock file");
    expect(found(line, "docs/a.md")).toEqual([]);
  });
});

test.each([
  "const token = settings.http.token;",
  "key: the-name-of-a-key-in-words-alone",
  'token = "control-token-0123456789"',
  `url: "http://127.0.0.1:8080/a${AT}b"`,
  `mqtt://$${""}{user}:$${""}{password}${AT}host`,
  "/home/pi/bowline/data",
  "-----BEGIN PUBLIC KEY-----",
  "seed=12345678",
])("%s is none", (text) => expect(found(text)).toEqual([]));

describe("what is known", () => {
  const finds = [{ file: "a.test.ts", line: 3, rule: "private key", text: "x" }];
  const row = { file: /^a\.test/, rule: "private key", text: /x/, why: "an example" };

  test("is no fault, and only that one", () => {
    expect(judge(finds, [row])).toEqual({ unknown: [], stale: [] });
    for (const other of [{ file: /^b/ }, { rule: "key of AWS" }, { text: /y/ }])
      expect(judge(finds, [{ ...row, ...other }])).toEqual({ unknown: finds, stale: [{ ...row, ...other }] });
  });
});

describe("findAll()", () => {
  const clone = folderForEach("secrets");

  test("reads what git has and what it is about to get, not what is ignored", () => {
    const git = (...args: string[]) => execFileSync("git", args, { cwd: clone() });
    const write = (name: string, text: string) => writeFileSync(join(clone(), name), text);
    git("init", "-q");
    write(".gitignore", "ignored.txt\n");
    for (const name of ["added.bin", "new file.txt", "ignored.txt"])
      write(name, `\0\xff\n-----BEGIN ${"PRIVATE"} KEY-----`);
    git("add", "added.bin");
    const finds = findAll(clone()).map(({ file, line }) => `${file}:${line}`);
    expect(finds.sort()).toEqual(["added.bin:2", "new file.txt:2"]);
  });
});
