/** `bowline doctor`: looks at everything of the machine that needs no board, and prints what repairs each fault. */
import type { Command } from "commander";
import { defaultConfig, loadConfig } from "../config/load.ts";
import { examine } from "../doctor/examine.ts";
import type { Finding } from "../doctor/finding.ts";
import { type Machine, thisMachine } from "../doctor/machine.ts";
import { BowlineError, ExitCode, typedMend } from "../platform/errors.ts";
import { collect } from "./arguments/options.ts";
import { formatExamination } from "./doctor/examination.ts";
import { formatJson } from "./output/display.ts";
import type { Terminal } from "./process/terminal.ts";

interface DoctorOptions {
  config?: string;
  set?: string[];
  json?: boolean;
}

const HELP = `
Node and its native parts, the clock, the data folder, the configuration; who may open the serial ports and who has them; \
ModemManager, brltty, udev, the UART of a Raspberry Pi and its login console, containers, a systemd unit. It changes \
nothing, opens no port and asks nobody: run it as the user who runs the gateway.

  ok    as it should be        warn  works, or is wanted only by some        FAIL  something that is asked for will not work

Exit code 0 when nothing says FAIL, else 1.`;

export function addDoctor(program: Command, terminal: Terminal): void {
  program
    .command("doctor")
    .description("checks this machine, and prints the command that repairs each fault")
    .option("-c, --config <file>", "configuration of the gateway")
    .option("--set <key=value>", "one setting of it; may be repeated", collect)
    .option("--json", "one finding a line, an object with name, level, seen and mend")
    .addHelpText("after", HELP)
    .action((options: DoctorOptions) => doctor(options, terminal));
}

async function doctor(options: DoctorOptions, terminal: Terminal): Promise<void> {
  const machine = thisMachine(configured(options, terminal));
  const { findings, ports } = await examine(machine);
  const typed = findings.map((finding) => ({ ...finding, mend: typedMend(finding.mend) }));
  if (options.json) for (const finding of typed) terminal.print(formatJson(finding));
  else
    for (const line of formatExamination({ findings: typed, ports }, lookOf(terminal, machine)))
      terminal.print(line);
  refuseFaults(typed);
}

function configured(
  { config: file, set }: DoctorOptions,
  { env, cwd }: Terminal,
): Pick<Machine, "config" | "configFault"> {
  try {
    return { config: loadConfig({ config: file, set, env, cwd }).config, configFault: null };
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    const { message, mend } = error;
    return { config: defaultConfig(cwd), configFault: { message, mend } };
  }
}

const lookOf = ({ columns, isColoured }: Terminal, { user }: Machine) => ({
  columns,
  seesAll: user.uid === 0,
  isColoured,
});

function refuseFaults(findings: readonly Finding[]): void {
  const faults = findings.filter(({ level }) => level === "FAIL").length;
  if (faults === 0) return;
  const text = `checking this machine: ${faults} of ${findings.length} findings ${faults === 1 ? "is a fault" : "are faults"}`;
  throw new BowlineError("MACHINE_FAULTS", text, ExitCode.failure);
}
