/** `bowline install`: makes the gateway a service of systemd, and takes that back. */
import { execFile } from "node:child_process";
import { access, realpath } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import type { Command } from "commander";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { CONFIG_PATH, PACKAGED_UNIT_PATH, Tree, UNIT_PATH } from "../service/install-place.ts";
import { installSteps, type RunCommand, type Step } from "../service/install-steps.ts";
import { unitFile } from "../service/unit-file.ts";
import { formatJson } from "./output/display.ts";
import type { Terminal } from "./process/terminal.ts";

interface InstallOptions {
  dryRun?: boolean;
  root?: string;
  uninstall?: boolean;
  program?: string;
  json?: boolean;
}

const HELP = `
Makes the user bowline, /etc/bowline/bowline.yaml where there is none, and a hardened unit, and starts it: now, with the \
machine, and whenever it ends. Run again, it writes the unit anew and leaves the configuration. --uninstall takes back all \
of it that was not changed, and leaves the data in /var/lib/bowline.

The journal has its log: journalctl -u bowline. Verbs ask it as root: sudo bowline devices -c /etc/bowline/bowline.yaml

Examples:
  bowline install --dry-run
  sudo bowline install
  sudo bowline install --uninstall`;

export function addInstall(program: Command, terminal: Terminal): void {
  program
    .command("install")
    .description("makes the gateway a service of systemd, which starts with the machine")
    .option("--dry-run", "print what would be done, every file and command, and change nothing")
    .option("--root <folder>", "into this tree, touching nothing that runs here")
    .option("--program <file>", "what the unit starts; default: this program")
    .option("--uninstall", "take it back, and leave the data")
    .option("--json", "a step a line: step, done (made, there, undone or nothing), and shown or told")
    .addHelpText("after", HELP)
    .action((options: InstallOptions) => install(options, terminal));
}

/** Folders that the unit hides from the service (ProtectHome, PrivateTmp). */
const hidden = /^\/(home|root|run\/user|tmp|var\/tmp)\//;

async function install(options: InstallOptions, terminal: Terminal): Promise<void> {
  const tree = new Tree(resolve(terminal.cwd, options.root ?? "/"));
  const program = programOf(options, terminal);
  if (!options.dryRun && tree.isLive) await refuseHere(options, program);
  const group = await serialGroup(tree);
  const steps = installSteps(tree, unitFile({ program, config: CONFIG_PATH, group }), runCommand);
  if (!(await tree.has(UNIT_PATH)) && (await tree.has(PACKAGED_UNIT_PATH))) throw packaged();
  if (options.uninstall) return takeBack(steps, options, terminal);
  if (tree.isLive) await refuseHidden(program);
  for (const step of steps) await make(step, options, terminal);
  if (!options.dryRun && !options.json && tree.isLive)
    terminal.print("it runs: systemctl status bowline, journalctl -u bowline");
}

async function make(step: Step, options: InstallOptions, terminal: Terminal): Promise<void> {
  if (await step.isDone())
    return tell(terminal, options, `is there   ${step.makes}`, { step, done: "there" });
  if (options.dryRun) return tell(terminal, options, `would make ${step.makes}`, { step, done: "nothing" });
  await explained(`making ${step.makes}`, () => step.apply());
  tell(terminal, options, `made       ${step.makes}`, { step, done: "made" });
}

async function takeBack(steps: Step[], options: InstallOptions, terminal: Terminal): Promise<void> {
  for (const step of [...steps].reverse()) {
    if (options.dryRun) {
      const text = `would take back ${step.makes}`;
      if (await step.isDone()) tell(terminal, options, text, { step, done: "nothing" }, false);
      continue;
    }
    const told = await explained(`taking back ${step.makes}`, () => step.undo());
    if (told !== undefined) tell(terminal, options, told, { step, done: "undone", told });
  }
}

/** In words, with what the step does where that is only shown; or as an object. */
function tell(
  terminal: Terminal,
  { json }: InstallOptions,
  text: string,
  { step: { makes, shown }, done, ...more }: { step: Step; done: string; told?: string },
  isShown = done === "nothing",
): void {
  if (json) return terminal.print(formatJson({ step: makes, done, ...more, ...(isShown && { shown }) }));
  terminal.print(text);
  if (isShown) for (const line of shown) terminal.print(line === "" ? "" : `  ${line}`);
}

/** -> what the unit starts, in words. */
function programOf({ program }: InstallOptions, terminal: Terminal): string[] {
  if (program === undefined) return [process.execPath, terminal.program];
  if (isAbsolute(program)) return [program];
  const text = `--program ${program}: systemd starts files by their whole path`;
  throw new BowlineError("USAGE", text, ExitCode.usage, `--program ${resolve(terminal.cwd, program)}`);
}

/** On the running machine it takes root, and systemd. */
async function refuseHere({ uninstall }: InstallOptions, program: string[]): Promise<void> {
  const isSystemd = await access("/run/systemd/system").then(
    () => true,
    () => false,
  );
  if (!isSystemd) {
    const text = "installing a service: systemd does not run this machine";
    throw new BowlineError(
      "INSTALL_NO_SYSTEMD",
      text,
      ExitCode.notFound,
      "bowline install --root FOLDER, or bowline up",
    );
  }
  if (process.getuid?.() === 0) return;
  const text = "installing a service: takes root";
  const command = `sudo ${program.join(" ")} install${uninstall ? " --uninstall" : ""}`;
  throw new BowlineError("INSTALL_NOT_ROOT", text, ExitCode.permission, command);
}

async function refuseHidden(program: readonly string[]): Promise<void> {
  const real = await Promise.all(program.map((path) => realpath(path).catch(() => path)));
  const seen = [...program, ...real].find((path) => hidden.test(path));
  if (seen === undefined) return;
  const text = `installing a service: ${seen} is where no service may look; it is to be installed for all`;
  throw new BowlineError("INSTALL_HIDDEN", text, ExitCode.usage, 'sudo npm install --global "$(npm pack)"');
}

function packaged(): BowlineError {
  const text = `installing a service: the Debian package has, in ${PACKAGED_UNIT_PATH}`;
  return new BowlineError("INSTALL_PACKAGED", text, ExitCode.busy, "systemctl status bowline");
}

/** To which the serial ports belong: another one where there is no dialout. */
async function serialGroup(tree: Tree): Promise<string> {
  const isUucp = !(await tree.knows("/etc/group", "dialout")) && (await tree.knows("/etc/group", "uucp"));
  return isUucp ? "uucp" : "dialout";
}

const runCommand: RunCommand = (command, ...args) =>
  new Promise((done, fail) => {
    execFile(command, args, (error, _out, err) => {
      if (error === null) return done();
      const seen = err.trim().split("\n")[0] || error.message;
      fail(new BowlineError("INSTALL_COMMAND", `${[command, ...args].join(" ")}: ${seen}`));
    });
  });

async function explained<T>(attempt: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof BowlineError && error.code !== "INSTALL_COMMAND") throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const isDenied = code === "EACCES" || code === "EPERM" || code === "EROFS";
    const mend = isDenied ? "run it as root" : "what was made stays: mend it, and run it again";
    const exitCode = isDenied ? ExitCode.permission : ExitCode.failure;
    throw new BowlineError("INSTALL_FAILED", `${attempt}: ${message}`, exitCode, mend);
  }
}
