/** The page for authors: its programs are type-checked where an author has them, and run; its commands are typed. */
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Command, commandsOf, firstMissing, Shell } from "../host/cli/testing/typed-commands.ts";
import { readComponentConfig } from "../host/monique/config-file.ts";
import { until } from "../host/platform/testing/until.ts";
import { freePort } from "../host/testing/free-port.ts";
import { configText } from "./testing/config-text.ts";
import { PlainHub } from "./testing/plain-hub.ts";
import { Programs } from "./testing/programs.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = await readFile(join(root, "component/README.md"), "utf8");
const api = await readFile(join(root, "component/api.d.ts"), "utf8");
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, block]) => block);
const [adder, patient] = blocks("ts");

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bowline-author-"));
  await mkdir(join(folder, "node_modules"));
  await symlink(root, join(folder, "node_modules/bowline"));
  await symlink(join(root, "node_modules/@types"), join(folder, "node_modules/@types"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function typeCheck(files: Record<string, string>): Promise<string> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const options = [
    "--strict",
    "--noEmit",
    "--skipLibCheck",
    "false",
    "--target",
    "es2022",
    "--module",
    "nodenext",
  ];
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const typed = [tsc, ...options, "--types", "node", ...Object.keys(files)];
  return spawnSync(process.execPath, typed, { cwd: folder, encoding: "utf8" }).stdout;
}

test("its programs and the examples are right where an author has them; a wrong one is not", async () => {
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  const names = ["speaker", "listener", "calculator", "bank", "clock-ask", "clock-reply", "radio"];
  const examples = await Promise.all(
    names.map(async (name) => [
      `${name}.ts`,
      await readFile(join(root, `component/examples/${name}.ts`), "utf8"),
    ]),
  );
  const wrong =
    'import { component } from "bowline/component";\ncomponent("a_b", async ({ toHub }) => void toHub.send(1));\n';
  const programs = {
    "adder.ts": adder,
    "patient.ts": patient,
    ...Object.fromEntries(examples),
    "wrong.ts": wrong,
  };
  expect(Object.keys(programs)).toHaveLength(10);
  expect(await typeCheck(programs)).toMatch(/^wrong\.ts\(2,\d+\): error TS2345: .*\n$/);
});

test("what is declared is what there is, and the page names all of it", async () => {
  const library = (await import(join(root, "dist/component.mjs"))) as object;
  const declared = [...api.matchAll(/^export declare (?:function|class) (\w+)/gm)].map(([, name]) => name);
  expect(Object.keys(library).sort()).toEqual(declared.sort());
  const [, context] = /interface Context \{(.*?)\n\}/s.exec(api)!;
  const members = [...context.matchAll(/^ {2}(?:readonly )?(\w+)/gm)].map(([, name]) => name);
  expect(members).toHaveLength(8);
  expect([...declared, ...members].filter((name) => !page.includes(`${name}`))).toEqual([]);
});

test("its configuration is one", () => {
  const [config] = blocks("json");
  expect(readComponentConfig(config, "config.json", "example_adder")).toMatchObject({ creator: "adder-1" });
});

const languages = [
  {
    file: "adder.mjs",
    command: [process.execPath],
    text: async () => (await transform(adder, { loader: "ts" })).code,
  },
  { file: "adder.py", command: ["python3"], text: async () => blocks("python")[0] },
].filter(({ command: [program] }) => spawnSync(program, ["--version"]).status === 0);

test.each(languages)("$file does what the page says", async ({ file, command, text }) => {
  const [hub, programs] = [new PlainHub(), new Programs()];
  await hub.start();
  await programs.open();
  try {
    await writeFile(join(folder, file), await text());
    const env = { PYTHONPATH: join(root, "dist/python"), PYTHONDONTWRITEBYTECODE: "1" };
    await programs.start(hub, { example_adder: { frequency: 50 } }, [...command, join(folder, file)], env);
    await hub.subscribed("config:example_sum:");
    const id = hub.say("example_sum", { first: 1, second: 2 });
    expect(JSON.parse((await hub.answer(id, "result")).data)).toEqual({ answer: 3 });
    await hub.heartbeat("example_adder", "adds for tester");
  } finally {
    await programs.close();
    hub.stop();
  }
});

const workers = [
  { file: "multiplier.mjs", command: [process.execPath], text: blocks("js")[0] },
  { file: "multiplier.py", command: ["python3"], text: blocks("python")[1] },
].filter(({ command: [program] }) => spawnSync(program, ["--version"]).status === 0);

test.each(workers)("$file has its tasks from the controller", async ({ file, command, text }) => {
  const [hub, programs] = [new PlainHub(), new Programs()];
  await hub.start();
  await programs.open();
  try {
    await writeFile(join(folder, file), text);
    const env = { PYTHONPATH: join(root, "dist/python"), PYTHONDONTWRITEBYTECODE: "1" };
    await programs.start(
      hub,
      { example_multiplier: { isWorker: true } },
      [...command, join(folder, file)],
      env,
    );
    const id = hub.give("example_product", { first: 6, second: 7 });
    expect(JSON.parse((await hub.answer(id, "result")).data)).toEqual({ answer: 42 });
  } finally {
    await programs.close();
    hub.stop();
  }
});

test("with the gateway running, its commands print what it shows", async () => {
  const [http, comIn, comOut, techIn, techOut] = await Promise.all(Array.from({ length: 5 }, freePort));
  const ports = { host: "127.0.0.1", com: { in: comIn, out: comOut }, tech: { in: techIn, out: techOut } };
  const params = { example_listener: {}, example_speaker: {}, example_adder: {} };
  const config = join(folder, "config.json");
  await writeFile(config, configText({ ...ports, controller: 1 }, params));
  await writeFile(join(folder, "adder.mjs"), (await transform(adder, { loader: "ts" })).code);
  const hub = { COM_IN: comIn, COM_OUT: comOut, TECH_IN: techIn, TECH_OUT: techOut };
  const shell = new Shell(root, {
    ...process.env,
    BOWLINE_DATA: join(folder, "data"),
    BOWLINE_HTTP_PORT: String(http),
    BOWLINE_TCP_PORT: "0",
    ...Object.fromEntries(
      Object.entries(hub).map(([key, port]) => [`BOWLINE_MONIQUE_HUB_${key}`, String(port)]),
    ),
  });
  try {
    const commands = commandsOf(page).map(({ line, shown, at }) => ({
      line: line.replace("dist/examples/config.json", config).replace("npx bowline", "node dist/bowline.mjs"),
      shown,
      at,
    }));
    expect(commands).toHaveLength(3);
    const [listener, speaker, ask] = commands;
    const typed = ({ line, shown }: Command) =>
      shell.type(line, (text) => firstMissing(shown, text) === undefined);
    void shell.type("node dist/bowline.mjs up");
    const heard = typed(listener);
    void shell.type(`node ${join(folder, "adder.mjs")} -f ${config}`);
    for (const [command, printing] of [
      [speaker, typed(speaker)],
      [listener, heard],
    ] as const)
      expect(firstMissing(command.shown, (await printing).printed)).toBeUndefined();
    // What is asked before the adder's subscription has arrived is heard by nobody.
    await until(async () => {
      const { printed } = await shell.type(`${ask.line} --timeout 2s`);
      expect(firstMissing(ask.shown, printed), printed).toBeUndefined();
    });
  } finally {
    await shell.endAll();
  }
});
