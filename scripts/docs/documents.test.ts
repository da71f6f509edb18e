/** Every document: its links lead somewhere, its configuration and programs are right, its commands are typed by a test. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { transform } from "esbuild";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { createProgram } from "../../host/cli/program.ts";
import { FakeTerminal } from "../../host/cli/testing/fake-terminal.ts";
import { loadConfig } from "../../host/config/load.ts";
import { folderForEach } from "../../host/testing/folders.ts";
import { type Block, type Page, parsePage, readPage, root } from "./page.ts";

const guides = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
/** Those whose commands people type. */
const documents = [
  "README.md",
  ...guides.map((name) => `docs/${name}`),
  "device/GUIDE.md",
  "component/README.md",
].filter((path) => existsSync(join(root, path)));
/** Those that only have to lead somewhere. */
const others = [
  ...["ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "shared/PROTOCOL.md"],
  ...readdirSync(join(root, "docs/design")).map((name) => `docs/design/${name}`),
].filter((path) => existsSync(join(root, path)));

/** Walks of their own, which type every command of their document. */
const ownWalks: Record<string, string> = {
  "docs/operating-nats.md": "scripts/operating-nats.test.ts",
  "component/README.md": "component/readme.test.ts",
};

/** YAML that is another program's. */
const foreignYaml = new Set(["prometheus.yml", "compose.yaml"]);

const pages = new Map<string, Page>();
for (const path of [...documents, ...others]) pages.set(path, await readPage(path));
const walks = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => readFileSync(join(import.meta.dirname, name), "utf8"));

const at = (path: string, { line }: Block) => `${path}:${line}`;
const blocksOf = (...languages: string[]) =>
  documents.flatMap((path) =>
    pages
      .get(path)!
      .blocks.filter(({ language }) => languages.includes(language))
      .map((block): [string, Block] => [at(path, block), block]),
  );

