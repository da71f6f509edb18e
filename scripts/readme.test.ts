/** README's commands, typed as they stand there, and what they print compared with what README shows. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Command, commandsOf, firstMissing, Shell } from "../host/cli/testing/typed-commands.ts";
import { until } from "../host/platform/testing/until.ts";
import { freePort } from "../host/testing/free-port.ts";
import { isPtyAvailable } from "../host/transports/pty.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = await readFile(join(root, "README.md"), "utf8");

const commands = commandsOf(readme);

let folder = "";
const shell = new Shell(root, {});
/** What the gateway said at its start. */
let started = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bowline-readme-"));
  // Elsewhere than where somebody's own gateway may be running.
  const ports = {
    BOWLINE_HTTP_PORT: String(await freePort()),
    BOWLINE_TCP_PORT: String(await freePort()),
    ...{ BOWLINE_MONIQUE_HUB_COM_IN: "0", BOWLINE_MONIQUE_HUB_COM_OUT: "0" },
    ...{ BOWLINE_MONIQUE_HUB_TECH_IN: "0", BOWLINE_MONIQUE_HUB_TECH_OUT: "0" },
  };
  shell.env = { ...process.env, ...ports, BOWLINE_DATA: folder };
});

afterAll(async () => {
  await shell.endAll();
  await rm(folder, { recursive: true, force: true });
});

/** The examples' configuration, for the hub of this gateway and with heartbeats that need not be waited for. */
async function componentConfig(): Promise<string> {
  const config = JSON.parse(await readFile(join(root, "dist/examples/config.json"), "utf8"));
  const hub = /^hub .*: com (\d+), (\d+); tech (\d+), (\d+)/m.exec(started)?.slice(1).map(Number) ?? [];
  Object.assign(config.deploy.monique["scheduler-in"], { comport: hub[0], techport: hub[2] });
  Object.assign(config.deploy.monique["scheduler-out"], { comport: hub[1], techport: hub[3] });
  for (const own of Object.values(config.params)) Object.assign(own as object, { frequency: 500 });
  const file = join(folder, "config.json");
  await writeFile(file, JSON.stringify(config));
  return file;
}

const find = (start: string) => {
  const found = commands.find(({ line }) => line.startsWith(start));
  if (found === undefined) throw new Error(`README has no command ${start}`);
  return found;
};

/**
 * A command that ends by itself: status 0 and the lines that README shows. On a busy machine the simulated board may be
 * silent for so long that it is away; it comes back, and is asked about then.
 */
async function expectShown({ line, shown }: Command): Promise<void> {
  let [printed, status]: [string, number | null] = ["", null];
  await until(async () => {
    ({ printed, status } = await shell.type(line));
    return !/^sim-1 +away /m.test(printed);
  });
  expect(status, printed).toBe(0);
  expect(firstMissing(shown, printed), printed).toBeUndefined();
}

