/** A machine that a document's commands are typed on: a clone in a folder of its own, and ports that nobody else has. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Shell } from "../../host/cli/testing/typed-commands.ts";
import { freePort } from "../../host/testing/free-port.ts";
import { root } from "./page.ts";

/** The gateway's ports, as the documents have them, and their settings. */
const settings: Record<string, string> = {
  "9080": "BOWLINE_HTTP_PORT",
  "7700": "BOWLINE_TCP_PORT",
  "9000": "BOWLINE_MONIQUE_HUB_COM_IN",
  "9001": "BOWLINE_MONIQUE_HUB_COM_OUT",
  "9024": "BOWLINE_MONIQUE_HUB_TECH_IN",
  "9025": "BOWLINE_MONIQUE_HUB_TECH_OUT",
  "12002": "BOWLINE_PEERS_LISTEN_PORT",
};

/** What a gateway writes into its folder, and what is no part of a clone. */
const notOfClone = new Set([".git", "data", "bowline.yaml"]);

export interface MachineOptions {
  /** Further ports that the document names, each for a free one. */
  ports?: string[];
  /** Commands whose `npx` and `npm` are typed; of all others what these start is, without their own start each time. */
  isAsItStands?: RegExp;
  env?: NodeJS.ProcessEnv;
}

export class Machine {
  readonly shell: Shell;

  private constructor(
    private readonly home: string,
    /** Where the clone is, and what is typed. */
    readonly folder: string,
    private readonly ports: ReadonlyMap<string, string>,
    private readonly isAsItStands: RegExp | undefined,
    env: NodeJS.ProcessEnv,
  ) {
    this.shell = new Shell(folder, env);
  }

  static async make({ ports = [], isAsItStands, env = {} }: MachineOptions = {}): Promise<Machine> {
    const home = await mkdtemp(join(tmpdir(), "bowline-docs-"));
    const folder = join(home, "bowline");
    await mkdir(folder);
    for (const name of await readdir(root))
      if (!notOfClone.has(name)) await symlink(join(root, name), join(folder, name));
    const free = new Map<string, string>();
    for (const port of [...Object.keys(settings), ...ports]) free.set(port, String(await freePort()));
    const own = Object.entries(settings).map(([port, name]) => [name, free.get(port)]);
    // No configuration of whoever runs the tests.
    // flash.sh goes to where the clone is in truth: the data folder is this one all the same.
    const data = join(folder, "data");
    const all = { ...process.env, HOME: home, BOWLINE_DATA: data, ...Object.fromEntries(own), ...env };
    const machine = new Machine(home, folder, free, isAsItStands, all);
    await machine.write("components.json", machine.here(await examplesConfig()));
    return machine;
  }

  /** A command or a file of the document, as it is to be here. */
  here(text: string): string {
    const own = text
      .replace(/\b\d{4,5}\b/g, (number) => this.ports.get(number) ?? number)
      .replaceAll("dist/examples/config.json", "components.json");
    if (this.isAsItStands?.test(text)) return own;
    const program = `node ${join(root, "dist/bowline.mjs")}`;
    return own
      .replace(/^npm start -- /, `${program} up --demo `)
      .replace(/^npm start$/, `${program} up --demo`)
      .replace(/(^|[|(;&] *)(?:sudo )?(?:npx )?bowline /g, `$1${program} `);
  }

  /** Writes a file of the document. */
  async write(name: string, text: string): Promise<void> {
    const file = join(this.shell.cwd, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  /** Where a port of the document is here. */
  port(named: string): string {
    return this.ports.get(named) ?? named;
  }

  async end(): Promise<void> {
    await this.shell.endAll();
    await rm(this.home, { recursive: true, force: true });
  }
}

/** The examples' configuration, with heartbeats that need not be waited for. */
async function examplesConfig(): Promise<string> {
  const config = JSON.parse(await readFile(join(root, "dist/examples/config.json"), "utf8"));
  for (const own of Object.values(config.params)) Object.assign(own as object, { frequency: 500 });
  return JSON.stringify(config, undefined, 2);
}
