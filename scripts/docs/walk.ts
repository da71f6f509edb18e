/** A reader's walk through a document: its files written, its commands typed in order, what is printed held against it. */
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Command, firstMissing } from "../../host/cli/testing/typed-commands.ts";
import { until } from "../../host/platform/testing/until.ts";
import { isPtyAvailable } from "../../host/transports/pty.ts";
import { Machine, type MachineOptions } from "./machine.ts";
import { faultOf, notRunHere } from "./not-run-here.ts";
import { type Block, type Page, readPage } from "./page.ts";

export interface WalkOptions extends MachineOptions {
  /** true: a gateway with a simulated board runs before the first command, as the document says. */
  hasGateway?: boolean;
  /** The command that installs what the walk takes and is not there; it is skipped then. */
  needs?: string | undefined;
  /** Further prompts, each a machine of its own: `kitchen$ `. */
  machines?: string[];
  /** A command or file as it has to be here, beyond what `Machine.here` does. */
  here?: (text: string, walk: Walk) => string;
  /** Programs that go on by themselves, beyond those that always do. */
  staying?: RegExp;
  /** Exit codes that are not 0: those that the document tells. */
  exits?: [command: RegExp, code: number][];
  /** Done in place of typing a command, or before it (`walk.type`). */
  instead?: [command: RegExp, act: (walk: Walk, command: Command) => Promise<void>][];
}

/** Programs that go on until they are ended. */
const staying =
  /^(\w+=\S+ )*(npm start|(sudo )?(npx )?bowline (up|sim|tail|sniff|pair)\b|node dist\/examples\/)/;
/** What only tells: it may be asked again until what is shown has come. */
const telling =
  /^(\w+=\S+ )*(sudo )?(npx )?bowline (devices|sessions|ports|peers|queue|components|tasks|check|timeline|northbound|history|verify|key list|irc|irc peers|tasks kills)( (?!run|forget|purge|drain|explain|decode)|$)|^curl /;
/** A board that was silent for long on a busy machine is away, and comes again. */
const isAway = (printed: string) => /^sim-1 +away /m.test(printed);

export class Walk {
  private readonly machines = new Map<string, Machine>();

  constructor(
    readonly page: Page,
    private readonly options: WalkOptions,
  ) {}

  async start(): Promise<void> {
    for (const at of ["", ...(this.options.machines ?? [])])
      this.machines.set(at, await Machine.make(this.options));
    if (this.options.hasGateway !== true) return;
    const { shell, here } = this.at("");
    const { printed } = await shell.type(here("npm start"), (text) => text.includes("sim-1 connected"));
    expect(printed).toContain("sim-1 connected");
  }

  async end(): Promise<void> {
    for (const machine of this.machines.values()) await machine.end();
  }

  /** The machine of a prompt, with its own `here`. */
  at(name: string): { machine: Machine; shell: Machine["shell"]; here: (text: string) => string } {
    const machine = this.machines.get(name);
    if (machine === undefined) throw new RangeError(`${this.page.path}: a prompt of no machine: ${name}$`);
    const here = (text: string) => machine.here(this.options.here?.(text, this) ?? text);
    return { machine, shell: machine.shell, here };
  }

  /** What a block asks for: a file, or commands. */
  async follow(block: Block): Promise<void> {
    if (block.language !== "console") return this.write(block);
    for (const command of block.commands) {
      const place = `${this.page.path}, block of line ${block.line}: ${command.line}`;
      try {
        const [, act] = this.options.instead?.find(([one]) => one.test(command.line)) ?? [];
        if (act !== undefined) await act(this, command);
        else await this.type(command);
      } catch (error) {
        if (error instanceof Error) error.message = `${place}\n${error.message}`;
        throw error;
      }
    }
  }

  /** `kitchen/bowline.yaml` is the kitchen's. */
  private async write({ file, text }: Block): Promise<void> {
    if (file === undefined) return;
    const [at, ...rest] = file.split("/");
    const isOfMachine = rest.length > 0 && this.machines.has(at);
    const { machine, here } = this.at(isOfMachine ? at : "");
    await machine.write(isOfMachine ? rest.join("/") : file, here(text));
  }

