/** What `bowline up` says when it does not start, and that it leaves nothing behind then. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { BuiltProgram, freePorts, pageOf } from "../testing/built-program.ts";

let program: BuiltProgram;
let cwd: string;

beforeAll(async () => {
  program = await BuiltProgram.make();
});
afterAll(() => program.remove());

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "bowline-up-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const up = (...args: string[]) => program.start(["up", ...freePorts, ...args], { cwd });

test("a busy port names itself, its holder and the setting, and ends with 5", async () => {
  const holder = createServer();
  const port = await new Promise<number>((resolve) => {
    holder.listen(0, "127.0.0.1", () => resolve((holder.address() as { port: number }).port));
  });
  for (const setting of ["http.port", "tcp.port"] as const) {
    const run = up("--set", `${setting}=${port}`);
    expect(await run.ended).toBe(5);
    expect(run.stderr).toMatch(
      new RegExp(`listen on 127\\.0\\.0\\.1:${port} \\(${setting}\\): .*pid ${process.pid}`),
    );
    const mend = {
      "http.port":
        "in every terminal: export BOWLINE_HTTP_PORT=\\d+; here then: npx bowline up --set gateway\\.id=pi-kitchen .*",
      "tcp.port": "npx bowline up --set gateway\\.id=pi-kitchen .*--set tcp\\.port=\\d+",
    }[setting];
    expect(run.stderr).toMatch(new RegExp(`mend: ${mend}\n$`));
  }
  holder.close();
});

test("a busy port of the hub is told likewise, and its mend is none of the hub's own ports", async () => {
  const holder = createServer();
  const port = await new Promise<number>((resolve) => {
    holder.listen(0, "127.0.0.1", () => resolve((holder.address() as { port: number }).port));
  });
  const hub = ["monique.enabled=true", `monique.hub.com.in=${port}`, `monique.hub.com.out=${port + 1}`];
  const run = up(...hub.flatMap((one) => ["--set", one]));
  expect(await run.ended).toBe(5);
  expect(run.stderr).toMatch(
    new RegExp(`listen on 127\\.0\\.0\\.1:${port} \\(monique\\.hub\\.com\\.in\\): .*pid ${process.pid}`),
  );
  expect(run.stderr).toContain(` --set monique.hub.com.in=${port + 2}\n`);
  holder.close();
});

test("a second one on the same folder is told of the first, not of the ports they share", async () => {
  const first = up();
  const http = new URL(await pageOf(first)).port;
  const same = ["--quiet", "--set", `http.port=${http}`, "--set", "log.level=warn"];
  const second = program.start(["up", ...same], { cwd });
  expect(await second.ended).toBe(5);
  expect(second.stderr).toContain(
    `bowline: starting on the data folder ${cwd}/data: another gateway runs on it, pid ${first.pid} (node bowline.mjs); allowed: one at a time [STORE_LOCKED]\n` +
      `  mend: stop that one: kill ${first.pid}; or another folder, and ports of its own: in every terminal: export BOWLINE_HTTP_PORT=${Number(http) + 1}; here then: npx bowline up --quiet --set log.level=warn --set tcp.port=7701 --set monique.hub.com.in=9002 --set monique.hub.com.out=9003 --set monique.hub.tech.in=9026 --set monique.hub.tech.out=9027 --set data=${cwd}/data-2\n`,
  );
  expect(existsSync(join(cwd, "data-2"))).toBe(false);
  const third = up("--set", `http.port=${http}`, "--set", "data=./other");
  expect(await third.ended).toBe(5);
  expect(third.stderr).toMatch(
    /\[PORT_BUSY\]\n {2}mend: in every terminal: export BOWLINE_HTTP_PORT=\d+; here then: npx bowline up .*--set data=\.\/other\n$/,
  );
});

test.each([
  [["--config", "missing.yaml"], 3, "CONFIG_NOT_FOUND"],
  [["--set", "http.prot=1"], 2, "CONFIG_UNKNOWN_KEY"],
  [["--set", "tcp.host=0.0.0.0"], 2, "TCP_INSECURE"],
  [["--set", "monique.enabled=true", "--set", "monique.hub.host=0.0.0.0"], 2, "MONIQUE_INSECURE"],
  [["--set", "monique.enabled=true", "--set", "monique.configFile=none.json"], 3, "CONFIG_UNREADABLE"],
])("%j does not start, with exit code %i", async (args, code, name) => {
  const run = up(...args);
  expect(await run.ended).toBe(code);
  expect(run.stderr).toContain(`[${name}]`);
  expect(run.stderr).not.toMatch(/^\s+at /m);
  expect(readdirSync(cwd)).toEqual([]);
});
