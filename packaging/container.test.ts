/** What of the container can be seen without an engine to run it. */
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { deviceRules } from "../host/doctor/device-nodes.ts";
import { folderForEach } from "../host/testing/folders.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const text = readFileSync(join(root, "packaging/Containerfile"), "utf8");
const compose = parse(readFileSync(join(root, "packaging/compose.yaml"), "utf8"));
const { bowline } = compose.services;
const folder = folderForEach("container");

/** Instructions, a line each: [name, words]. */
const instructions = text
  .replace(/\\\n/g, " ")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => [line.split(" ")[0], line.split(/\s+/).slice(1)] as const);
/** What is copied from the clone: [sources, target]. */
const copies = instructions
  .filter(([name, words]) => name === "COPY" && !words[0].startsWith("--from"))
  .map(([, words]) => [words.slice(0, -1), words.at(-1) ?? ""] as const);

test("the Containerfile has instructions that there are, and copies only what is there", () => {
  const known = ["FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "ENTRYPOINT", "CMD"];
  expect(instructions.filter(([name]) => !known.includes(name))).toEqual([]);
  const sources = copies.flatMap(([from]) => from);
  expect(sources).toContain("host");
  expect(sources.filter((name) => !existsSync(join(root, name)))).toEqual([]);
});

const isThere = spawnSync("dpkg-deb", ["--version"]).status === 0;
test.skipIf(!isThere)(
  "it copies all that the build and the package (dpkg-deb) take: they are made from that alone",
  () => {
    for (const [from, to] of copies)
      for (const name of from) {
        const isFolder = statSync(join(root, name)).isDirectory();
        cpSync(join(root, name), join(folder(), isFolder ? to : name), { recursive: true });
      }
    // In place of npm ci.
    symlinkSync(join(root, "node_modules"), join(folder(), "node_modules"));
    const run = (...args: string[]) =>
      execFileSync(process.execPath, args, {
        cwd: folder(),
        encoding: "utf8",
        stdio: ["ignore", "pipe", "inherit"],
      });
    run("scripts/build.mjs");
    const deb = run("packaging/deb.mjs", "--out", join(folder(), "deb"), "amd64").trim();
    mkdirSync(join(folder(), "tree"));
    execFileSync("dpkg-deb", ["--extract", deb, join(folder(), "tree")]);
    const [, entry] = JSON.parse(text.match(/^ENTRYPOINT (.*)$/m)?.[1] ?? "[]") as string[];
    const [, config] = /^ENV BOWLINE_CONFIG=(.*)$/m.exec(text) ?? [];
    expect(run(join(folder(), "tree", entry), "--version")).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(existsSync(join(folder(), "tree", config ?? ""))).toBe(true);
  },
);

test("boards that are plugged in later come into the container, and no other device does", () => {
  expect(bowline.device_cgroup_rules).toEqual(["c 188:* rmw", "c 166:* rmw", "c 204:* rmw"]);
  // doctor and the guide say the same.
  expect(deviceRules).toEqual(bowline.device_cgroup_rules);
  const [, inGuide = "[]"] =
    /device_cgroup_rules: (\[.*?\])/.exec(readFileSync(join(root, "docs/wiring-and-flashing.md"), "utf8")) ??
    [];
  expect(JSON.parse(inGuide)).toEqual(bowline.device_cgroup_rules);
  expect(bowline.group_add).toEqual(["dialout"]);
  expect(bowline.volumes).toEqual(["/dev:/dev", "data:/var/lib/bowline"]);
  expect(compose.volumes).toHaveProperty("data");
  expect([bowline.privileged, bowline.devices]).toEqual([undefined, undefined]);
  expect(bowline.build.dockerfile).toBe("packaging/Containerfile");
  expect(existsSync(join(root, "packaging", bowline.build.context, bowline.build.dockerfile))).toBe(true);
});

test("its health is that of the gateway's /healthz", async () => {
  let status = 200;
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(status).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const [kind, ...command] = bowline.healthcheck.test as string[];
  const args = command.slice(1).map((word) => word.replace(":9080", `:${port}`));
  const check = () =>
    new Promise<unknown>((resolve) => execFile(process.execPath, args, (error) => resolve(error?.code ?? 0)));
  expect([kind, command[0], await check(), asked]).toEqual(["CMD", "node", 0, ["/healthz"]]);
  status = 503;
  expect(await check()).toBe(1);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await check()).toBe(1);
});
