/** flash.sh: which Node it takes, what it says without one, and that `bowline flash` gets all that was typed. */
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const script = fileURLToPath(new URL("../flash.sh", import.meta.url));
/** Where sh, dirname and the like are, and no node. */
let tools = "";
/** A clone that only has what flash.sh runs. */
let clone = "";
let home = "";

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "bowline-flash-sh-"));
  clone = join(home, "a clone");
  tools = join(home, "tools");
  for (const folder of [join(clone, "scripts"), join(clone, "dist"), tools])
    mkdirSync(folder, { recursive: true });
  copyFileSync(script, join(clone, "flash.sh"));
  for (const tool of ["dirname", "sh"]) symlinkSync(join("/bin", tool), join(tools, tool));
  writeFileSync(join(clone, "scripts/setup.mjs"), 'console.log("setup: done")');
  writeFileSync(
    join(clone, "dist/bowline.mjs"),
    "console.log(JSON.stringify([process.argv.slice(2), process.cwd(), process.env.INIT_CWD, process.execPath]))",
  );
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A node that says its version, and else is this one. */
function makeNode(folder: string, version: string): void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "node");
  writeFileSync(
    path,
    `#!/bin/sh\nif [ "$1" = --version ]; then echo v${version}; else echo "with ${path}" >&2; exec "${process.execPath}" "$@"; fi\n`,
  );
  chmodSync(path, 0o755);
}

function run(args: string[], path: string, env: object = {}) {
  return spawnSync("/bin/sh", [join(clone, "flash.sh"), ...args], {
    cwd: home,
    encoding: "utf8",
    env: { PATH: path, HOME: home, ...env },
  });
}

// Where the machine has one of its own outside PATH, it is found, which is the point.
const hasOther = ["/usr/local/bin/node"].some((path) => spawnSync(path, ["--version"]).status === 0);

describe("which Node", () => {
  test("that of PATH, when it is 20.19 or newer", () => {
    for (const [at, version] of ["20.19.0", "20.20.2", "21.0.0", "100.1.0"].entries()) {
      makeNode(join(home, `bin${at}`), version);
      const { stderr, status } = run([], `${join(home, `bin${at}`)}:${tools}`);
      expect(status, stderr).toBe(0);
      expect(stderr).toContain(`with ${join(home, `bin${at}`, "node")}`);
    }
  });

  test("else nvm's default, else any that nvm has", () => {
    makeNode(join(home, "bin"), "18.20.8");
    for (const version of ["18.0.0", "22.3.1", "24.0.0"])
      makeNode(join(home, ".nvm/versions/node", `v${version}`, "bin"), version);
    mkdirSync(join(home, ".nvm/alias"));
    const chosen = (alias: string) => {
      writeFileSync(join(home, ".nvm/alias/default"), `${alias}\n`);
      return run([], `${join(home, "bin")}:${tools}`).stderr;
    };
    expect(chosen("24")).toContain("v24.0.0/bin/node");
    expect(chosen("v22.3.1")).toContain("v22.3.1/bin/node");
    expect(chosen("lts/*")).toMatch(/v2[24]\.\d\.\d\/bin\/node/);
  });

  test.skipIf(hasOther)("none: it ends with 3 and says where to get one", () => {
    const { status, stderr, stdout } = run([], tools);
    expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
    expect(stderr).toBe(
      "flash.sh: looking for Node: none was found; allowed: 20.19 or newer\n  mend: https://nodejs.org/en/download, or: nvm install 22\n",
    );
  });

  test.skipIf(hasOther)("all too old: it ends with 3 and says which they are", () => {
    makeNode(join(home, "bin"), "20.18.3");
    makeNode(join(home, ".nvm/versions/node/v18.1.0/bin"), "18.1.0");
    const { status, stderr } = run([], `${join(home, "bin")}:${tools}`);
    expect(status).toBe(3);
    expect(stderr).toContain(
      `looking for Node: ${home}/bin/node is 20.18.3, ${home}/.nvm/versions/node/v18.1.0/bin/node is 18.1.0;`,
    );
  });
});

describe("what it runs", () => {
  const path = () => `${dirname(process.execPath)}:${tools}`;

  test("the clone is found through a link, and through a link to that", () => {
    symlinkSync("/bin/readlink", join(tools, "readlink"));
    symlinkSync(join(clone, "flash.sh"), join(home, "put firmware"));
    symlinkSync("put firmware", join(home, "again"));
    const { stdout, status, stderr } = spawnSync("/bin/sh", [join(home, "again"), "--help"], {
      cwd: home,
      encoding: "utf8",
      env: { PATH: path(), HOME: home },
    });
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout).slice(0, 2)).toEqual([["flash", "--help"], clone]);
  });

  test("flash with every argument as it was typed, in the clone, and where it was typed", () => {
    const { stdout, status } = run(["--app", "my app.ts", "*", ""], path());
    expect(status).toBe(0);
    // Nothing but what was asked for: the set-up's words are on stderr.
    expect(JSON.parse(stdout)).toEqual([
      ["flash", "--app", "my app.ts", "*", ""],
      clone,
      home,
      process.execPath,
    ]);
  });

  test("its exit code is that of flash", () => {
    writeFileSync(join(clone, "dist/bowline.mjs"), "process.exit(6)");
    expect(run([], path()).status).toBe(6);
  });

  test("a set-up that fails ends it with 1, and nothing is flashed", () => {
    writeFileSync(join(clone, "scripts/setup.mjs"), 'console.error("setup: no"); process.exit(1)');
    const { status, stdout, stderr } = run([], path());
    expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: "", stderr: "setup: no\n" });
  });
});

const shellcheck = spawnSync("shellcheck", ["--version"]).status === 0;
test.skipIf(!shellcheck)("shellcheck has nothing to say (sudo apt-get install shellcheck)", () => {
  const { stdout, status } = spawnSync("shellcheck", [script], { encoding: "utf8" });
  expect(stdout).toBe("");
  expect(status).toBe(0);
});
