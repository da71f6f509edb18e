/** README's commands, typed as they stand there, and what they print compared with what README shows. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PATIENCE_MS } from "../host/platform/testing/patience.ts";
import { freePort } from "../host/testing/free-port.ts";
import { isPtyAvailable } from "../host/transports/pty.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = await readFile(join(root, "README.md"), "utf8");

interface Command {
  line: string;
  /** What README shows below it. */
  shown: string[];
}

/** Every `$ command` of the console blocks, in order. */
const commands: Command[] = [...readme.matchAll(/```console\n([^`]*)```/g)].flatMap(([, block]) =>
  block
    .split(/^ *\$ /m)
    .slice(1)
    .map((text) => {
      const [line, ...shown] = text
        .trimEnd()
        .replace(/ \\\n */g, " ")
        .split("\n");
      return { line: line.trim(), shown: shown.filter((row) => row.trim() !== "") };
    }),
);

/** A shown line as a pattern: numbers are any number, … is anything, names of one machine are any name. */
function patternOf(shown: string): RegExp {
  const escaped = shown.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const loose = escaped
    .replace(/pi-kitchen/g, "\\S+")
    .replace(/\/home\/pi\/bowline\/data/g, "\\S+")
    .replace(/…/g, ".*")
    .replace(/\blink [0-9a-f]{2}\b/g, "link \\S+")
    .replace(/\d+/g, "\\d+")
    .replace(/ +/g, " +");
  return new RegExp(`^ *${loose} *$`);
}

/** The first shown line that no printed line, after the ones matched before, fits. */
function firstMissing(shown: string[], printed: string): string | undefined {
  const lines = printed.split("\n");
  let at = 0;
  for (const row of shown) {
    const found = lines.findIndex((line, i) => i >= at && patternOf(row).test(line));
    if (found < 0) return row;
    at = found + 1;
  }
  return undefined;
}

let folder = "";
let env: NodeJS.ProcessEnv = {};
const running: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bowline-readme-"));
  // Elsewhere than where somebody's own gateway may be running.
  const ports = { BOWLINE_HTTP_PORT: String(await freePort()), BOWLINE_TCP_PORT: String(await freePort()) };
  env = { ...process.env, ...ports, BOWLINE_DATA: folder };
});

afterAll(async () => {
  for (const child of running) await end(child);
  await rm(folder, { recursive: true, force: true });
});

/** Runs a line in a shell of its own; `until` ends the wait early. */
function type(
  line: string,
  until?: (printed: string) => boolean,
): Promise<{ printed: string; status: number | null }> {
  return new Promise((resolve, reject) => {
    const child = spawn("sh", ["-c", `exec ${line}`], { cwd: root, env, detached: true });
    running.push(child);
    let printed = "";
    let errors = "";
    const timer = setTimeout(
      () => reject(new Error(`${line}: no end in ${PATIENCE_MS / 1000} s\n${printed}\n${errors}`)),
      PATIENCE_MS,
    );
    const finish = () => {
      clearTimeout(timer);
      resolve({ printed: printed + errors, status: child.exitCode });
    };
    child.stdout.setEncoding("utf8").on("data", (text) => {
      printed += text;
      if (until?.(printed + errors)) finish();
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      errors += text;
      if (until?.(printed + errors)) finish();
    });
    child.on("close", finish);
  });
}

/** Ends the command and what it started: it leads a process group of its own. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise((resolve) => child.once("close", resolve));
  process.kill(-child.pid, "SIGTERM");
  await gone;
}

const find = (start: string) => {
  const found = commands.find(({ line }) => line.startsWith(start));
  if (found === undefined) throw new Error(`README has no command ${start}`);
  return found;
};

/** A command that ends by itself: status 0 and the lines that README shows. */
async function expectShown({ line, shown }: Command): Promise<void> {
  const { printed, status } = await type(line);
  expect(status, printed).toBe(0);
  expect(firstMissing(shown, printed), printed).toBeUndefined();
}

function isCurlThere(): boolean {
  return spawnSync("curl", ["--version"]).status === 0;
}

describe.skipIf(!isPtyAvailable())("README (needs script: sudo apt-get install bsdutils)", () => {
  test("npm start prints what README shows, values included", async () => {
    const { line, shown } = find("npm start");
    const { printed } = await type(line, (text) => firstMissing(shown, text) === undefined);
    expect(firstMissing(shown, printed), printed).toBeUndefined();
  });

  const short = commands.filter(({ line }) =>
    /^(npx bowline (devices|send|decode|ports|chaos|verify)|node dist\/prove)/.test(line),
  );
  test.each(short)("$line", async (command) => {
    await expectShown(command);
  });

  // Here the gateway's folder and port are others.
  const curl = find("node -p");
  test.skipIf(!isCurlThere())("curl asks over HTTP (needs curl: sudo apt-get install curl)", async () => {
    const at = `127.0.0.1:${env.BOWLINE_HTTP_PORT}`;
    const line = curl.line.replace("./data/", `${folder}/`).replace("127.0.0.1:9080", at);
    await expectShown({ ...curl, line });
  });

  test("sniff prints what README shows, as long as it is left running", async () => {
    const { line, shown } = find("npx bowline sniff");
    const { printed } = await type(line, (text) => firstMissing(shown, text) === undefined);
    expect(firstMissing(shown, printed), printed).toBeUndefined();
  });

  test("an author's program is built and joins the gateway", async () => {
    await expectShown(find("node device/build.mjs"));
    const { line } = find("npx bowline sim");
    void type(line.replace("127.0.0.1:7700", `127.0.0.1:${env.BOWLINE_TCP_PORT}`)).catch(() => {});
    for (;;) {
      const { printed } = await type("npx bowline devices");
      if (printed.includes("thermo  connected")) break;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  });

  // Behind the test above: from the first key on, boards on the network need one.
  test("pair gives the simulated board a key, and key list shows that it has one", async () => {
    const { line, shown } = find("npx bowline pair");
    // Each for itself: stdout and stderr come apart here.
    const missing = (printed: string) => shown.filter((row) => firstMissing([row], printed) !== undefined);
    const { printed } = await type(line, (text) => missing(text).length === 0);
    expect(missing(printed)).toEqual([]);
    await end(running.find(({ spawnargs }) => spawnargs.includes(`exec ${line}`))!);
    await expectShown(find("npx bowline key list"));
  });

  test("npm start -- --config runs a real set-up, and waits for a port that is not there", async () => {
    const yaml = /```yaml\n([^`]*)```/.exec(readme)?.[1] ?? "";
    const file = join(folder, "bowline.yaml");
    const free = `http: { port: 0 }\ntcp: { port: 0 }\ndata: ${folder}/real\n`;
    await writeFile(file, yaml.replace(/^ {3}/gm, "") + free);
    const { BOWLINE_HTTP_PORT, BOWLINE_TCP_PORT, BOWLINE_DATA, ...rest } = env;
    env = rest;
    const { line } = find("npm start -- --config");
    const { printed } = await type(line.replace("bowline.yaml", file), (text) => text.includes("waiting"));
    expect(printed).toContain("usb-Espruino_Pico_30003B-if00");
    expect(printed).not.toContain("simulated");
  });

  test("every command of README is run here", () => {
    const covered = [
      /^npm start/,
      /^npx bowline (devices|send|decode|ports|sim|sniff|pair|key|chaos|verify)/,
      /^node (device\/build|-p .* curl )/,
      /^node dist\/prove/,
    ];
    expect(commands.length).toBeGreaterThan(8);
    expect(commands.filter(({ line }) => !covered.some((pattern) => pattern.test(line)))).toEqual([]);
  });
});
