// What lies where on a machine that has the Debian package.
import { execFile } from "node:child_process";
import { chmod, cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { copyNativeModules } from "./native-modules.mjs";

const run = promisify(execFile);

const HOME = "usr/lib/bowline";
const COMMAND = "/usr/bin/bowline";

/** Of dist, what serves its developers. */
const DEVELOPERS = /^(bench|soak|prove)\.mjs$|^(proof|\.sources|man|completions)$/;

/** Makes the files of the package in `tree`, from what was built in `root`; what dpkg itself reads is made elsewhere. */
export async function makeTree(root, tree, prebuilds) {
  const at = (...path) => join(tree, ...path);
  const from = (...path) => join(root, ...path);
  await mkdir(at(HOME, "bin"), { recursive: true });
  const folders = await copyNativeModules(root, at(HOME), prebuilds);
  await cp(from("dist"), at(HOME, "dist"), {
    recursive: true,
    filter: (path) => dirname(path) !== from("dist") || !DEVELOPERS.test(path.slice(from("dist").length + 1)),
  });
  await writeFile(at(HOME, "package.json"), await packageFile(root));
  // Debian's own Node, whichever else a PATH has.
  const launcher = (await readFile(from("bin/bowline.mjs"), "utf8")).replace(/^#!.*/, "#!/usr/bin/node");
  await put(at(HOME, "bin/bowline.mjs"), launcher);
  await mkdir(at("usr/bin"), { recursive: true });
  await symlink(`../lib/bowline/bin/bowline.mjs`, at(COMMAND));
  await makeService(root, tree);
  await makePapers(root, tree, folders);
  await setModes(tree, at(HOME, "bin/bowline.mjs"));
}

/** The unit and the configuration, as `bowline install` writes them. */
async function makeService(root, tree) {
  const program = join(root, "dist/bowline.mjs");
  await run(process.execPath, [program, "install", "--root", tree, "--program", COMMAND], { env: {} });
  const units = join(tree, "usr/lib/systemd/system");
  await mkdir(units, { recursive: true });
  await rename(join(tree, "etc/systemd/system/bowline.service"), join(units, "bowline.service"));
  // Whether it starts with the machine is said by its administrator, to systemctl.
  await rm(join(tree, "etc/systemd"), { recursive: true });
}

async function makePapers(root, tree, folders) {
  const dist = (name) => readFile(join(root, "dist", name));
  const share = (...path) => join(tree, "usr/share", ...path);
  await put(share("man/man1/bowline.1.gz"), packed(await dist("man/bowline.1")));
  await put(share("bash-completion/completions/bowline"), await dist("completions/bowline.bash"));
  await put(share("zsh/vendor-completions/_bowline"), await dist("completions/_bowline"));
  await put(share("fish/vendor_completions.d/bowline.fish"), await dist("completions/bowline.fish"));
  await put(share("doc/bowline/copyright"), await copyright(root, folders));
  await put(share("doc/bowline/changelog.gz"), packed(await readFile(join(root, "CHANGELOG.md"))));
  await put(share("doc/bowline/README.md.gz"), packed(await readFile(join(root, "README.md"))));
  const filter = (path) => path !== join(root, "docs/design"); // for whoever changes the code, who has it
  await cp(join(root, "docs"), share("doc/bowline/docs"), { recursive: true, filter });
}

async function packageFile(root) {
  const { name, version, description, license, type, exports } = JSON.parse(
    await readFile(join(root, "package.json"), "utf8"),
  );
  return `${JSON.stringify({ name, version, description, license, type, private: true, exports }, null, 2)}\n`;
}

/** Our terms, those of what was bundled, and those of what lies beside it. */
async function copyright(root, folders) {
  const line = `\n${"-".repeat(78)}\n\n`;
  const own = await readFile(join(root, "LICENSE"), "utf8");
  const bundled = await readFile(join(root, "dist/LICENSES.txt"), "utf8");
  const beside = await Promise.all(folders.map((folder) => licenceOf(join(root, folder))));
  return [`Bowline\n\n${own}`, bundled, ...beside].join(line);
}

async function licenceOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).sort().find((one) => /^(licen[cs]e|copying)/i.test(one));
  const text = file === undefined ? "" : await readFile(join(folder, file), "utf8");
  return `${name} ${version}, ${license}\n\n${text.trim()}\n`;
}

/** The same bytes each time: gzip's own time is left 0. */
const packed = (bytes) => gzipSync(bytes, { level: 9 });

async function put(path, content) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

/** Whatever the umask, and the modes of whoever has the clone. */
async function setModes(tree, command) {
  await chmod(tree, 0o755);
  for (const entry of await readdir(tree, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isSymbolicLink()) continue;
    await chmod(path, entry.isDirectory() || path === command ? 0o755 : 0o644);
  }
  await chmod(join(tree, "etc/bowline/bowline.yaml"), 0o640);
}
