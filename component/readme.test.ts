/** The page for authors: its programs are type-checked where an author has them, and run; its commands are typed. */
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandsOf, firstMissing, Shell } from "../host/cli/testing/typed-commands.ts";
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

test("with the gateway running, its two commands print what it shows", async () => {
  const ports = {
    com: { in: await freePort(), out: await freePort() },
    tech: { in: await freePort(), out: await freePort() },
  };
  const params = { example_listener: {}, example_speaker: {} };
  await writeFile(
    join(folder, "config.json"),
    configText({ host: "127.0.0.1", ...ports, controller: 1 }, params),
  );
  const settings = [
    ...["tcp.port=0", "http.port=0", `data=${join(folder, "data")}`, `monique.hub.com.in=${ports.com.in}`],
    ...[`monique.hub.com.out=${ports.com.out}`, `monique.hub.tech.in=${ports.tech.in}`],
    `monique.hub.tech.out=${ports.tech.out}`,
  ];
  const shell = new Shell(root, process.env);
  try {
    const gateway = `node dist/bowline.mjs up ${settings.map((one) => `--set ${one}`).join(" ")}`;
    const listening = commandsOf(page).filter(({ line }) => line.startsWith("node dist/examples/"));
    expect(listening).toHaveLength(2);
    void shell.type(gateway);
    let printed = "";
    const [listener, speaker] = listening.map(({ line, shown }) => ({
      line: line.replace("dist/examples/config.json", join(folder, "config.json")),
      shown,
    }));
    const heard = shell.type(listener.line, (text) => {
      printed = text;
      return firstMissing(listener.shown, text) === undefined;
    });
    await until(() => !printed.includes("the hub is away") || printed.includes("the hub is there"));
    const said = await shell.type(speaker.line, (text) => firstMissing(speaker.shown, text) === undefined);
    expect(firstMissing(speaker.shown, said.printed), said.printed).toBeUndefined();
    expect(firstMissing(listener.shown, (await heard).printed)).toBeUndefined();
  } finally {
    await shell.endAll();
  }
});
