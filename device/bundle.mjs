/**
 * The sources of one firmware bundle into a single script, by esbuild, in two stages.
 *
 * The first bundles device/bowline.ts, the library with everything of shared/, and shortens the names of its inner
 * properties: a name over four characters costs the board a variable wherever it stands. The second bundles the program
 * around that result and shortens no property, so no field an author puts into a message can be renamed. A single stage
 * cannot tell the two apart, because esbuild renames by name and not by object.
 *
 * The seam is bowline.ts: what it exports, and the members of every type it exports, keep their names (names.mjs). A
 * program that reached around it would get a second copy of the library with other names, so that is an error.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { build } from "esbuild";
import { namesToShorten } from "./names.mjs";

const requireInDisguise = "rEquire";

/** espruino §1.3 argues for each of these. */
const forBoard = {
  bundle: true,
  write: false,
  metafile: true,
  platform: "neutral",
  target: "es5",
  charset: "ascii",
  legalComments: "none",
  sourcemap: "inline",
  logLevel: "silent",
  supported: {
    arrow: true,
    class: true,
    "const-and-let": true,
    "for-of": true,
    "template-literal": true,
    "object-extensions": true,
    "optional-catch-binding": true,
    "nullish-coalescing": true,
    // Not on the board: left as it is for the lint to name, since esbuild would put helpers of its own in its place.
    "object-rest-spread": true,
  },
  // esbuild would wrap the board's require() in a shim; as long a name, put back below, leaves it and the map alone.
  define: { require: requireInDisguise },
  // Fields would become Object.defineProperty helpers.
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
};

const mapMark = "//# sourceMappingURL=data:application/json;base64,";

/** Esbuild refused a source. `messages` are its own; `exported`: what a program can import from "bowline". */
export class BundleError extends Error {
  constructor(messages) {
    super(messages.map(({ text }) => text).join("\n"));
    this.messages = messages;
    this.exported = [];
  }
}

/**
 * root: the folder of device/ and shared/; entry: the program's absolute path; links: "cable", "network" or "both";
 * onSource(path, text) is told each file of the author's. Throws a BundleError when esbuild refuses a source.
 * -> {code, map, inputs}: the script, its source map with paths relative to root, the absolute paths it was made of
 */
export async function bundleFirmware(root, entry, links = "both", onSource = () => {}) {
  const library = join(root, "device/bowline.ts");
  const inner = existsSync(library) ? await bundleLibrary(root, library, links) : undefined;
  const isOwn = (path) => path === entry || !inner?.inputs.includes(path);
  const whole = await run(root, {
    entryPoints: [entry],
    outfile: join(root, "firmware.js"), // not written; the map's paths start here
    // Not iife: a scope around it all would cost a variable for each function on the board. Nothing is exported.
    format: "esm",
    minifyWhitespace: true,
    minifyIdentifiers: true,
    // Not minifySyntax: early returns would become ternary chains, which the interpreter scans in full.
    plugins: [authors(root, library, inner, isOwn, onSource)],
  }).catch((error) => {
    if (error instanceof BundleError) error.exported = inner?.exported ?? [];
    throw error;
  });
  const { text, inputs } = whole;
  const [code, map] = text.split(mapMark);
  return {
    code: code.replaceAll(requireInDisguise, "require"),
    map: JSON.parse(Buffer.from(map, "base64").toString()),
    inputs: [...inputs, ...(inner?.inputs ?? [])],
  };
}

/** In place of what a board does not speak over: the start of it throws. */
const leftOut = { cable: "tcp-link", network: "serial-link" };

async function bundleLibrary(root, library, links) {
  const names = namesToShorten(root);
  return run(root, {
    entryPoints: [library],
    outfile: join(root, "device/bowline.js"), // not written either; it stands where bowline.ts stands
    format: "esm",
    plugins: links in leftOut ? [leaveOut(leftOut[links])] : [],
    // No name at all would be an empty pattern, which fits every name.
    ...(names.length > 0 && { mangleProps: new RegExp(`^(?:${names.join("|")})$`) }),
  });
}

/** An esbuild plugin: a link's module is one that says that it is not there. */
function leaveOut(module) {
  return {
    name: "links",
    setup({ onResolve }) {
      onResolve({ filter: new RegExp(`/${module}\\.ts$`) }, ({ resolveDir }) => ({
        path: join(resolveDir, `no-${module}.ts`),
      }));
    },
  };
}

/** An esbuild plugin: "bowline" is the bundled library, and nothing of the project can be reached past it. */
function authors(root, library, inner, isOwn, onSource) {
  return {
    name: "author's program",
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^bowline$/ }, () => ({ path: library }));
      onLoad({ filter: /\.[mc]?[jt]s$/ }, ({ path }) => {
        if (inner && path === library)
          return { contents: inner.text, loader: "js", resolveDir: dirname(library) };
        const file = relative(root, path);
        const owner = !isOwn(path)
          ? "inside the library"
          : /^(host|bench|proof|scripts)\//.test(file) && "the gateway's";
        if (owner)
          return { errors: [{ text: `${file} is ${owner}`, detail: { mend: 'import from "bowline"' } }] };
        onSource(path, readFileSync(path, "utf8"));
        return undefined;
      });
    },
  };
}

/** Warnings are errors: an import that nothing exports would be undefined on the board. */
async function run(root, options) {
  const result = await build({ ...forBoard, absWorkingDir: root, ...options }).catch((error) => {
    if (!error.errors) throw error;
    return error;
  });
  const messages = [...result.errors, ...result.warnings];
  if (messages.length > 0) throw new BundleError(messages);
  const inputs = Object.keys(result.metafile.inputs).map((path) => resolve(root, path));
  const [{ exports: exported }] = Object.values(result.metafile.outputs);
  return { text: result.outputFiles[0].text, inputs, exported };
}
