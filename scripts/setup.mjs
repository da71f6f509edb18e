// Makes a clone ready to run, and says nothing when it already is: the right Node, the packages of the lock file,
// a dist made from the sources that are there. Imports only node: modules, because at first nothing else exists.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sourceHash } from "./source-hash.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const oldestNode = [20, 19]; // engines in package.json; older ones lack what the packages use

checkNode();
if (!packagesAreInstalled()) installPackages();
if (!distIsFresh()) await buildDist();

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  stop(`this is Node ${process.versions.node}; Bowline needs Node ${oldestNode.join(".")} or newer`);
}

/** npm leaves a copy of what it installed; optional packages may be absent there, since they are per platform. */
function packagesAreInstalled() {
  const installedFile = join(root, "node_modules/.package-lock.json");
  if (!existsSync(installedFile)) return false;
  const wanted = readPackages(join(root, "package-lock.json"));
  const installed = readPackages(installedFile);
  const missing = Object.keys(wanted).some(
    (path) => path !== "" && !isSatisfied(wanted[path], installed[path]),
  );
  const extra = Object.keys(installed).some((path) => wanted[path] === undefined);
  return !missing && !extra;
}

function isSatisfied(wanted, installed) {
  if (installed === undefined) return wanted.optional === true;
  return wanted.version === installed.version && wanted.integrity === installed.integrity;
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, "utf8")).packages;
}

function installPackages() {
  console.log("setup: installing packages (npm ci)");
  // npm names its own program when it runs a script, so the npm that was called is the npm that installs.
  // Without --include=dev an environment set to production leaves out the bundler, and dist could not be built.
  const npm = process.env.npm_execpath;
  const result = npm?.endsWith("npm-cli.js")
    ? spawnSync(process.execPath, [npm, "ci", "--include=dev"], { cwd: root, encoding: "utf8" })
    : spawnSync("npm ci --include=dev", { cwd: root, encoding: "utf8", shell: true });
  if (result.status === 0) return;
  stop(`npm ci failed: ${firstError(result)}; run "npm ci" to see all of it`);
}

/** npm begins with a bare code ("code EUSAGE"); the sentence that says what is wrong comes after it. */
function firstError({ status, stderr, error }) {
  if (error) return error.message;
  if (status === 127) return "npm was not found";
  const prefix = /^npm (error|ERR!) */;
  const lines = stderr.split("\n").filter((line) => prefix.test(line));
  const sentences = lines
    .map((line) => line.replace(prefix, ""))
    .filter((line) => !/^(code|syscall|path|errno|$)/.test(line));
  return sentences[0]?.replace(/\.$/, "") ?? `exit ${status}`;
}

function distIsFresh() {
  const stamp = join(root, "dist/.sources");
  return existsSync(stamp) && readFileSync(stamp, "utf8") === sourceHash(root);
}

async function buildDist() {
  console.log("setup: building dist");
  const { build, firstLine } = await import("./build.mjs");
  try {
    await build();
  } catch (error) {
    stop(`the build failed: ${firstLine(error)}`);
  }
}

function stop(reason) {
  console.error(`setup: ${reason}`);
  process.exit(1);
}
