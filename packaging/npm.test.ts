/** The package of npm as its users have it: what is in it, and that it works where nothing else of ours is. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePorts, ProgramRun } from "../host/cli/testing/built-program.ts";
import { freePort } from "../host/testing/free-port.ts";
import { isPtyAvailable } from "../host/transports/pty.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const { version, name: NAME } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Everything that may be in it. Beside these, guides: a new one is no surprise. */
const FILES = [
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
  "bin/bowline.mjs",
  "component/README.md",
  "device/GUIDE.md",
  "dist/LICENSES.txt",
  "dist/bowline.lua",
  "dist/bowline.mjs",
  "dist/client.d.ts",
  "dist/client.mjs",
  "dist/completions/_bowline",
  "dist/completions/bowline.bash",
  "dist/completions/bowline.fish",
  "dist/component.d.ts",
  "dist/component.mjs",
  "dist/device/chaos.js",
  "dist/device/firmware.js",
  ...["bank", "calculator", "clock-ask", "clock-reply", "listener", "radio", "speaker"].map(
    (name) => `dist/examples/${name}.mjs`,
  ),
  "dist/examples/config.json",
  "dist/man/bowline.1",
  ...["index.html", "page.css", "page.js", "uplot.js"].map((name) => `dist/page/${name}`),
  ...["bowlinecomp", "echo", "moniqueconfig", "moniquewire"].map((name) => `dist/python/${name}.py`),
  ...["alerts.yml", "grafana.json", "prometheus.yml"].map((name) => `monitoring/${name}`),
  "package.json",
  "shared/PROTOCOL.md",
];
const GUIDE = /^docs\/[a-z-]+\.md$|^docs\/bench\.json$|^docs\/charts\/[a-z0-9-]+\.svg$/;
const MOST_PACKED_BYTES = 2_000_000;

/** npm says so where it finds no registry; the tests that install need one, as `npm ci` did. */
const NO_REGISTRY = /ENOTCACHED|ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ETIMEDOUT/;

let folder = "";
let packed: { filename: string; size: number; files: { path: string; mode: number }[] };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bowline-npm-"));
  packed = pack(folder);
});
afterAll(() => {
  execFileSync("chmod", ["-R", "u+w", folder]);
  rmSync(folder, { recursive: true });
});

function pack(into: string): typeof packed {
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", into];
  return JSON.parse(
    execFileSync("npm", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }),
  )[0];
}

test("everything in it is meant to be, and everything that is meant to be is", () => {
  const paths = packed.files.map(({ path }) => path);
  expect(paths.filter((path) => !GUIDE.test(path)).sort()).toEqual([...FILES].sort());
  expect(packed.size).toBeLessThan(MOST_PACKED_BYTES);
  const commands = packed.files.filter(({ mode }) => mode & 0o111).map(({ path }) => path);
  expect(commands.sort()).toEqual(["bin/bowline.mjs", "dist/bowline.mjs"]);
});

test("nobody's own folder is named in it, and no map of the sources", () => {
  const paths = packed.files.map(({ path }) => join(root, path));
  const named = spawnSync("grep", ["-lE", `${root.slice(0, -1)}|sourceMappingURL=[^"]*\\.map$`, ...paths], {
    encoding: "utf8",
  });
  expect(named.stdout).toBe("");
});

test("is the same, byte for byte, when it is packed again", () => {
  const again = join(folder, "again");
  mkdirSync(again);
  pack(again);
  const read = (place: string) => readFileSync(join(place, packed.filename));
  expect(read(again).equals(read(folder))).toBe(true);
});

test("publishing it would warn of nothing, but that nobody is logged in", () => {
  const { status, stderr } = spawnSync("npm", ["publish", "--dry-run", "--ignore-scripts"], {
    ...{ cwd: root, encoding: "utf8" },
  });
  const warnings = stderr
    .split("\n")
    .filter((line) => /^npm warn/i.test(line) && !line.includes("logged in"));
  expect([status, warnings]).toEqual([0, []]);
});

