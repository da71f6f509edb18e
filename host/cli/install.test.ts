import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { loadConfig } from "../config/load.ts";
import { folderForEach } from "../testing/folders.ts";
import { FakeTerminal } from "./testing/fake-terminal.ts";
import { runVerb } from "./testing/run-verb.ts";

const root = folderForEach("install");
const at = (path: string) => join(root(), path);
const config = "etc/bowline/bowline.yaml";
const unit = "etc/systemd/system/bowline.service";
const wanted = "etc/systemd/system/multi-user.target.wants/bowline.service";
const install = (...args: string[]) =>
  runVerb(
    ["install", ...args],
    Object.assign(new FakeTerminal(), { program: "/usr/lib/bowline/bin/bowline.mjs" }),
  );

/** Whatever the umask of whoever installs: what the service cannot read would be no configuration. */
let umask: number;
beforeEach(() => {
  umask = process.umask(0o077);
});
afterEach(() => {
  process.umask(umask);
  vi.restoreAllMocks();
});

test("--dry-run prints every command and file, and changes nothing", async () => {
  const { code, out } = await install("--dry-run");
  expect(code).toBe(0);
  const text = out.join("\n");
  expect(text).toMatch(/^would make user bowline\n {2}useradd --system .* bowline$/m);
  expect(text).toContain("  data: /var/lib/bowline");
  expect(text).toContain(
    `ExecStart=${process.execPath} /usr/lib/bowline/bin/bowline.mjs up --quiet --config /etc`,
  );
  for (const line of ["daemon-reload", "enable bowline", "restart bowline"])
    expect(text).toContain(`\n  systemctl ${line}`);
  expect((await install("--dry-run", "--root", root())).code).toBe(0);
  expect(readdirSync(root())).toEqual([]);
});

test("--root makes it in a tree, once", async () => {
  const { code, out } = await install("--root", root(), "--program", "/usr/bin/bowline");
  expect([code, out]).toEqual([
    0,
    [
      "made       configuration /etc/bowline/bowline.yaml",
      "made       unit /etc/systemd/system/bowline.service",
      "made       start with the machine",
    ],
  ]);
  expect(readFileSync(at(unit), "utf8")).toContain("\nExecStart=/usr/bin/bowline up --quiet --config ");
  expect(readlinkSync(at(wanted))).toBe("/etc/systemd/system/bowline.service");
  expect(statSync(at("etc/bowline")).mode & 0o777).toBe(0o755);
  expect(statSync(at("etc")).mode & 0o777).toBe(0o755);
  expect(statSync(at(config)).mode & 0o777).toBe(0o640);
  expect(statSync(at(unit)).mode & 0o777).toBe(0o644);
  const again = await install("--root", root(), "--program", "/usr/bin/bowline");
  expect(again.out.every((line) => line.startsWith("is there "))).toBe(true);
});

test("what it writes first is a configuration", async () => {
  await install("--root", root());
  const loaded = loadConfig({ config: at(config), set: [], env: {}, cwd: root() });
  expect(loaded.config.data).toBe("/var/lib/bowline");
  // So is what stands there to be uncommented.
  const lines = readFileSync(at(config), "utf8").split("\n");
  const all = lines.map((line) => line.replace(/^# (?=serial:|tcp:| )/, "")).join("\n");
  writeFileSync(at(config), all);
  const { serial, tcp } = loadConfig({ config: at(config), set: [], env: {}, cwd: root() }).config;
  expect([serial[0].path, tcp.host]).toEqual(["/dev/serial/by-id/usb-Espruino_Pico_0001-if00", "0.0.0.0"]);
});

test("--uninstall takes it back, and leaves what was changed", async () => {
  await install("--root", root());
  expect((await install("--root", root(), "--uninstall", "--dry-run")).out).toEqual([
    "would take back start with the machine",
    "would take back unit /etc/systemd/system/bowline.service",
    "would take back configuration /etc/bowline/bowline.yaml",
  ]);
  expect(existsSync(at(unit))).toBe(true);
  writeFileSync(at(config), "data: memory\n");
  const { code, out } = await install("--root", root(), "--uninstall");
  expect([code, out]).toEqual([
    0,
    [
      "starts with the machine no more",
      "/etc/systemd/system/bowline.service removed",
      "/etc/bowline/bowline.yaml stays: it was changed",
    ],
  ]);
  expect(lstatSync(at(wanted), { throwIfNoEntry: false })).toBeUndefined();
});

test("beside the package's unit it makes no second one", async () => {
  mkdirSync(at("usr/lib/systemd/system"), { recursive: true });
  writeFileSync(at("usr/lib/systemd/system/bowline.service"), "");
  const { code, err } = await install("--root", root());
  expect([code, err.join("\n")]).toEqual([5, expect.stringContaining("[INSTALL_PACKAGED]")]);
  expect(existsSync(at(unit))).toBe(false);
});

test("--json is a step a line", async () => {
  const steps = async (...args: string[]) =>
    (await install("--root", root(), "--json", ...args)).out.map((line) => JSON.parse(line));
  const step = "unit /etc/systemd/system/bowline.service";
  const shown = expect.arrayContaining(["  [Service]"]);
  expect(await steps("--dry-run")).toContainEqual({ step, done: "nothing", shown });
  expect(await steps()).toContainEqual({ step, done: "made" });
  expect(await steps()).toContainEqual({ step, done: "there" });
  const told = "/etc/systemd/system/bowline.service removed";
  expect(await steps("--uninstall")).toContainEqual({ step, done: "undone", told });
});

test("the group of serial ports is the one that the machine has", async () => {
  mkdirSync(at("etc"));
  writeFileSync(at("etc/group"), "uucp:x:14:\n");
  await install("--root", root());
  expect(readFileSync(at(unit), "utf8")).toContain("\nSupplementaryGroups=uucp\n");
});

test("a program without its whole path is refused", async () => {
  const { code, err } = await install("--root", root(), "--program", "bowline");
  expect([code, err.join("\n")]).toEqual([2, expect.stringContaining("by their whole path")]);
});

test("where systemd does not run it says so; elsewhere, without root, how it is typed", async () => {
  const isSystemd = existsSync("/run/systemd/system");
  vi.spyOn(process, "getuid").mockReturnValue(1000);
  const { code, err } = await install();
  const text = err.join("\n");
  if (!isSystemd) return expect([code, text]).toEqual([3, expect.stringContaining("[INSTALL_NO_SYSTEMD]")]);
  expect(code).toBe(4);
  expect(text).toContain(`mend: sudo ${process.execPath} /usr/lib/bowline/bin/bowline.mjs install`);
});
