// Builds dist: the gateway, the benchmarks and the status page with esbuild, the firmware with device/build.mjs.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { isMain } from "./is-main.mjs";
import { writeLicences } from "./licences.mjs";
import { sourceHash } from "./source-hash.mjs";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));

// Bundled CommonJS packages call require(), which an ES module does not have.
const nodeBanner = `import { createRequire as bowlineCreateRequire } from "node:module";
const require = bowlineCreateRequire(import.meta.url);`;

const forNode = { platform: "node", format: "esm", target: "node20" };

// Native packages carry binaries beside their code and stay outside; these alone a user installs.
const native = ["serialport", "classic-level", "zeromq"];

const forBrowser = { platform: "browser", format: "esm", target: "es2022", minify: true };

/** What dist is made of, one row a product. */
const products = [
  {
    from: "host/cli/main.ts",
    to: "dist/bowline.mjs",
    options: { ...forNode, external: native, banner: { js: `#!/usr/bin/env node\n${nodeBanner}` } },
  },
  {
    from: "bench/main.ts",
    to: "dist/bench.mjs",
    options: { ...forNode, packages: "external" },
  },
  {
    from: "proof/main.ts",
    to: "dist/prove.mjs",
    options: { ...forNode, packages: "external" },
  },
  ...["worker"].map((name) => ({
    from: `proof/components/${name}.ts`,
    to: `dist/proof/${name}.mjs`,
    options: { ...forNode, external: ["bowline/component"] },
  })),
  ...["plain-worker", "crowd-member"].map((name) => ({
    from: `proof/components/${name}.ts`,
    to: `dist/proof/${name}.mjs`,
    options: { ...forNode, packages: "external" },
  })),
  {
    from: "proof/soak/main.ts",
    to: "dist/soak.mjs",
    options: { ...forNode, packages: "external" },
  },
  {
    from: "host/http/page/main.tsx",
    to: "dist/page/page.js",
    options: { ...forBrowser, jsx: "automatic", jsxImportSource: "preact" },
  },
  // A file of its own, for most views of the page draw no chart (host/http/page/views/plot-maker.ts).
  { from: "node_modules/uplot/dist/uPlot.esm.js", to: "dist/page/uplot.js", options: forBrowser },
  { from: "host/http/page/index.html", to: "dist/page/index.html", make: copy },
  { from: "host/http/page/page.css", to: "dist/page/page.css", options: { minify: true } },
  { from: "host/cli/sniff/bowline.lua", to: "dist/bowline.lua", make: copy },
  { from: "dist/bowline.mjs", to: "dist/man/bowline.1", make: say("manual") },
  { from: "dist/bowline.mjs", to: "dist/completions/bowline.bash", make: say("completion", "bash") },
  { from: "dist/bowline.mjs", to: "dist/completions/_bowline", make: say("completion", "zsh") },
  { from: "dist/bowline.mjs", to: "dist/completions/bowline.fish", make: say("completion", "fish") },
  {
    from: "client/client.ts",
    to: "dist/client.mjs",
    options: { platform: "neutral", format: "esm", target: "es2022" },
  },
  { from: "client/client.ts", to: "dist/client.d.ts", make: declare },
  {
    from: "component/component.ts",
    to: "dist/component.mjs",
    options: { ...forNode, external: native, banner: { js: nodeBanner } },
  },
  ...["speaker", "listener", "calculator", "bank", "clock-ask", "clock-reply", "radio"].map((name) => ({
    from: `component/examples/${name}.ts`,
    to: `dist/examples/${name}.mjs`,
    options: { ...forNode, external: ["bowline/component"] },
  })),
  { from: "component/examples/config.json", to: "dist/examples/config.json", make: copy },
  { from: "component/python/echo.py", to: "dist/python/echo.py", make: copy },
  { from: "component/api.d.ts", to: "dist/component.d.ts", make: copy },
  { from: "component/python/bowlinecomp.py", to: "dist/python/bowlinecomp.py", make: copy },
  { from: "component/python/moniquewire.py", to: "dist/python/moniquewire.py", make: copy },
  { from: "component/python/moniqueconfig.py", to: "dist/python/moniqueconfig.py", make: copy },
  { from: "device/main.ts", to: "dist/device/firmware.js", make: makeDevice },
  { from: "device/testing/chaos.ts", to: "dist/device/chaos.js", make: makeDevice },
];

/** Builds everything anew; throws naming what is missing or does not compile. */
export async function build() {
  await rm(join(root, "dist"), { recursive: true, force: true });
  await mkdir(join(root, "dist"), { recursive: true });
  // Hashed before the sources are read: a change while building then makes dist old, not wrongly fresh.
  const hash = sourceHash(root);
  const bundled = new Set();
  for (const product of products) {
    refuseMissing(product);
    await mkdir(dirname(join(root, product.to)), { recursive: true });
    for (const input of await (product.make ?? bundle)(product)) bundled.add(input);
  }
  await writeLicences(root, bundled, join(root, "dist/LICENSES.txt"));
  await writeFile(join(root, "dist/.sources"), hash);
}

function refuseMissing({ from, to }) {
  if (!existsSync(join(root, from))) throw new Error(`cannot build ${to}: ${from} is missing`);
}

/** -> the paths of all files that went into the bundle, relative to the root. */
async function bundle({ from, to, options }) {
  const esbuild = await import("esbuild");
  const result = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [from],
    outfile: to,
    bundle: true,
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
    ...options,
  });
  if (options.banner?.js.startsWith("#!")) await chmod(join(root, to), 0o755);
  return Object.keys(result.metafile.inputs);
}

async function copy({ from, to }) {
  await copyFile(join(root, from), join(root, to));
  return [];
}

/** What a program that imports it sees of its types. */
async function declare({ from, to }) {
  const options = [
    "--declaration",
    "--emitDeclarationOnly",
    "--allowImportingTsExtensions",
    "--skipLibCheck",
  ];
  const kind = [
    "--target",
    "es2022",
    "--module",
    "esnext",
    "--moduleResolution",
    "bundler",
    "--types",
    "node",
  ];
  const out = await mkdtemp(join(tmpdir(), "bowline-types-"));
  try {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const files = [join(root, from), "--ignoreConfig", "--outDir", out];
    await run(process.execPath, [tsc, ...options, ...kind, ...files], { cwd: root });
    await copyFile(join(out, basename(from).replace(/\.ts$/, ".d.ts")), join(root, to));
  } finally {
    await rm(out, { recursive: true });
  }
  return [];
}

/** What the program that was just built says of itself, whoever builds it. */
function say(...args) {
  return async ({ from, to }) => {
    const { stdout } = await run(process.execPath, [join(root, from), ...args], { env: {} });
    await writeFile(join(root, to), stdout);
    return [];
  };
}

async function makeDevice({ from, to }) {
  const { buildDevice } = await import(new URL("../device/build.mjs", import.meta.url).href);
  await buildDevice({ entry: from, outfile: to });
  return [];
}

/** esbuild prints each of its errors in full before it throws their sum. */
export function firstLine(error) {
  return error.message.split("\n")[0].replace(/:$/, "");
}

if (isMain(import.meta.url)) {
  try {
    await build();
  } catch (error) {
    console.error(`build: ${firstLine(error)}`);
    process.exitCode = 1;
  }
}