describe("installed in a folder whose name has a blank, which nobody may write", () => {
  const place = () => join(folder, "some where");
  const elsewhere = () => join(folder, "data of mine");
  const env = () => ({ PATH: process.env.PATH ?? "", HOME: elsewhere(), TMPDIR: elsewhere() });
  const command = () => join(place(), "node_modules/.bin/bowline");
  let noRegistry = "";
  let before: string[] = [];

  beforeAll(() => {
    for (const path of [place(), elsewhere()]) mkdirSync(path);
    writeFileSync(join(place(), "package.json"), '{ "private": true, "type": "module" }');
    const options = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=0"];
    const { status, stderr } = spawnSync("npm", ["install", ...options, join(folder, packed.filename)], {
      ...{ cwd: place(), encoding: "utf8" },
    });
    if (status !== 0 && NO_REGISTRY.test(stderr)) noRegistry = "npm finds no registry here";
    else expect([status, stderr]).toEqual([0, ""]);
    execFileSync("chmod", ["-R", "a-w", place()]);
    before = stateOf(place());
  });

  /** What would change with whatever is written there: also root, who may write everywhere, is seen by that. */
  const stateOf = (path: string) =>
    (readdirSync(path, { recursive: true }) as string[]).sort().map((name) => {
      const { size, mtimeMs, mode } = statSync(join(path, name));
      return `${name} ${size} ${mtimeMs} ${mode}`;
    });

  const bowline = (...args: string[]) =>
    spawnSync(command(), args, { cwd: elsewhere(), env: env(), encoding: "utf8" });
  const start = (...args: string[]) =>
    new ProgramRun(
      spawn(command(), args, { cwd: elsewhere(), env: env(), stdio: ["ignore", "pipe", "pipe"] }),
    );
  async function ended(run: ProgramRun, work: () => Promise<void>) {
    try {
      await work();
      run.kill("SIGINT");
      expect(await run.ended).toBe(0);
    } finally {
      run.kill("SIGKILL");
      await run.ended;
    }
  }

  test("npx says its version", ({ skip }) => {
    skip(noRegistry !== "", noRegistry);
    const { stdout } = spawnSync("npx", ["--no-install", NAME, "--version"], {
      ...{ cwd: place(), encoding: "utf8" },
    });
    expect(stdout).toBe(`${version}\n`);
  });

  test("up --demo shows the first values of its board, and devices the board", async ({ skip }) => {
    skip(noRegistry !== "" || !isPtyAvailable(), noRegistry || "needs script");
    const port = ["--set", `http.port=${await freePort()}`];
    const gateway = start("up", "--demo", ...freePorts, ...port);
    await ended(gateway, async () => {
      await gateway.until(/ sim-1 {2}l:telemetry {2}temp /);
      const { stdout, stderr } = bowline("devices", ...port);
      expect(stdout, stderr).toMatch(new RegExp(`^sim-1 +connected .* bowline ${version} `, "m"));
    });
  });

  test("flash puts the firmware onto a simulated board", async ({ skip }) => {
    skip(noRegistry !== "" || !isPtyAvailable(), noRegistry || "needs script");
    const port = join(elsewhere(), "board");
    const board = start("sim", "--blank", "--serial", port);
    await ended(board, async () => {
      await board.until(/board/);
      const flash = start(
        "flash",
        "--port",
        port,
        "--baud",
        "115200",
        "--id",
        "kitchen",
        "--field",
        "grace=0",
      );
      expect(await flash.ended, flash.stdout + flash.stderr).toBe(0);
      expect(flash.stdout).toMatch(new RegExp(`first hello .* bowline ${version}, board kitchen`));
    });
  });

  test("programs import the client and the component, with their types", ({ skip }) => {
    skip(noRegistry !== "", noRegistry);
    const program = `import { Gateway, type Message } from "bowline/client";
import { component, type Received } from "bowline/component";
const words: string[] = [typeof Gateway, typeof component];
export const nameOf = (one: Received | Message): string => ("spec" in one ? one.spec : one.device);
console.log(words.join());
`;
    chmodSync(place(), 0o755);
    try {
      writeFileSync(join(place(), "program.ts"), program);
      writeFileSync(
        join(place(), "program.mjs"),
        program.replace(/^export .*\n|: string\[\]|, type \w+/gm, ""),
      );
      const tsc = (module: string, resolution: string) =>
        spawnSync(
          process.execPath,
          [
            ...[join(root, "node_modules/typescript/bin/tsc"), "--noEmit", "--strict", "--target", "es2022"],
            ...[
              "--lib",
              "es2022,dom",
              "--types",
              "",
              "--module",
              module,
              "--moduleResolution",
              resolution,
              "program.ts",
            ],
          ],
          { cwd: place(), encoding: "utf8" },
        );
      expect(tsc("nodenext", "nodenext").stdout).toBe("");
      expect(tsc("esnext", "bundler").stdout).toBe("");
      writeFileSync(join(place(), "program.ts"), `${program}new Gateway(7);\nnameOf("text");\n`);
      expect(tsc("nodenext", "nodenext").stdout.match(/error TS\d+/g)).toHaveLength(2);
      const { stdout } = spawnSync(process.execPath, ["program.mjs"], { cwd: place(), encoding: "utf8" });
      expect(stdout).toBe("function,function\n");
    } finally {
      for (const name of ["program.ts", "program.mjs"]) rmSync(join(place(), name), { force: true });
      chmodSync(place(), 0o555);
    }
  });

  test("nothing was written where it is installed", ({ skip }) => {
    skip(noRegistry !== "", noRegistry);
    expect(stateOf(place())).toEqual(before);
  });
});
