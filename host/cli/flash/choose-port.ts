/** Which port the board is on: the one that was named, the only one that fits, or the one a person chooses. */
import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { formatHolders } from "../../transports/holders.ts";
import type { PortInfo } from "../../transports/ports.ts";
import { printable } from "../output/display.ts";
import type { Terminal } from "../process/terminal.ts";
import { typedIn } from "../process/typed-in.ts";

/** In place of --port. */
const PORT_VARIABLE = "BOWLINE_PORT";

export interface PortQuestion {
  /** --port. */
  named: string | undefined;
  /** What this machine has. */
  ports: readonly PortInfo[];
  /** Devices that our own gateway has open, and would lend. */
  kept: readonly string[];
  /** The name of the port that was flashed last, "" for none. */
  last: string;
}

export interface ChosenPort {
  /** What to open, absolute; by-id where there is such a name. */
  path: string;
  /** Why this one. */
  why: string;
}

/** Rejects with FLASH_NO_PORT (exit 3), FLASH_PORT_NEEDED (2), SERIAL_BUSY (5). */
export async function choosePort(question: PortQuestion, terminal: Terminal): Promise<ChosenPort> {
  const { named = terminal.env[PORT_VARIABLE], ports } = question;
  if (named !== undefined && named !== "") {
    const path = pathOf(named, typedIn(terminal));
    const why = question.named === undefined ? `${PORT_VARIABLE} names it` : "as it was named";
    return { path: await stableNameOf(path, ports), why };
  }
  const fitting = ports.filter(isFitting);
  if (fitting.length === 0) throw noPort(question);
  const free = fitting.filter((port) => isFree(port, question));
  if (free.length === 0) throw allBusy(fitting);
  const sure = free.filter(({ espruino }) => espruino === "yes");
  const [only] = sure.length === 1 ? sure : free;
  if (sure.length === 1 || free.length === 1) return { path: only.name, why: reasonFor(only, fitting) };
  return { path: await ask(lastFirst(free, question.last), question, terminal), why: "chosen" };
}

/** On USB, and nothing that is clearly something else; a UART may lead anywhere, so it has to be named. */
function isFitting({ espruino, vidPid }: PortInfo): boolean {
  return espruino === "yes" || (espruino === "maybe" && vidPid !== "");
}

function isFree({ holder, device }: PortInfo, { kept }: PortQuestion): boolean {
  return holder === undefined || kept.includes(device);
}

function reasonFor(port: PortInfo, fitting: readonly PortInfo[]): string {
  if (fitting.length === 1) return "the only port that fits";
  return port.espruino === "yes"
    ? "the only one that says it is an Espruino"
    : "the only free port that fits";
}

function lastFirst(ports: readonly PortInfo[], last: string): PortInfo[] {
  return [...ports.filter(({ name }) => name === last), ...ports.filter(({ name }) => name !== last)];
}

async function ask(ports: readonly PortInfo[], { last }: PortQuestion, terminal: Terminal): Promise<string> {
  if (terminal.questions === undefined) throw portNeeded(ports);
  const choices = ports.map((port) => ({
    value: port.name,
    label: port.name,
    hint: [describe(port), ...(port.name === last ? ["the last one"] : [])].join(", "),
  }));
  return terminal.questions.choose("Several ports fit. Which one is the board on?", choices);
}

function describe({ vidPid, manufacturer, product }: PortInfo): string {
  const made = printable(`${manufacturer} ${product}`).trim();
  return made === "" ? vidPid : `${made}, ${vidPid}`;
}

/** A name without a slash is a file of this folder, else a device. */
function pathOf(named: string, cwd: string): string {
  const here = resolve(cwd, named);
  return named.includes("/") || existsSync(here) ? here : `/dev/${named}`;
}

/** `path` by the name that stays, where it has one and is not itself such a name. */
async function stableNameOf(path: string, ports: readonly PortInfo[]): Promise<string> {
  if (path.startsWith("/dev/serial/")) return path;
  const device = await realpath(path).catch(() => path);
  // Only a kernel's name changes: who made a link of his own means it.
  return device === path ? (ports.find((port) => port.device === device)?.name ?? path) : path;
}

function noPort({ ports, kept }: PortQuestion): BowlineError {
  const causes =
    "usual causes: a cable that only charges, a missing driver (sudo dmesg | tail), a container without the host's /dev";
  const listed = ports.map(({ name, vidPid }) => (vidPid === "" ? `${name}, a UART` : `${name} (${vidPid})`));
  // A link or a pseudo-terminal: no list of ports has it, and who configured the gateway knows what is there.
  const unlisted = kept.filter((path) => !ports.some(({ device }) => device === path));
  const all = [...listed, ...unlisted.map((path) => `${path}, a port of the gateway`)];
  const others =
    all.length === 0
      ? "there is no serial port at all"
      : `there is only ${all.join("; ")}, which has to be named`;
  const text = `choosing the port: no board was found, ${others}; ${causes}`;
  const [first] = [...ports.map(({ name }) => name), ...unlisted];
  const mend =
    first === undefined
      ? "bowline doctor"
      : `bowline flash --port ${first}, if the board is there; else bowline doctor`;
  return new BowlineError("FLASH_NO_PORT", text, ExitCode.notFound, mend);
}

function portNeeded(ports: readonly PortInfo[]): BowlineError {
  const list = ports.map((port) => `${port.name} (${describe(port)})`).join("; ");
  const text = `choosing the port: ${ports.length} fit, and there is nobody to ask: ${list}`;
  const mend = ports.map(({ name }) => `bowline flash --port ${name}`).join("\n    or: ");
  return new BowlineError("FLASH_PORT_NEEDED", text, ExitCode.usage, mend);
}

function allBusy(ports: readonly PortInfo[]): BowlineError {
  const list = ports.map(({ name, holder }) => `${name} is held by ${formatHolders(holder ? [holder] : [])}`);
  const text = `choosing the port: ${list.join("; ")}; one program at a time may have it`;
  const mend = `stop that program, or name another port: bowline ports`;
  return new BowlineError("SERIAL_BUSY", text, ExitCode.busy, mend);
}