describe("commands", () => {
  test("each document that has some is walked by a test, which types all of them", () => {
    const withCommands = documents.filter((path) =>
      pages.get(path)!.blocks.some(({ commands }) => commands.length > 0),
    );
    expect(withCommands).toContain("README.md");
    const unwalked = withCommands.filter((path) => {
      const own = ownWalks[path];
      if (own !== undefined) return !readFileSync(join(root, own), "utf8").includes(`"${path}"`);
      return !walks.some((text) => text.includes(`walkPage("${path}"`));
    });
    expect(unwalked).toEqual([]);
  });

  test("they stand in console blocks and nowhere else", () => {
    const astray = documents.flatMap((path) =>
      pages
        .get(path)!
        .blocks.filter(
          ({ language, text }) =>
            ["", "sh", "bash", "shell"].includes(language) ||
            (language !== "console" && /^[\w-]*\$ /m.test(text)),
        )
        .map((block) => at(path, block)),
    );
    expect(astray).toEqual([]);
  });

  test("a console block begins with one", () => {
    const bare = blocksOf("console").filter(([, { text }]) => !/^ *[\w-]*\$ /.test(text));
    expect(bare.map(([place]) => place)).toEqual([]);
  });

  test("verbs and options that the text names are there", () => {
    const program = createProgram(new FakeTerminal());
    const wrong = documents.flatMap((path) =>
      [...pages.get(path)!.prose.matchAll(/`(?:sudo )?(?:npx )?bowline ([a-z][^`]*)`/g)]
        .map(([, typed]) => typed)
        .filter((typed) => !isKnown(program, typed))
        .map((typed) => `${path}: bowline ${typed}`),
    );
    expect(wrong).toEqual([]);
  });
});

/** Whether verb and options are those of the program; what stands for others (FILE, …) is passed over. */
function isKnown(program: ReturnType<typeof createProgram>, typed: string): boolean {
  let command = program;
  for (const word of typed.split(/[\s|[\]]+/)) {
    if (!/^[a-z-]+$/.test(word)) break;
    const next = command.commands.find((one) => one.name() === word || one.aliases().includes(word));
    if (next === undefined) break;
    command = next;
  }
  if (command === program && !["help", "--help"].includes(typed)) return false;
  const options = new Set(
    [...program.options, ...command.options].flatMap(({ long, short }) => [long, short]),
  );
  const named = typed.match(/(?<=^|[\s[|])--[a-z][\w-]*/g) ?? [];
  return named.every((option) => option === "--help" || options.has(option));
}

describe("links", () => {
  /** `](target)` and bare anchors; what leads to the web is left alone. */
  const linksOf = (page: Page) =>
    [...page.prose.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => target)
      .filter((target) => !/^[a-z]+:/.test(target));

  test.each([...pages.keys()])("of %s lead to files and headings that are there", async (path) => {
    const broken: string[] = [];
    for (const target of linksOf(pages.get(path)!)) {
      const [file, anchor] = target.split("#");
      const to = file === "" ? path : normalize(join(dirname(path), file));
      if (!existsSync(join(root, to))) broken.push(target);
      else if (anchor !== undefined && to.endsWith(".md")) {
        const { anchors } = pages.get(to) ?? (await readPage(to));
        if (!anchors.has(anchor)) broken.push(target);
      }
    }
    expect(broken).toEqual([]);
  });

  test("each guide is named by README or by another guide", () => {
    const named = new Set(
      documents.flatMap((path) =>
        linksOf(pages.get(path)!).map((target) => normalize(join(dirname(path), target.split("#")[0]))),
      ),
    );
    expect(documents.filter((path) => path !== "README.md" && !named.has(path))).toEqual([]);
  });
});

describe("configuration", () => {
  const folder = folderForEach("documents");

  test.each(blocksOf("yaml"))("%s is one that the gateway takes", (_, { text, file }) => {
    if (foreignYaml.has(file ?? "")) return expect(parse(text)).toBeTypeOf("object");
    const written = join(folder(), "bowline.yaml");
    writeFileSync(written, text);
    const { config } = loadConfig({ config: written, env: {}, cwd: folder(), home: folder() });
    expect(Object.keys(config)).toContain("gateway");
  });

  test("a key that there is not would be found", () => {
    const written = join(folder(), "bowline.yaml");
    writeFileSync(written, "http: { prot: 1 }\n");
    expect(() => loadConfig({ config: written, env: {}, cwd: folder(), home: folder() })).toThrow(/port/);
  });
});

describe("programs", () => {
  test.each(blocksOf("ts", "js"))("%s is one", async (_, { text, language }) => {
    await transform(text, { loader: language as "ts" | "js" });
  });

  test.each(blocksOf("json"))("%s is JSON", (_, { text }) => {
    expect(JSON.parse(text)).toBeDefined();
  });

  const isPythonThere = spawnSync("python3", ["--version"]).status === 0;
  test.runIf(isPythonThere).each(blocksOf("python"))("%s is Python", (_, { text }) => {
    const { status, stderr } = spawnSync("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], {
      input: text,
      encoding: "utf8",
    });
    expect(status, stderr).toBe(0);
  });
});

describe("the reading of documents", () => {
  test("finds commands with their machines, files, headings and prose", () => {
    const page = parsePage(
      "x.md",
      "# A page\n## A `word`, twice\n## A word, twice\n```console\nkitchen$ ls \\\n    -l\ntotal 0\n$ cat x\n```\n" +
        "text\n  ```yaml\n  # site/a.yaml\n  a: 1\n  ```\n```json b.json\n{}\n```\n",
    );
    expect([...page.anchors]).toEqual(["a-page", "a-word-twice", "a-word-twice-1"]);
    expect(page.blocks.map(({ language, file, line }) => [language, file, line])).toEqual([
      ["console", undefined, 4],
      ["yaml", "site/a.yaml", 11],
      ["json", "b.json", 15],
    ]);
    expect(page.blocks[1].text).toBe("# site/a.yaml\na: 1\n");
    expect(page.blocks[0].commands).toEqual([
      { line: "ls -l", shown: ["total 0"], at: "kitchen" },
      { line: "cat x", shown: [], at: "" },
    ]);
    expect(page.prose).not.toContain("total");
  });

  test("refuses a block that is not closed", () => {
    expect(() => parsePage("x.md", "```console\n$ ls\n")).toThrow(/line 1 is not closed/);
  });
});
