// Builds the Debian packages: `node packaging/deb.mjs [--out FOLDER] [ARCH…]`, of amd64, arm64 and armhf.
// The same sources, and SOURCE_DATE_EPOCH where it is set, give the same bytes.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { isMain } from "../scripts/is-main.mjs";
import { makeTree } from "./deb-tree.mjs";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));

/** Debian's name of each processor -> that of its prebuilt binaries. */
const prebuilds = { amd64: "linux-x64", arm64: "linux-arm64", armhf: "linux-arm" };

const SCRIPTS = ["postinst", "prerm", "postrm"];
const CONFIG = "etc/bowline/bowline.yaml";

/** Builds one package into `out`, from dist as it is. Returns its path. */
export async function buildDeb(arch, out) {
  if (prebuilds[arch] === undefined)
    throw new Error(`${arch}: no such processor; allowed: ${Object.keys(prebuilds).join(", ")}`);
  const tree = await mkdtemp(join(tmpdir(), "bowline-deb-"));
  try {
    await makeTree(root, tree, prebuilds[arch]);
    const version = await makeControl(tree, arch);
    await mkdir(out, { recursive: true });
    const deb = join(out, `bowline_${version}_${arch}.deb`);
    const env = { ...process.env, SOURCE_DATE_EPOCH: await sourceDate() };
    // One thread: how xz cuts its blocks would else depend on the machine.
    const options = ["--root-owner-group", "-Zxz", "--threads-max=1", "--build"];
    await run("dpkg-deb", [...options, tree, deb], { env });
    return deb;
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

/** What dpkg reads: DEBIAN/control, the lists, and the scripts. Returns the version. */
async function makeControl(tree, arch) {
  const files = await filesOf(tree);
  const { version, description } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const folder = join(tree, "DEBIAN");
  await mkdir(folder);
  await chmod(folder, 0o755);
  const put = async (name, text, mode = 0o644) => {
    await writeFile(join(folder, name), text);
    await chmod(join(folder, name), mode);
  };
  await put("control", controlFile({ version, description, arch, kib: await sizeOf(tree, files) }));
  await put("conffiles", `/${CONFIG}\n`);
  await put("md5sums", await sums(tree, files));
  for (const name of SCRIPTS)
    await put(name, await readFile(join(root, "packaging/debian", name), "utf8"), 0o755);
  return version;
}

function controlFile({ version, description, arch, kib }) {
  const { DEBFULLNAME = "The Bowline authors", DEBEMAIL = "root@localhost" } = process.env;
  return `Package: bowline
Version: ${version}
Architecture: ${arch}
Maintainer: ${DEBFULLNAME} <${DEBEMAIL}>
Installed-Size: ${kib}
Depends: nodejs (>= 20.19), adduser, systemd, init-system-helpers (>= 1.54), libc6, libstdc++6
Recommends: udev
Section: net
Priority: optional
Description: gateway for Espruino microcontrollers
 ${description}
 .
 Boards on cables and on the network, a page, an HTTP API, and what other
 systems are told. It runs as a service of systemd, as user bowline; its
 configuration is /etc/bowline/bowline.yaml.
`;
}

/** Regular files, relative and sorted. */
async function filesOf(tree) {
  const entries = await readdir(tree, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(tree, join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}

async function sizeOf(tree, files) {
  let kib = 0;
  for (const file of files) kib += Math.ceil((await lstat(join(tree, file))).size / 1024);
  return kib;
}

async function sums(tree, files) {
  const lines = files
    .filter((file) => file !== CONFIG)
    .map(async (file) => {
      const hash = createHash("md5").update(await readFile(join(tree, file)));
      return `${hash.digest("hex")}  ${file}\n`;
    });
  return (await Promise.all(lines)).join("");
}

/** When the sources were committed, s since 1970; in what is no clone, when package.json was written. */
async function sourceDate() {
  const { SOURCE_DATE_EPOCH } = process.env;
  if (SOURCE_DATE_EPOCH) return SOURCE_DATE_EPOCH;
  try {
    return (await run("git", ["-C", root, "log", "-1", "--format=%ct"])).stdout.trim();
  } catch {
    return String(Math.floor((await lstat(join(root, "package.json"))).mtimeMs / 1000));
  }
}

if (isMain(import.meta.url)) {
  const { values, positionals } = parseArgs({
    options: { out: { type: "string", default: "." } },
    allowPositionals: true,
  });
  try {
    for (const arch of positionals.length > 0 ? positionals : Object.keys(prebuilds))
      console.log(await buildDeb(arch, resolve(values.out)));
  } catch (error) {
    console.error(
      `deb: ${error.code === "ENOENT" ? `${error.message}; npm run build, and apt-get install dpkg` : error.message}`,
    );
    process.exitCode = 1;
  }
}