  /** Types a command until it prints what is shown and ends as it should: what it asks for may be on its way yet. */
  async untilShown(command: Command): Promise<void> {
    await until(() => this.type(command));
  }

  /** What is shown is printed, whatever its exit code: that is the machine's. */
  async typeWhatever({ line, shown, at }: Command): Promise<void> {
    const { shell, here } = this.at(at);
    const { printed } = await shell.type(here(line));
    expect(firstMissing(shown, printed), printed).toBeUndefined();
  }

  async type(command: Command): Promise<void> {
    const { line, at } = command;
    const { shell, here } = this.at(at);
    // Numbers are any number there.
    const shownHere = (row: string) => this.options.here?.(row, this) ?? row;
    const notRun = notRunHere.find((one) => one.command.test(line));
    if (notRun !== undefined) return expect(faultOf(notRun, line)).toBeUndefined();
    const [, folder] = /^cd (\S+)$/.exec(line) ?? [];
    if (folder !== undefined) return this.changeFolder(at, here(folder));
    const settings = /^export (.*)$/.exec(line)?.[1].split(" ") ?? [];
    if (settings.length > 0) {
      for (const setting of settings) {
        const [name, value] = here(setting).split("=");
        shell.env = { ...shell.env, [name]: value };
      }
      return;
    }
    const shown = command.shown.map(shownHere).filter((row) => row.trim() !== "^C");
    if (staying.test(line) || this.options.staying?.test(line)) return this.leaveRunning(command, shown);
    const once = async () => {
      const { printed, status } = await shell.type(here(line));
      expect(firstMissing(shown, printed), printed).toBeUndefined();
      expect(status, printed).toBe(this.exitOf(line));
      return printed;
    };
    if (telling.test(line)) await until(once);
    else await this.unlessAway(at, once);
  }

  /** Once more if it fails while the simulated board is away. */
  private async unlessAway(at: string, once: () => Promise<string>): Promise<void> {
    try {
      await once();
    } catch (error) {
      if (!isAway(error instanceof Error ? error.message : "")) throw error;
      const { shell, here } = this.at(at);
      await until(async () => !isAway((await shell.type(here("npx bowline devices"))).printed));
      await once();
    }
  }

  private exitOf(line: string): number {
    return this.options.exits?.find(([one]) => one.test(line))?.[1] ?? 0;
  }

  /** Until it has printed what is shown; it goes on, unless the page shows Ctrl-C. */
  private async leaveRunning({ line, at, shown: all }: Command, shown: string[]): Promise<void> {
    const { shell, here } = this.at(at);
    // Each for itself: stdout and stderr come apart here.
    const missing = (printed: string) => shown.filter((row) => firstMissing([row], printed) !== undefined);
    const { printed, status } = await shell.type(
      here(line),
      (text) => text !== "" && missing(text).length === 0,
    );
    expect(missing(printed), printed).toEqual([]);
    // A program that ends at once says why.
    await pause(0);
    expect(status ?? 0, printed).toBe(0);
    if (all.some((row) => row.trim() === "^C")) await shell.end(here(line), "SIGINT");
  }

  private changeFolder(at: string, folder: string): void {
    const { shell } = this.at(at);
    shell.cwd = new URL(`${folder}/`, `file://${shell.cwd}/`).pathname.replace(/\/$/, "");
  }
}

/** A test for the document: its blocks in order, so that each finds what those before it have made. */
export async function walkPage(path: string, options: WalkOptions = {}): Promise<Walk> {
  const page = await readPage(path);
  const walk = new Walk(page, options);
  const needs = isPtyAvailable() ? options.needs : "sudo apt-get install bsdutils";
  describe.skipIf(needs !== undefined)(needs === undefined ? path : `${path} (needs: ${needs})`, () => {
    beforeAll(() => walk.start());
    afterAll(() => walk.end());
    for (const block of page.blocks) {
      const [first] = block.commands;
      const name = first === undefined ? (block.file ?? block.language) : first.line;
      test(`line ${block.line}: ${name}`, () => walk.follow(block));
    }
  });
  return walk;
}