describe.skipIf(!isPtyAvailable())("README (needs script: sudo apt-get install bsdutils)", () => {
  test("npm start prints what README shows, values included", async () => {
    const { line, shown } = find("npm start");
    const { printed } = await shell.type(line, (text) => firstMissing(shown, text) === undefined);
    expect(firstMissing(shown, printed), printed).toBeUndefined();
    started = printed;
  });

  const short = commands.filter(({ line }) =>
    /^(npx bowline (devices|send|decode|irc|ports|chaos|verify|timeline))/.test(line),
  );
  test.each(short)("$line", async (command) => {
    await expectShown(command);
  });

  test("a component is heard and does a task, a board does one, and both are listed", async () => {
    const start = find("node dist/examples/calculator");
    const line = start.line.replace("dist/examples/config.json", await componentConfig());
    // It runs until it is ended; what is wrong with it shows below.
    const ended = shell.type(line).catch((error: Error) => error.message);
    const list = find("npx bowline components");
    await until(() => expectShown(list));
    await expectShown(find("npx bowline tasks run example_calculator"));
    await expectShown(find("npx bowline tasks run bowline_sim-1"));
    await expectShown(commands.find((command) => command.line === "npx bowline tasks")!);
    await shell.end(line);
    await ended;
  });

  test("sniff prints what README shows, as long as it is left running", async () => {
    const { line, shown } = find("npx bowline sniff");
    const { printed } = await shell.type(line, (text) => firstMissing(shown, text) === undefined);
    expect(firstMissing(shown, printed), printed).toBeUndefined();
  });

  // From the first key on, boards on the network need one.
  test("pair gives the simulated board a key, and key list shows that it has one", async () => {
    const { line, shown } = find("npx bowline pair");
    // Each for itself: stdout and stderr come apart here.
    const missing = (printed: string) => shown.filter((row) => firstMissing([row], printed) !== undefined);
    const { printed } = await shell.type(line, (text) => missing(text).length === 0);
    expect(missing(printed)).toEqual([]);
    await shell.end(line);
    await expectShown(find("npx bowline key list"));
  });

  // Behind the one above as well.
  test("flash.sh puts the firmware on a board, the gateway hears it, and Wi-Fi takes it off its cable", async () => {
    const board = join(folder, "board");
    const { env } = shell;
    const sim = `npx bowline sim --blank --id blank --serial ${board}`;
    await shell.type(sim, (text) => text.includes("bowline flash --port"));
    shell.env = { ...env, BOWLINE_PORT: board, BOWLINE_WIFI_PASSWORD: "open sesame" };
    // A pseudo-terminal takes every speed: at which of those that are tried it answers is a matter of load.
    const flash = find("./flash.sh --id");
    await expectShown({ ...flash, line: `${flash.line} --baud 115200` });

    const start = find("npm start -- --set");
    const line = start.line.replace(/\/dev\/serial\S+/, board);
    const apart = { BOWLINE_HTTP_PORT: "0", BOWLINE_TCP_PORT: "0", BOWLINE_DATA: join(folder, "kitchen") };
    shell.env = { ...env, ...apart };
    const heard = (text: string) => firstMissing(start.shown, text) === undefined;
    const { printed } = await shell.type(line, heard);
    expect(firstMissing(start.shown, printed), printed).toBeUndefined();
    await shell.end(line);

    shell.env = { ...env, BOWLINE_PORT: board, BOWLINE_WIFI_PASSWORD: "open sesame" };
    // A machine of the tests need not be on a network: the gateway is asked for on this one.
    const wifi = `${find("./flash.sh --wifi").line} --gateway 127.0.0.1:${env.BOWLINE_TCP_PORT}`;
    const moved = await shell.type(wifi);
    expect(moved.status, moved.printed).toBe(0);
    expect(moved.printed).toMatch(/first hello .* board kitchen$/m);
    shell.env = env;
    // On a busy machine it may be silent for so long that it is away; it comes back.
    await until(async () =>
      expect((await shell.type("npx bowline devices")).printed).toMatch(/^kitchen +connected +tcp /m),
    );
  });

  test("npm start -- --config runs a real set-up, and waits for a port that is not there", async () => {
    const yaml = /```yaml\n([^`]*)```/.exec(readme)?.[1] ?? "";
    const file = join(folder, "bowline.yaml");
    const free = `http: { port: 0 }\ntcp: { port: 0 }\ndata: ${folder}/real\n`;
    await writeFile(file, yaml.replace(/^ {3}/gm, "") + free);
    const { BOWLINE_HTTP_PORT, BOWLINE_TCP_PORT, BOWLINE_DATA, ...rest } = shell.env;
    shell.env = rest;
    const { line } = find("npm start -- --config");
    const { printed } = await shell.type(line.replace("bowline.yaml", file), (text) =>
      text.includes("waiting"),
    );
    expect(printed).toContain("usb-Espruino_Pico_30003B-if00");
    expect(printed).not.toContain("simulated");
  });

  test("every command of README is run here", () => {
    const covered = [
      /^npm start/,
      /^npx bowline (devices|send|decode|irc|ports|sniff|pair|key|chaos|verify|timeline|components|tasks)/,
      /^node dist\/examples\/calculator/,
      /^\.\/flash\.sh --(id|wifi)/,
    ];
    expect(commands.length).toBeGreaterThan(8);
    expect(commands.filter(({ line }) => !covered.some((pattern) => pattern.test(line)))).toEqual([]);
  });
});
