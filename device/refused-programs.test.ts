/** What an author is told of a program as a whole, and how `node device/build.mjs` ends. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildDevice } from "./build.mjs";

const project = fileURLToPath(new URL("..", import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bowline-programs-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Finding {
  text: string;
  mend: string;
}

/** A whole program, in these files; the first is built -> what is refused of it as a whole. */
async function refusedWhole(...files: [name: string, text: string][]): Promise<string[]> {
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  const entry = join(folder, files[0][0]);
  return buildDevice({ entry, outfile: `${entry}.js`, quiet: true, mustStart: true }).then(
    () => [],
    (error) => error.findings?.map(({ text, mend }: Finding) => `${text}; ${mend}`) ?? Promise.reject(error),
  );
}

test("a program that never calls start() is refused, by whatever name it has it", async () => {
  const silent =
    'nothing calls start() of "bowline", and the board would say nothing to anybody; write start() as the last line';
  const every = "every(1, function () { print(1); });\n";
  expect(await refusedWhole(["a.ts", `import { every } from "bowline";\n${every}`])).toEqual([silent]);
  expect(
    await refusedWhole(["b.ts", `import { every, start } from "bowline";\n${every}// start()\n`]),
  ).toEqual([silent]);
  expect(
    await refusedWhole(["c.ts", `import { every, start as go } from "bowline";\n${every}go();\n`]),
  ).toEqual([]);
  expect(
    await refusedWhole(["d.ts", 'import * as b from "bowline";\nb.every(1, function () {});\nb.start();\n']),
  ).toEqual([]);
  const begin: [string, string] = [
    "begin.ts",
    'import { start } from "bowline";\nexport function begin(): void { start(); }\n',
  ];
  expect(await refusedWhole(["e.ts", 'import { begin } from "./begin.ts";\nbegin();\n'], begin)).toEqual([]);
});

describe("buildDevice() tells an author, with the line and what to write instead,", () => {
  test("what bowline does not export, and what it does", async () => {
    const app = join(folder, "app.ts");
    writeFileSync(app, 'import { subscribe } from "bowline";\nsubscribe();');
    await expect(buildDevice({ entry: app, quiet: true })).rejects.toMatchObject({
      code: "APP_REFUSED",
      message: expect.stringMatching(
        /"bowline" does not export subscribe: .*app\.ts:1: .*; it has .*publish/,
      ),
    });
  });

  test("where a file does not parse", async () => {
    const app = join(folder, "app.ts");
    writeFileSync(app, 'print("a");\nconst = 5;');
    await expect(buildDevice({ entry: app, quiet: true })).rejects.toThrow(
      /expected identifier but found "=": .*app\.ts:2: `const = 5;`$/,
    );
  });

  test("the same of files that the program imports", async () => {
    mkdirSync(join(folder, "lib"));
    writeFileSync(join(folder, "lib/part.ts"), "export const f = (a = 1) => a;");
    writeFileSync(join(folder, "app.ts"), 'import { f } from "./lib/part.ts";\nprint(f());');
    await expect(buildDevice({ entry: join(folder, "app.ts"), quiet: true })).rejects.toThrow(
      /default arguments are not available on the board: .*lib\/part\.ts:1: `export const f = \(a = 1\) => a;`; write/,
    );
  });
});

describe("node device/build.mjs", () => {
  function run(...args: string[]) {
    const { status, stderr } = spawnSync(process.execPath, [join(project, "device/build.mjs"), ...args], {
      cwd: folder,
      encoding: "utf8",
    });
    return { status, stderr };
  }

  test("ends with 1 for a program that does not run, and tells no more than what is wrong", () => {
    writeFileSync(
      join(folder, "bad.ts"),
      'import { start } from "bowline";\nstart();\nconst { a } = E; print(a);',
    );
    expect(run("--app", "bad.ts")).toEqual({
      status: 1,
      stderr:
        "build: building bad.ts: destructuring is not available on the board: bad.ts:3: " +
        "`const { a } = E; print(a);`; write const a = x.a [APP_REFUSED]\n",
    });
  });

  test("ends with 2 for an option or a file of a kind it does not know, and 3 for a file that is not there", async () => {
    expect(run("--aps", "x")).toEqual({
      status: 2,
      stderr: expect.stringMatching(
        /^build: reading the options: Unknown option '--aps'.* \[USAGE\]\n {2}mend: /,
      ),
    });
    await expect(buildDevice({ entry: join(folder, "app.py") })).rejects.toMatchObject({
      ...{ code: "USAGE", exitCode: 2, message: expect.stringMatching(/app\.py: .*; allowed: \.ts, \.js$/) },
    });
    await expect(buildDevice({ entry: join(folder, "none.ts") })).rejects.toMatchObject({
      ...{ code: "APP_NOT_FOUND", exitCode: 3, message: expect.stringMatching(/none\.ts: no such file$/) },
    });
  });

  test("checks types, unless it is told not to", () => {
    writeFileSync(
      join(folder, "app.ts"),
      'import { start } from "bowline";\nconst a: number = "x";\nprint(a);\nstart();',
    );
    expect(run("--app", "app.ts", "--out", "app.js")).toMatchObject({
      status: 1,
      stderr:
        "build: building app.ts: Type 'string' is not assignable to type 'number': app.ts:2 [APP_TYPES]\n",
    });
    expect(run("--app", "app.ts", "--out", "app.js", "--untyped")).toMatchObject({ status: 0 });
  });
});
