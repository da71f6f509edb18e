import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePorts, ProgramRun, pageOf, tcpPortOf } from "../host/cli/testing/built-program.ts";
import { until } from "../host/platform/testing/until.ts";
import { BoardClient } from "../host/testing/board-client.ts";
import { tcpTransport } from "../host/transports/tcp-transport.ts";
import { buildDeb } from "./deb.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
/** As the header of an ELF file calls each processor. */
const archs = { amd64: 62, arm64: 183, armhf: 40 };
type Arch = keyof typeof archs;

const isThere = spawnSync("dpkg-deb", ["--version"]).status === 0;
const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

describe.skipIf(!isThere)("the Debian package (needs dpkg-deb)", () => {
  let folder: string;
  const debs = {} as Record<Arch, string>;
  const tree = (arch: Arch, ...path: string[]) => join(folder, arch, ...path);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "bowline-debs-"));
    for (const arch of Object.keys(archs) as Arch[]) {
      debs[arch] = await buildDeb(arch, folder);
      run("dpkg-deb", "--raw-extract", debs[arch], tree(arch));
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const filesOf = (arch: Arch) =>
    (readdirSync(tree(arch), { recursive: true }) as string[]).filter((name) => !name.startsWith("DEBIAN"));

  test.each(Object.keys(archs) as Arch[])("%s says what it is, and needs what it needs", (arch) => {
    const fields = run("dpkg-deb", "--field", debs[arch]);
    expect(fields).toMatch(
      new RegExp(`^Package: bowline\\nVersion: \\d+\\.\\d+\\.\\d+\\nArchitecture: ${arch}\\n`),
    );
    expect(fields).toMatch(/^Depends: nodejs \(>= 20\.19\), adduser, systemd,/m);
    expect(fields).toMatch(/^Maintainer: .+ <\S+@\S+>$/m);
    expect(readFileSync(tree(arch, "DEBIAN/conffiles"), "utf8")).toBe("/etc/bowline/bowline.yaml\n");
  });

  test.each(Object.keys(archs) as Arch[])("%s has the binaries of its processor, and of no other", (arch) => {
    const binaries = filesOf(arch).filter((name) => name.endsWith(".node"));
    expect(binaries.map((name) => /(bindings-cpp|classic-level)/.exec(name)?.[1])).toEqual(
      expect.arrayContaining(["bindings-cpp", "classic-level"]),
    );
    for (const name of binaries) {
      // ELF: the machine is at byte 18.
      const machine = readFileSync(tree(arch, name)).readUInt16LE(18);
      expect([name, machine]).toEqual([name, archs[arch]]);
      expect(name).not.toContain("musl");
    }
  });

  test("its files are root's, nobody else may write them, and nothing lies where it should not", () => {
    const lines = run("dpkg-deb", "--contents", debs.amd64).trimEnd().split("\n");
    const seen = lines.map((line) => {
      const [mode, owner] = line.split(/\s+/);
      return { mode, owner, path: line.replace(/^.*?\d\d:\d\d /, "") };
    });
    expect(seen.filter(({ owner }) => owner !== "root/root")).toEqual([]);
    expect(seen.filter(({ mode }) => mode[0] !== "l" && /^.{5}w|^.{8}w|[st]/.test(mode))).toEqual([]);
    const allowed =
      /^\.\/(etc\/bowline\/|usr\/(bin|lib\/bowline|lib\/systemd\/system|share\/(man\/man1|doc\/bowline|bash-completion\/completions|zsh\/vendor-completions|fish\/vendor_completions\.d))(\/|$| ))/;
    const files = seen.filter(({ mode }) => mode[0] !== "d");
    expect(files.filter(({ path }) => !allowed.test(path))).toEqual([]);
    const commands = files.filter(({ mode }) => mode[0] === "-" && mode.includes("x"));
    expect(commands.map(({ path }) => path)).toEqual(["./usr/lib/bowline/bin/bowline.mjs"]);
    expect(files.find(({ path }) => path.startsWith("./usr/bin/bowline"))?.path).toBe(
      "./usr/bin/bowline -> ../lib/bowline/bin/bowline.mjs",
    );
  });

  test("everything in it has its sum, its terms and its papers", () => {
    const sums = spawnSync("md5sum", ["--check", "--quiet", "DEBIAN/md5sums"], {
      cwd: tree("amd64"),
      encoding: "utf8",
    });
    expect([sums.status, sums.stdout]).toEqual([0, ""]);
    const doc = (name: string) => readFileSync(tree("amd64", "usr/share/doc/bowline", name));
    for (const name of [
      "The Bowline authors",
      "serialport 13.0.0",
      "classic-level 3.0.0",
      "ieee754",
      "preact",
    ])
      expect(doc("copyright").toString()).toContain(name);
    expect(gunzipSync(doc("changelog.gz")).toString()).toMatch(/^# Changes/);
    expect(doc("docs/operating-nats.md").toString()).toMatch(/^# /);
    const manual = readFileSync(tree("amd64", "usr/share/man/man1/bowline.1.gz"));
    expect(gunzipSync(manual).toString()).toContain(".TH");
    // Nobody's own folder is in there.
    const paths = filesOf("amd64").map((name) => tree("amd64", name));
    const named = spawnSync(
      "grep",
      ["-lF", root.slice(0, -1), ...paths.filter((path) => /\.(mjs|js|json|service|yaml|1)$/.test(path))],
      { encoding: "utf8" },
    );
    expect(named.stdout).toBe("");
  });

  test("is the same, byte for byte, when it is built again", async () => {
    const again = await buildDeb("arm64", join(folder, "again"));
    expect(readFileSync(again).equals(readFileSync(debs.arm64))).toBe(true);
  });

  test("its unit starts the command of the package", () => {
    const unit = readFileSync(tree("amd64", "usr/lib/systemd/system/bowline.service"), "utf8");
    expect(unit).toContain("\nExecStart=/usr/bin/bowline up --quiet --config /etc/bowline/bowline.yaml\n");
    expect(readFileSync(tree("amd64", "usr/lib/bowline/bin/bowline.mjs"), "utf8")).toMatch(
      /^#!\/usr\/bin\/node\n/,
    );
    expect(existsSync(tree("amd64", "etc/systemd"))).toBe(false);
  });

  test("a gateway comes up from it, hears a board and stops, and reads no file of the clone", async () => {
    const place = join(folder, "elsewhere");
    mkdirSync(place);
    const config = tree("amd64", "etc/bowline/bowline.yaml");
    const args = [tree("amd64", "usr/bin/bowline"), "up", "--config", config];
    const settings = [...freePorts, "--set", `data=${join(place, "data")}`];
    const child = spawn(process.execPath, [...args, ...settings], {
      ...{ cwd: place, env: { HOME: place, PATH: process.env.PATH ?? "" } },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const gateway = new ProgramRun(child);
    try {
      const socket = connect(await tcpPortOf(gateway), "127.0.0.1");
      await once(socket, "connect");
      const board = new BoardClient({ id: "kitchen-1", hasLink: false });
      board.attach(tcpTransport(socket));
      board.send('{"ot":"l:temp","v":21.5}');
      await gateway.until(/ kitchen-1 {2}l:temp /);
      await until(() => expect(board.acknowledged).toBe(1));
      const page = new URL(await pageOf(gateway));
      expect(await (await fetch(page)).text()).toContain("page.js");
      const maps = readFileSync(`/proc/${gateway.pid}/maps`, "utf8");
      expect(maps).toContain(
        `${tree("amd64")}/usr/lib/bowline/node_modules/classic-level/prebuilds/linux-x64`,
      );
      expect(maps).not.toContain(root);
      board.detach();
      gateway.kill("SIGTERM");
      expect(await gateway.ended).toBe(0);
    } finally {
      gateway.kill("SIGKILL");
      await gateway.ended;
    }
  });

  test("and its verbs: version, doctor's native parts, the firmware", () => {
    const bowline = (...args: string[]) =>
      spawnSync(process.execPath, [tree("amd64", "usr/bin/bowline"), ...args], {
        ...{ cwd: folder, encoding: "utf8", env: { HOME: folder, PATH: process.env.PATH ?? "" } },
      });
    expect(bowline("--version").stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(bowline("doctor", "--json").stdout).toContain("serialport (native)");
  });

  describe("its scripts", () => {
    test.skipIf(spawnSync("shellcheck", ["--version"]).status !== 0)("are clean (needs shellcheck)", () => {
      const paths = ["postinst", "prerm", "postrm"].map((name) => join(root, "packaging/debian", name));
      expect(spawnSync("shellcheck", paths, { encoding: "utf8" }).stdout).toBe("");
    });

    /** Runs one with programs in place of the machine's, which write down how they were called. */
    function called(script: string, knows: boolean, ...args: string[]): string[] {
      const bin = mkdtempSync(join(folder, "bin-"));
      const put = (name: string, text: string) => {
        writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
        chmodSync(join(bin, name), 0o755);
      };
      for (const name of [
        "adduser",
        "deb-systemd-helper",
        "deb-systemd-invoke",
        "systemctl",
        "chgrp",
        "stat",
      ])
        put(name, `echo "${name} $*" >> ${bin}/called`);
      put("getent", knows ? "exit 0" : "exit 2");
      writeFileSync(join(bin, "called"), "");
      const path = join(root, "packaging/debian", script);
      const ended = spawnSync("sh", ["-e", path, ...args], {
        env: { PATH: `${bin}:/usr/bin:/bin` },
        encoding: "utf8",
      });
      expect([ended.status, ended.stderr.replace(/^bowline: messages .*\n/, "")]).toEqual([0, ""]);
      return readFileSync(join(bin, "called"), "utf8").trimEnd().split("\n");
    }

    test("postinst makes the user once, and enables the service unless it was switched off", () => {
      const first = called("postinst", false, "configure");
      expect(first[0]).toMatch(/^adduser --quiet --system --group --home \/var\/lib\/bowline .* bowline$/);
      expect(first).toContain("deb-systemd-helper --quiet was-enabled bowline.service");
      expect(first).toContain("deb-systemd-helper enable bowline.service");
      expect(called("postinst", true, "configure", "0.0.9").join("\n")).not.toContain("adduser");
      expect(called("postinst", false, "triggered")).toEqual([""]);
    });

    test("an upgrade does not stop the service before its files are there", () => {
      expect(called("prerm", true, "upgrade", "0.2.0")).toEqual([""]);
    });

    test("a purge touches no data", () => {
      expect(called("postrm", true, "purge")).toEqual([
        "deb-systemd-helper purge bowline.service",
        "deb-systemd-helper unmask bowline.service",
      ]);
      expect(readFileSync(join(root, "packaging/debian/postrm"), "utf8")).not.toMatch(/^\s*rm /m);
    });
  });
});
