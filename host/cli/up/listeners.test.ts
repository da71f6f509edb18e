/** What a gateway of the defaults listens on, as the machine tells it. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ProgramRun, tcpPortOf } from "../testing/built-program.ts";

const hasSs = spawnSync("ss", ["-V"]).status === 0;
const ssNeeded = "needs ss (apt-get install iproute2)";
/** The numbers alone are other than the defaults: another gateway may run here. */
const anyPorts = [
  "tcp.port",
  "http.port",
  ...["com", "tech"].flatMap((layer) => [`monique.hub.${layer}.in`, `monique.hub.${layer}.out`]),
]
  .map((port) => `${port}=0`)
  .flatMap((one) => ["--set", one]);

/** Built before the tests, as `npm start` has it. */
const program = fileURLToPath(new URL("../../../dist/bowline.mjs", import.meta.url));

let cwd: string;
let run: ProgramRun;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "bowline-listeners-"));
});
afterEach(async () => {
  run?.kill("SIGKILL");
  await run?.ended;
  rmSync(cwd, { recursive: true, force: true });
});

/** The process, and those that it has started. */
function familyOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
  return [pid, ...children.map(Number).flatMap(familyOf)];
}

test("npm start listens on loopback alone: for boards, for the page, and on the four ports of components", async ({
  skip,
}) => {
  skip(!hasSs, ssNeeded);
  // As package.json has it behind `start`.
  const env = { PATH: process.env.PATH, HOME: cwd, TMPDIR: cwd };
  run = new ProgramRun(spawn(process.execPath, [program, "up", "--demo", ...anyPorts], { cwd, env }));
  await tcpPortOf(run);
  await run.until(/sim-1 +connected via/);
  const family = familyOf(run.pid).map((pid) => `pid=${pid},`);
  const lines = execFileSync("ss", ["-Hlntup"], { encoding: "utf8" }).split("\n");
  const ours = lines.filter((line) => family.some((pid) => line.includes(pid)));
  const places = ours.map((line) => line.trim().split(/\s+/)[4]);
  expect(places.filter((place) => !/^(127\.0\.0\.1|\[::1\]):\d+$/.test(place))).toEqual([]);
  expect(places.length, ours.join("\n")).toBe(6);
});
